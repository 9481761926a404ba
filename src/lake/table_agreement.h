/// \file
/// Whether the tables of a pipeline tell the same story. Every commit moves the progress in all of them together, so a
/// table that holds less was restored, taken out of the pipeline for a while, or is new in it: rows are missing there,
/// and going on would hide that (exactly-once.md rule 8).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/progress.h"
#include "lake/pipeline_state.h"
#include "lake/table_identifier.h"

namespace weir::lake {

/// What one table holds of a pipeline; empty when it holds nothing.
struct TableProgress {
  TableIdentifier table;
  Progress progress;
};

/// The progress of the table that is furthest. Errors: position_lost when two tables each hold what the other lacks.
Result<Progress> furthest_progress(std::string_view pipeline, std::span<const TableProgress> tables);

/// The progress that all tables hold. Errors: table_changed, naming the first table that holds less, what it lacks and
/// how to go on; those of furthest_progress().
Result<Progress> agreed_progress(std::string_view pipeline, std::span<const TableProgress> tables);

/// What a pipeline goes on at once tables have joined.
struct Joined {
  Progress progress;
  std::vector<ProgressDecision> decisions;
};

/// Decides that those of `tables` that `joining` names go on at the progress of the others; `at_ms` is wall time. Pure.
/// Errors: not_found for a name that is none of `tables`; invalid_argument for a missing reason, no name, or a table
/// that lacks nothing; those of agreed_progress() when another table lacks something too.
Result<Joined> join_tables(std::string_view pipeline, std::span<const TableProgress> tables,
                           std::span<const TableIdentifier> joining, const std::string& reason, int64_t at_ms);

}  // namespace weir::lake

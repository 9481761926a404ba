/// \file
/// Whether the tables that a release before version 2 of the property wrote agree on progress: it moved the progress in
/// all of them together, so a table that holds less was restored, taken out of the pipeline for a while, or is new in
/// it. Rows are missing there, and going on would hide that (exactly-once.md rule 8).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/progress.h"
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

/// A table that lacks what lies below `ahead`: what it lacks at most, and how to go on.
Error table_behind(std::string_view pipeline, const TableProgress& behind, const Progress& ahead);

}  // namespace weir::lake

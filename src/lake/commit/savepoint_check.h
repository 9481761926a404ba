/// \file
/// Whether a pipeline may go on from a savepoint: no row may land twice, and none may be left out, without anybody
/// knowing (exactly-once.md rule 8).
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "event/progress.h"
#include "event/stored_object.h"
#include "lake/commit/pipeline_tables.h"

namespace weir::lake {

/// A savepoint that a pipeline is to go on from.
struct SavepointOverride {
  std::string place;     ///< URI of its folder, for the record
  std::string pipeline;  ///< that it was taken of
  Progress progress;
  std::optional<StoredObject> state;  ///< a copy of its checkpoint in the pipeline's own store; nothing without one
  std::string reason;
};

/// Fine when the tables hold nothing of the pipeline yet, or exactly what the savepoint covers. `tables`: the lead's
/// progress. Identities are compared where both know them. Errors: position_lost, naming what would land twice or be
/// left out, partition by partition, and the ways on. Pure.
Result<void> check_savepoint(const Progress& tables, const Progress& savepoint);

/// The same for the tables as they are. Another name does not make them other tables. Errors: besides, table_changed
/// when one of them is also written by the pipeline that the savepoint was taken of, and that is not this one.
Result<void> check_savepoint(const PipelineTables& all, const SavepointOverride& wanted);

}  // namespace weir::lake

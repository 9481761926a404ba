/// \file
/// Whether the history of a table's main branch still holds what a pipeline committed: rolled back, or merely expired?
#pragma once

#include <cstdint>
#include <string_view>

#include "iceberg/table_metadata.h"
#include "lake/pipeline_state.h"

namespace weir::lake {

/// Where a snapshot stands to main.
enum class Ancestry : uint8_t {
  ancestor,  ///< in main's history, or its head
  expired,   ///< not there any more, and old enough to have been expired: main builds on it for all that can be known
  elsewhere  ///< no ancestor of main: main was rolled back behind it, or it never was on main
};

/// `sequence_number` is the snapshot's, 0 when it is not known. A snapshot that the table still lists, or that is
/// younger than the oldest ancestor of main that is left, was not expired.
Ancestry ancestry_of(const iceberg::TableMetadata& table, int64_t snapshot_id, int64_t sequence_number);

/// True when main's history and what the table remembers of `pipeline` tell different stories: a rollback, or a
/// property put back by hand. The newest snapshot of the pipeline must be the one that the property names; none may be
/// missing unless expiry was here.
bool is_rolled_back(const iceberg::TableMetadata& table, const PipelineState& state, std::string_view pipeline);

}  // namespace weir::lake

/// \file
/// What the parts of PipelineCommitter share. Internal.
#pragma once

#include <string>
#include <vector>

#include "lake/commit/pipeline_committer.h"

namespace weir::lake {

inline constexpr int kAttemptsMax = 8;  ///< against foreign commits that win each time; then the caller waits

/// What is kept of one table between commits.
struct PipelineCommitter::TableState {
  std::string uuid;       ///< of the table that open() saw
  int32_t schema_id = 0;  ///< its current schema then
  SnapshotWriter writer;
};

/// The lead and some other tables as they are at one moment.
struct PipelineCommitter::Look {
  std::vector<FoundTable> tables;  ///< in the order asked for, the lead first
  LeadRecord record;

  const LoadedTable& lead() const { return *tables.front().loaded; }
};

/// Changes that are sent to the catalog, again when it does not answer.
struct PipelineCommitter::Request {
  std::string of;   ///< what it was made from: the epoch and the bases
  std::string key;  ///< names these very changes to the catalog
  std::vector<TableChange> changes;
};

}  // namespace weir::lake

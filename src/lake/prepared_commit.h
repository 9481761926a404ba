/// \file
/// The durable intent of one epoch: everything that decides its outcome, fixed before the catalog is first asked, so
/// that a retry, after a crash too, sends the same request. docs/formats/intent.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/progress.h"
#include "iceberg/manifest.h"
#include "lake/pipeline_state.h"
#include "lake/table_identifier.h"

namespace weir::lake {

/// One table's part.
struct PreparedTable {
  std::string sink;  ///< name in the pipeline file
  TableIdentifier table;
  std::string table_uuid;
  std::optional<int64_t> parent;  ///< exact parent; nothing for the first snapshot
  int32_t schema_id = -1;         ///< the table's current schema when the files were written; -1 when not known
  std::string before_key;   ///< commit key that the table must hold when the commit is tried; empty before the first
  int64_t snapshot_id = 0;  ///< chosen before the first attempt; 0: the epoch has progress for this table but no rows
  std::vector<iceberg::ManifestFile> manifests;  ///< of the added files; their sequence numbers are inherited
  int64_t rows = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  bool is_dead_letter = false;
};

struct PreparedCommit {
  std::string pipeline;
  int64_t fence_epoch = 0;
  std::string commit_key;  ///< idempotency key: a UUID, version 7
  Progress after;          ///< what every table holds once it is applied
  Counts counts;           ///< for the snapshots' summaries
  std::vector<PreparedTable> tables;

  std::string to_bytes() const;
  /// Errors: corrupt; unsupported for a newer version.
  static Result<PreparedCommit> from_bytes(std::string_view bytes);
};

}  // namespace weir::lake

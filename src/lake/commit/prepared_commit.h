/// \file
/// Prepared(N): everything that decides an epoch's outcome, fixed before the catalog is first asked, so that a retry,
/// by another process too, sends the same change. docs/formats/prepared.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/outbox.h"
#include "event/progress.h"
#include "event/stored_object.h"
#include "lake/commit/lead_record.h"
#include "lake/commit/table_edit.h"
#include "lake/table_identifier.h"

namespace weir::lake {

/// A table that a pipeline writes.
struct TargetTable {
  std::string sink;  ///< name in the pipeline file
  TableIdentifier table;
  bool is_dead_letter = false;
  bool is_lead = false;  ///< the pipeline file says so; with none, the first one leads

  friend bool operator==(const TargetTable&, const TargetTable&) = default;
};

/// One table's part.
struct PreparedTable {
  TargetTable target;
  std::string table_uuid;
  std::optional<int64_t> parent;  ///< main when it was prepared; nothing for the first snapshot
  int32_t schema_id = -1;         ///< the table's current schema then; -1 when not known
  LastCommit before;              ///< the pipeline's last commit of rows to the table
  int64_t snapshot_id = 0;        ///< chosen before the first attempt; 0: the epoch has no rows for this table
  TableEdit edit;
  Counts counts;  ///< for the snapshot's summary, those of earlier epochs without rows included
  int64_t rows = 0;
  int64_t files = 0;
  int64_t bytes = 0;
};

struct PreparedCommit {
  std::string pipeline;
  int64_t fence_epoch = 0;
  std::string commit_key;             ///< idempotency key: a UUID, version 7
  std::string before_key;             ///< commit key that the lead must hold; empty before the first
  Progress moved;                     ///< what the lead's progress of before_key becomes by merge()
  Counts counts;                      ///< of the epoch
  std::vector<PreparedTable> tables;  ///< the lead first, then those that get rows
  bool is_version_1 = false;          ///< read from what a release before stored
  int64_t number = 0;                 ///< of the epoch, if it is decided; 0: read from what a release before stored
  Outbox outbox;
  std::optional<StoredObject> state;  ///< the checkpoint of the epoch's barrier; nothing without stateful steps

  const PreparedTable& lead() const { return tables.front(); }

  /// Version 2.
  std::string to_bytes() const;
  /// Reads versions 1 and 2. Version 1 knows no lead: all tables are there in the order of the file, each with no more
  /// than the key of its last commit, and before_key is empty. Errors: corrupt; unsupported for a newer version.
  static Result<PreparedCommit> from_bytes(std::string_view bytes);
};

}  // namespace weir::lake

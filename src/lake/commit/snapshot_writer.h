/// \file
/// The manifests, manifest lists and snapshots of one table.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "iceberg/manifest/manifest.h"
#include "iceberg/metadata/snapshot.h"
#include "iceberg/metadata/table_metadata.h"
#include "lake/commit/table_edit.h"
#include "storage/object_store.h"

namespace weir::lake {

/// An edit whose manifests are written, and what the files that it adds have together.
struct WrittenEdit {
  TableEdit edit;
  int64_t rows = 0;
  int64_t files = 0;
  int64_t bytes = 0;
};

/// Remembers what it wrote and read, so that a commit reads nothing that this process wrote itself. One thread. It
/// cannot delete. `table` is always the same table, at the version that the commit builds on.
class SnapshotWriter {
 public:
  /// All references outlive it.
  SnapshotWriter(ObjectStore& store, const Clock& clock, RandomSource& random)
      : store_(store), clock_(clock), random_(random) {}

  /// Writes manifests for the files of `parts` (file_part.h) in snapshot `snapshot_id`: one for each partition spec
  /// that they were written with. Empty parts are passed over. Errors: table_changed when the table lacks such a spec;
  /// corrupt.
  Result<WrittenEdit> write_edit(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                 std::span<const std::string> parts);

  /// Writes the manifest list of a child of the table's current snapshot: the manifests that `edit` adds, then what was
  /// there but the files that it removes: manifests with any of those are written anew, and all of their specs are read
  /// to find them. Without any change it is an empty append. Its summary is Iceberg's counters and `extra`. Errors:
  /// table_changed when the table lacks a spec or a file of `edit`.
  Result<iceberg::Snapshot> write_snapshot(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                           const TableEdit& edit, iceberg::StringMap extra);

 private:
  Result<void> count_files(const iceberg::ManifestFile& manifest, iceberg::SummaryCounter& counter);
  Result<std::vector<iceberg::ManifestFile>> current_manifests(const iceberg::TableMetadata& table);

  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  std::string manifest_list_;  ///< the list that `manifests_` are of
  std::vector<iceberg::ManifestFile> manifests_;
  std::map<std::string, iceberg::SummaryCounter> written_;  ///< by manifest: the files of write_edit()
};

}  // namespace weir::lake

/// \file
/// The manifests, manifest lists and snapshots of one table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "iceberg/data_file.h"
#include "iceberg/manifest.h"
#include "iceberg/table_metadata.h"
#include "storage/object_store.h"

namespace weir::lake {

/// Remembers what it wrote and read, so that a commit reads nothing that this process wrote itself. One thread. It
/// cannot delete. `table` is always the same table, at the version that the commit builds on.
class SnapshotWriter {
 public:
  /// All references outlive it.
  SnapshotWriter(ObjectStore& store, const Clock& clock, RandomSource& random)
      : store_(store), clock_(clock), random_(random) {}

  /// Writes manifests that add `files` in snapshot `snapshot_id`: one for each partition spec that they were written
  /// with. Errors: table_changed when the table lacks such a spec.
  Result<std::vector<iceberg::ManifestFile>> write_manifests(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                             const std::vector<iceberg::DataFile>& files);

  /// Writes the manifest list of a child of the table's current snapshot: the manifests `added`, then what was there.
  /// Without any it is an empty append. Its summary is Iceberg's counters and `extra`. Errors: table_changed when the
  /// table lacks a spec of `added`.
  Result<iceberg::Snapshot> write_snapshot(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                           const std::vector<iceberg::ManifestFile>& added, iceberg::StringMap extra);

 private:
  Result<iceberg::StringMap> summary(const iceberg::TableMetadata& table,
                                     const std::vector<iceberg::ManifestFile>& added, iceberg::StringMap extra);
  Result<std::vector<iceberg::DataFile>> files_in(const iceberg::ManifestFile& manifest);
  Result<std::vector<iceberg::ManifestFile>> current_manifests(const iceberg::TableMetadata& table);

  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  std::string manifest_list_;  ///< the list that `manifests_` are of
  std::vector<iceberg::ManifestFile> manifests_;
  std::map<std::string, std::vector<iceberg::DataFile>> written_;  ///< by manifest: those of write_manifests()
};

}  // namespace weir::lake

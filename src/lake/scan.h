/// \file
/// Which files a reader of a snapshot must read.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest/data_file.h"
#include "iceberg/manifest/manifest.h"
#include "lake/catalog/catalog.h"
#include "storage/object_store.h"

namespace weir::lake {

/// The manifests of `snapshot_id` (the current snapshot when absent); empty for a table without snapshots.
/// Errors: not_found for a snapshot that the table does not have.
Result<std::vector<iceberg::ManifestFile>> scan_manifests(const LoadedTable& table, std::optional<int64_t> snapshot_id,
                                                          ObjectStore& store);

/// Hands the live entries of all data manifests of the snapshot to `take`, in the order of the manifest list; of a
/// large table one at a time is in memory. `with_metrics`: with counts and bounds of columns.
/// Errors: unsupported when the snapshot has delete files: Weir does not apply them yet, and would show deleted rows;
/// those of `take`, which end it.
Result<void> visit_files(const LoadedTable& table, std::optional<int64_t> snapshot_id, ObjectStore& store,
                         bool with_metrics, const std::function<Result<void>(iceberg::ManifestEntry&)>& take);

/// All that visit_files() visits, with metrics: 5 to 20 KB a file. Errors: as visit_files().
Result<std::vector<iceberg::ManifestEntry>> scan_files(const LoadedTable& table, std::optional<int64_t> snapshot_id,
                                                       ObjectStore& store);

}  // namespace weir::lake

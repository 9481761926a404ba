/// \file
/// Takes files out of a table's manifests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest/manifest.h"
#include "iceberg/metadata/snapshot.h"
#include "iceberg/metadata/table_metadata.h"
#include "lake/commit/table_edit.h"
#include "storage/object_store.h"

namespace weir::lake {

struct RemovedFiles {
  std::vector<iceberg::ManifestFile> manifests;
  iceberg::SummaryCounter counter;  ///< of what was removed
};

/// Returns `manifests` with those that hold a file which `edit` removes written anew, to the path that `new_path`
/// names: the file's entry has status deleted there and names `snapshot_id`, the other live ones keep their numbers
/// (status existing). Errors: table_changed when a file is not live; those of the store and of manifests that cannot be
/// read.
Result<RemovedFiles> remove_files(std::vector<iceberg::ManifestFile> manifests, const TableEdit& edit,
                                  const iceberg::TableMetadata& table, int64_t snapshot_id, ObjectStore& store,
                                  const std::function<std::string()>& new_path);

}  // namespace weir::lake

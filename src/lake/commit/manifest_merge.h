/// \file
/// Keeps the number of a table's manifests bounded, so that a commit costs the same after ten thousand as after ten.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest/manifest.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/metadata/table_metadata.h"
#include "storage/object_store.h"

namespace weir::lake {

/// This many manifests of one size class are merged into one of the next: every file is rewritten once a class, so a
/// commit's share of the work grows with the logarithm of the table's files.
inline constexpr size_t kMergeWidth = 32;

/// Picks the manifests to merge now, of one spec and size class: kMergeWidth, or from two on as many as have 8 MiB and
/// 20,000 entries together, or none. Those that have half of that are never picked. Specs that are not usable are
/// passed over. Returns indexes, ascending. Pure.
std::vector<size_t> pick_manifests_to_merge(const std::vector<iceberg::ManifestFile>& manifests,
                                            const std::function<bool(int32_t spec_id)>& is_usable_spec);

/// Returns `manifests` with the picked ones replaced by one merged manifest, written to the path that `new_path` names;
/// `manifests` itself when none are picked. Live files keep their snapshot and sequence numbers (status existing);
/// deleted entries are left out. Manifests that cannot be read as they are, or whose spec does not fit the table's
/// schema any more, stay as they are: errors are the object store's only.
Result<std::vector<iceberg::ManifestFile>> merge_manifests(std::vector<iceberg::ManifestFile> manifests,
                                                           const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                           ObjectStore& store,
                                                           const std::function<std::string()>& new_path);

}  // namespace weir::lake

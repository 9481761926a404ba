#include "lake/scan.h"

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {

Result<std::vector<iceberg::ManifestFile>> scan_manifests(const LoadedTable& table, std::optional<int64_t> snapshot_id,
                                                          ObjectStore& store) {
  const iceberg::TableMetadata& metadata = *table.metadata;
  if (!snapshot_id) snapshot_id = metadata.current_snapshot_id;
  if (!snapshot_id) return std::vector<iceberg::ManifestFile>();
  const iceberg::Snapshot* snapshot = metadata.find_snapshot(*snapshot_id);
  if (snapshot == nullptr)
    return Error(ErrorKind::not_found,
                 "table '" + table.table.to_string() + "' has no snapshot " + std::to_string(*snapshot_id));
  Result<std::vector<iceberg::ManifestFile>> manifests = load_manifest_list(store, snapshot->manifest_list);
  if (!manifests.ok()) return std::move(manifests).error().with_context("table '" + table.table.to_string() + "'");
  return manifests;
}

Result<std::vector<iceberg::ManifestEntry>> scan_files(const LoadedTable& table, std::optional<int64_t> snapshot_id,
                                                       ObjectStore& store) {
  WEIR_ASSIGN(const std::vector<iceberg::ManifestFile> manifests, scan_manifests(table, snapshot_id, store));
  std::vector<iceberg::ManifestEntry> live;
  for (const iceberg::ManifestFile& manifest : manifests) {
    if (!manifest.has_live_files()) continue;
    if (manifest.content == iceberg::ManifestContent::deletes) {
      return Error(ErrorKind::unsupported,
                   "table '" + table.table.to_string() +
                       "' has delete files, which this version does not apply when it reads; compact it first");
    }
    Result<std::vector<iceberg::ManifestEntry>> entries = load_manifest(store, manifest);
    if (!entries.ok()) return std::move(entries).error().with_context("table '" + table.table.to_string() + "'");
    for (iceberg::ManifestEntry& entry : *entries) {
      if (entry.is_live()) live.push_back(std::move(entry));
    }
  }
  return live;
}

}  // namespace weir::lake

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

namespace {

Result<void> visit_manifest(const iceberg::ManifestFile& manifest, ObjectStore& store, bool with_metrics,
                            const std::function<Result<void>(iceberg::ManifestEntry&)>& take) {
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = with_metrics}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return {};
    if (entry.is_live()) WEIR_TRY(take(entry));
  }
}

}  // namespace

Result<void> visit_files(const LoadedTable& table, std::optional<int64_t> snapshot_id, ObjectStore& store,
                         bool with_metrics, const std::function<Result<void>(iceberg::ManifestEntry&)>& take) {
  WEIR_ASSIGN(const std::vector<iceberg::ManifestFile> manifests, scan_manifests(table, snapshot_id, store));
  for (const iceberg::ManifestFile& manifest : manifests) {
    if (!manifest.has_live_files()) continue;
    if (manifest.content == iceberg::ManifestContent::deletes) {
      return Error(ErrorKind::unsupported,
                   "table '" + table.table.to_string() +
                       "' has delete files, which this version does not apply when it reads; compact it first");
    }
    Result<void> visited = visit_manifest(manifest, store, with_metrics, take);
    if (!visited.ok()) return std::move(visited).error().with_context("table '" + table.table.to_string() + "'");
  }
  return {};
}

Result<std::vector<iceberg::ManifestEntry>> scan_files(const LoadedTable& table, std::optional<int64_t> snapshot_id,
                                                       ObjectStore& store) {
  std::vector<iceberg::ManifestEntry> live;
  WEIR_TRY(visit_files(table, snapshot_id, store, true, [&](iceberg::ManifestEntry& entry) -> Result<void> {
    live.push_back(std::move(entry));
    return {};
  }));
  return live;
}

}  // namespace weir::lake

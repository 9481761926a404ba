#include "lake/commit/removed_files.h"

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

using Paths = std::set<std::string, std::less<>>;

/// True when a live entry of `manifest` is among `paths`.
Result<bool> holds_any(const iceberg::ManifestFile& manifest, const Paths& paths, ObjectStore& store) {
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = false}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return false;
    if (entry.is_live() && paths.contains(entry.file.path)) return true;
  }
}

/// The manifest without the files of `paths`, which are counted and struck off.
Result<iceberg::WrittenManifest> without(const iceberg::ManifestFile& manifest, const iceberg::ManifestFormat& format,
                                         int64_t snapshot_id, ObjectStore& store, Paths& paths,
                                         iceberg::SummaryCounter& counter) {
  iceberg::ManifestWriter writer(format, iceberg::ManifestContent::data, snapshot_id);
  WEIR_ASSIGN(StoredManifest entries,
              StoredManifest::open(store, manifest, {.partition_fields = &format.partition_fields()}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return std::move(writer).finish();
    if (!entry.is_live()) continue;
    entry.status = iceberg::EntryStatus::existing;
    if (paths.erase(entry.file.path) != 0) {
      entry.status = iceberg::EntryStatus::deleted;
      entry.snapshot_id = snapshot_id;
      counter.remove_file(entry.file);
    }
    WEIR_TRY(writer.add(entry));
  }
}

Result<iceberg::ManifestFormat> format_of(const iceberg::TableMetadata& table, const iceberg::ManifestFile& manifest) {
  const iceberg::StoredSpec* spec = table.find_spec(manifest.spec_id);
  if (spec == nullptr)
    return Error(ErrorKind::table_changed, "the table at '" + table.location + "' has files of a partition spec, " +
                                               std::to_string(manifest.spec_id) + ", that it does not have");
  const iceberg::StoredSchema& schema = table.current_schema();
  return iceberg::ManifestFormat::make(*schema.schema, schema.json, spec->spec);
}

}  // namespace

Result<RemovedFiles> remove_files(std::vector<iceberg::ManifestFile> manifests, const TableEdit& edit,
                                  const iceberg::TableMetadata& table, int64_t snapshot_id, ObjectStore& store,
                                  const std::function<std::string()>& new_path) {
  WEIR_ASSIGN(Paths paths, removed_paths(edit));
  RemovedFiles removed;
  for (iceberg::ManifestFile& manifest : manifests) {
    if (paths.empty() || manifest.content != iceberg::ManifestContent::data || !manifest.has_live_files()) continue;
    WEIR_ASSIGN(const bool is_hit, holds_any(manifest, paths, store));
    if (!is_hit) continue;
    WEIR_ASSIGN(const iceberg::ManifestFormat format, format_of(table, manifest));
    WEIR_ASSIGN(iceberg::WrittenManifest anew, without(manifest, format, snapshot_id, store, paths, removed.counter));
    anew.file.path = new_path();
    WEIR_TRY(store.put(anew.file.path, anew.bytes));
    manifest = std::move(anew.file);
  }
  if (!paths.empty())
    return Error(ErrorKind::table_changed, "the file '" + *paths.begin() +
                                               "', which was to be taken out of the table at '" + table.location +
                                               "', is not there any more");
  removed.manifests = std::move(manifests);
  return removed;
}

}  // namespace weir::lake

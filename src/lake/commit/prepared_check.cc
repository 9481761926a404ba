#include "lake/commit/prepared_check.h"

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

Result<bool> has_size(ObjectStore& store, const std::string& uri, int64_t bytes) {
  const Result<int64_t> size = store.size_of(uri);
  if (!size.ok() && size.error().kind() != ErrorKind::not_found) return size.error();
  return size.ok() && *size == bytes;
}

}  // namespace

Result<bool> can_be_committed(ObjectStore& store, const PreparedTable& table, const iceberg::TableMetadata& now) {
  std::vector<iceberg::ManifestFile> manifests = table.edit.added;
  manifests.insert(manifests.end(), table.edit.delete_positions.begin(), table.edit.delete_positions.end());
  if (now.current_snapshot_id != table.parent) {
    const Result<void> fits = check_edit(store, now, table.edit);
    if (!fits.ok() && fits.error().kind() == ErrorKind::table_changed) return false;
    WEIR_TRY(fits);
  }
  for (const iceberg::ManifestFile& manifest : manifests) {
    if (now.find_spec(manifest.spec_id) == nullptr) return false;
    WEIR_ASSIGN(const bool is_there, has_size(store, manifest.path, manifest.length_bytes));
    if (!is_there) return false;
    WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = false}));
    iceberg::ManifestEntry entry;
    while (true) {
      WEIR_ASSIGN(const bool more, entries.next(entry));
      if (!more) break;
      WEIR_ASSIGN(const bool has_file, has_size(store, entry.file.path, entry.file.size_bytes));
      if (!has_file) return false;
    }
  }
  return true;
}

}  // namespace weir::lake

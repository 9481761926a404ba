#include "lake/commit/table_edit.h"

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

using Paths = std::set<std::string, std::less<>>;

/// Adds the files whose rows the files of `manifest` delete.
Result<void> add_masked(ObjectStore& store, const iceberg::ManifestFile& manifest, Paths& paths) {
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = false}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return {};
    if (entry.file.referenced_data_file) paths.insert(*entry.file.referenced_data_file);
  }
}

/// Takes those out of `wanted` that are live in the table.
Result<void> strike_live(ObjectStore& store, const iceberg::TableMetadata& table, Paths& wanted) {
  const iceberg::Snapshot* current = table.current_snapshot();
  if (current == nullptr) return {};
  WEIR_ASSIGN(const std::vector<iceberg::ManifestFile> manifests, load_manifest_list(store, current->manifest_list));
  for (const iceberg::ManifestFile& manifest : manifests) {
    if (wanted.empty()) return {};
    if (manifest.content != iceberg::ManifestContent::data || !manifest.has_live_files()) continue;
    WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = false}));
    iceberg::ManifestEntry entry;
    while (true) {
      WEIR_ASSIGN(const bool more, entries.next(entry));
      if (!more) break;
      if (entry.is_live()) wanted.erase(entry.file.path);
    }
  }
  return {};
}

}  // namespace

Result<Paths> removed_paths(const TableEdit& edit) {
  Paths paths;
  for (const std::string& manifest : edit.removed) {
    WEIR_ASSIGN(iceberg::ManifestReader entries, iceberg::ManifestReader::open(manifest, {}, {.with_metrics = false}));
    iceberg::ManifestEntry entry;
    while (true) {
      WEIR_ASSIGN(const bool more, entries.next(entry));
      if (!more) break;
      paths.insert(entry.file.path);
    }
  }
  return paths;
}

Result<void> check_edit(ObjectStore& store, const iceberg::TableMetadata& table, const TableEdit& edit) {
  if (edit.removed.empty() && edit.delete_positions.empty()) return {};
  WEIR_ASSIGN(Paths wanted, removed_paths(edit));
  for (const iceberg::ManifestFile& manifest : edit.delete_positions) WEIR_TRY(add_masked(store, manifest, wanted));
  WEIR_TRY(strike_live(store, table, wanted));
  if (wanted.empty()) return {};
  return Error(ErrorKind::table_changed,
               "somebody has rewritten or removed the file '" + *wanted.begin() +
                   (wanted.size() == 1 ? "'" : "' and " + std::to_string(wanted.size() - 1) + " more") +
                   " of the table at '" + table.location + "', whose rows an epoch was to replace or delete");
}

std::string_view operation_of(const TableEdit& edit) {
  if (edit.only_adds()) return "append";
  return edit.added.empty() ? "delete" : "overwrite";
}

}  // namespace weir::lake

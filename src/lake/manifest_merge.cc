#include "lake/manifest_merge.h"

#include <algorithm>
#include <map>

namespace weir::lake {
namespace {

constexpr int64_t kMergedBytesMax = int64_t{8} * 1024 * 1024;  // commit.manifest.target-size-bytes
constexpr int64_t kManifestBytesMax = int64_t{512} * 1024 * 1024;

int64_t live_files(const iceberg::ManifestFile& manifest) {
  return int64_t{manifest.added_files.value_or(1)} + manifest.existing_files.value_or(0);
}

/// 0 for up to 32 files, 1 for up to 1,024, ...
int size_class(const iceberg::ManifestFile& manifest) {
  int level = 0;
  for (int64_t files = live_files(manifest); files > static_cast<int64_t>(kMergeWidth);
       files /= static_cast<int64_t>(kMergeWidth))
    ++level;
  return level;
}

Result<std::vector<iceberg::ManifestEntry>> live_entries(const iceberg::ManifestFile& manifest,
                                                         const iceberg::ManifestFormat& format, ObjectStore& store) {
  WEIR_ASSIGN(const std::string bytes, store.get(manifest.path, kManifestBytesMax));
  iceberg::ReadManifestOptions options;
  options.partition_fields = &format.partition_fields();
  WEIR_ASSIGN(std::vector<iceberg::ManifestEntry> entries, iceberg::read_manifest(bytes, manifest, options));
  std::erase_if(entries, [](const iceberg::ManifestEntry& entry) { return !entry.is_live(); });
  for (iceberg::ManifestEntry& entry : entries) entry.status = iceberg::EntryStatus::existing;
  return entries;
}

}  // namespace

std::vector<size_t> pick_manifests_to_merge(const std::vector<iceberg::ManifestFile>& manifests) {
  std::map<std::pair<int32_t, int>, std::vector<size_t>> classes;
  for (size_t i = 0; i < manifests.size(); ++i) {
    const iceberg::ManifestFile& manifest = manifests[i];
    if (manifest.content != iceberg::ManifestContent::data || manifest.length_bytes >= kMergedBytesMax ||
        !manifest.has_live_files())
      continue;
    std::vector<size_t>& members = classes[{manifest.spec_id, size_class(manifest)}];
    members.push_back(i);
    if (members.size() == kMergeWidth) return members;
  }
  return {};
}

Result<std::vector<iceberg::ManifestFile>> merge_manifests(std::vector<iceberg::ManifestFile> manifests,
                                                           const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                           ObjectStore& store,
                                                           const std::function<std::string()>& new_path) {
  const std::vector<size_t> picked = pick_manifests_to_merge(manifests);
  if (picked.empty()) return manifests;
  const iceberg::StoredSpec* spec = table.find_spec(manifests[picked[0]].spec_id);
  if (spec == nullptr)
    return Error(ErrorKind::corrupt, "a manifest names the partition spec " +
                                         std::to_string(manifests[picked[0]].spec_id) +
                                         ", which the table does not have");
  const iceberg::StoredSchema& schema = table.current_schema();
  WEIR_ASSIGN(const iceberg::ManifestFormat format,
              iceberg::ManifestFormat::make(*schema.schema, schema.json, spec->spec));
  std::vector<iceberg::ManifestEntry> entries;
  for (const size_t i : picked) {
    WEIR_ASSIGN(std::vector<iceberg::ManifestEntry> more, live_entries(manifests[i], format, store));
    std::move(more.begin(), more.end(), std::back_inserter(entries));
  }
  WEIR_ASSIGN(iceberg::WrittenManifest merged,
              iceberg::write_manifest(format, iceberg::ManifestContent::data, snapshot_id, entries));
  merged.file.path = new_path();
  WEIR_TRY(store.put(merged.file.path, merged.bytes));
  std::vector<iceberg::ManifestFile> kept = {std::move(merged.file)};
  for (size_t i = 0; i < manifests.size(); ++i) {
    if (!std::binary_search(picked.begin(), picked.end(), i)) kept.push_back(std::move(manifests[i]));
  }
  return kept;
}

}  // namespace weir::lake

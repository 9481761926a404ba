#include "lake/commit/manifest_merge.h"

#include <algorithm>
#include <map>
#include <optional>

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

/// What the inputs of one merge may have together. Bytes: commit.manifest.target-size-bytes.
constexpr int64_t kMergedBytesMax = int64_t{8} * 1024 * 1024;
constexpr int64_t kMergedEntriesMax = 20'000;

int64_t live_files(const iceberg::ManifestFile& manifest) {
  return int64_t{manifest.added_files.value_or(1)} + manifest.existing_files.value_or(0);
}

int64_t entries_in(const iceberg::ManifestFile& manifest) {
  return live_files(manifest) + manifest.deleted_files.value_or(0);
}

/// One of half the limit stays as it is: several of those would not fit into one.
bool is_large(const iceberg::ManifestFile& manifest) {
  return manifest.length_bytes >= kMergedBytesMax / 2 || entries_in(manifest) >= kMergedEntriesMax / 2;
}

/// 0 for up to 32 files, 1 for up to 1,024, ...
int size_class(const iceberg::ManifestFile& manifest) {
  int level = 0;
  for (int64_t files = live_files(manifest); files > static_cast<int64_t>(kMergeWidth);
       files /= static_cast<int64_t>(kMergeWidth))
    ++level;
  return level;
}

/// Manifests of one spec and size class, and what they have together.
struct Group {
  std::vector<size_t> members;
  int64_t bytes = 0;
  int64_t entries = 0;
};

/// True when nothing is wrong but what stands in the table's files: a commit does without the merge then, as it would
/// without Weir. What the disk or the network refuses is for the caller.
bool is_optional(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::unsupported ||
         error.kind() == ErrorKind::invalid_argument || error.kind() == ErrorKind::limit_exceeded;
}

/// How manifests of the spec are written; nothing when the spec does not fit the table's schema any more, such as
/// after its column was dropped, or is unknown.
std::optional<iceberg::ManifestFormat> format_of(const iceberg::TableMetadata& table, int32_t spec_id) {
  const iceberg::StoredSpec* spec = table.find_spec(spec_id);
  if (spec == nullptr) return std::nullopt;
  const iceberg::StoredSchema& schema = table.current_schema();
  Result<iceberg::ManifestFormat> format = iceberg::ManifestFormat::make(*schema.schema, schema.json, spec->spec);
  return format.ok() ? std::optional(*std::move(format)) : std::nullopt;
}

/// Appends what is live in `manifest` to `merged`, one entry at a time. Errors: the object store's; others say that the
/// manifest cannot be merged, and some of it is in `merged` then.
Result<void> append_live(const iceberg::ManifestFile& manifest, const iceberg::ManifestFormat& format,
                         ObjectStore& store, iceberg::ManifestWriter& merged) {
  // The bound counts what is really there: the list of a foreign writer may say less.
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest,
                                                           {.partition_fields = &format.partition_fields(),
                                                            .entries_max = kMergedEntriesMax - merged.entries()}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return {};
    if (!entry.is_live()) continue;
    entry.status = iceberg::EntryStatus::existing;
    WEIR_TRY(merged.add(entry));
  }
}

/// Merges those of `picked` that can be merged; the others leave `picked`. Errors: the object store's.
Result<iceberg::ManifestWriter> merge_picked(const std::vector<iceberg::ManifestFile>& manifests,
                                             const iceberg::ManifestFormat& format, int64_t snapshot_id,
                                             ObjectStore& store, std::vector<size_t>& picked) {
  while (true) {
    iceberg::ManifestWriter merged(format, iceberg::ManifestContent::data, snapshot_id);
    const auto refused = [&]() -> Result<std::optional<size_t>> {
      for (size_t i = 0; i < picked.size(); ++i) {
        const Result<void> appended = append_live(manifests[picked[i]], format, store, merged);
        if (appended.ok()) continue;
        if (!is_optional(appended.error())) return appended.error();
        return std::optional(i);
      }
      return std::optional<size_t>();
    };
    WEIR_ASSIGN(const std::optional<size_t> one, refused());
    if (!one) return merged;
    picked.erase(picked.begin() + static_cast<std::ptrdiff_t>(*one));  // a part of it is written: begin anew
  }
}

}  // namespace

std::vector<size_t> pick_manifests_to_merge(const std::vector<iceberg::ManifestFile>& manifests,
                                            const std::function<bool(int32_t)>& is_usable_spec) {
  std::map<std::pair<int32_t, int>, Group> groups;
  for (size_t i = 0; i < manifests.size(); ++i) {
    const iceberg::ManifestFile& manifest = manifests[i];
    if (manifest.content != iceberg::ManifestContent::data || !manifest.has_live_files() || is_large(manifest) ||
        !is_usable_spec(manifest.spec_id))
      continue;
    Group& group = groups[{manifest.spec_id, size_class(manifest)}];
    group.bytes += manifest.length_bytes;
    group.entries += entries_in(manifest);
    // Each is less than half of the limit, so that there are two at least; the others wait for the next commit.
    if (group.bytes > kMergedBytesMax || group.entries > kMergedEntriesMax) return group.members;
    group.members.push_back(i);
    if (group.members.size() == kMergeWidth) return group.members;
  }
  return {};
}

Result<std::vector<iceberg::ManifestFile>> merge_manifests(std::vector<iceberg::ManifestFile> manifests,
                                                           const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                           ObjectStore& store,
                                                           const std::function<std::string()>& new_path) {
  std::map<int32_t, std::optional<iceberg::ManifestFormat>> formats;
  const auto format = [&](int32_t spec_id) -> const std::optional<iceberg::ManifestFormat>& {
    const auto known = formats.find(spec_id);
    return known != formats.end() ? known->second : formats[spec_id] = format_of(table, spec_id);
  };
  std::vector<size_t> picked =
      pick_manifests_to_merge(manifests, [&](int32_t spec_id) { return format(spec_id).has_value(); });
  if (picked.empty()) return manifests;
  const iceberg::ManifestFormat& output = *format(manifests[picked[0]].spec_id);
  WEIR_ASSIGN(iceberg::ManifestWriter writer, merge_picked(manifests, output, snapshot_id, store, picked));
  if (picked.size() < 2) return manifests;
  iceberg::WrittenManifest merged = std::move(writer).finish();
  merged.file.path = new_path();
  WEIR_TRY(store.put(merged.file.path, merged.bytes));
  std::vector<iceberg::ManifestFile> kept = {std::move(merged.file)};
  for (size_t i = 0; i < manifests.size(); ++i) {
    if (!std::binary_search(picked.begin(), picked.end(), i)) kept.push_back(std::move(manifests[i]));
  }
  return kept;
}

}  // namespace weir::lake

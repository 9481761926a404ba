#include "lake/commit/snapshot_writer.h"

#include "base/fault.h"
#include "iceberg/metadata_update.h"
#include "lake/commit/manifest_merge.h"
#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

/// The spec that new files or manifests were written with. Errors: table_changed when somebody has removed it since, as
/// foreign clients do with specs that no file uses yet.
Result<const iceberg::StoredSpec*> spec_in(const iceberg::TableMetadata& table, int32_t spec_id) {
  const iceberg::StoredSpec* spec = table.find_spec(spec_id);
  if (spec != nullptr) return spec;
  return Error(ErrorKind::table_changed,
               "the partition spec " + std::to_string(spec_id) + " was removed from the table at '" + table.location +
                   "' while rows were on their way to it in files of that spec. Start the pipeline again: they are "
                   "read again and written with the table's spec of now");
}

}  // namespace

Result<std::vector<iceberg::ManifestFile>> SnapshotWriter::write_manifests(
    const iceberg::TableMetadata& table, int64_t snapshot_id, const std::vector<iceberg::DataFile>& files) {
  written_.clear();
  std::map<int32_t, std::vector<iceberg::ManifestEntry>> by_spec;
  for (const iceberg::DataFile& file : files) {
    iceberg::ManifestEntry entry;
    entry.file = file;
    by_spec[file.spec_id].push_back(std::move(entry));
  }
  const iceberg::StoredSchema& schema = table.current_schema();
  const std::string uuid = Uuid::random(random_).to_string();
  std::vector<iceberg::ManifestFile> manifests;
  for (const auto& [spec_id, entries] : by_spec) {
    WEIR_ASSIGN(const iceberg::StoredSpec* spec, spec_in(table, spec_id));
    WEIR_ASSIGN(const iceberg::ManifestFormat format,
                iceberg::ManifestFormat::make(*schema.schema, schema.json, spec->spec));
    WEIR_ASSIGN(iceberg::WrittenManifest written,
                iceberg::write_manifest(format, iceberg::ManifestContent::data, snapshot_id, entries));
    written.file.path =
        table.location + "/metadata/" + iceberg::manifest_file_name(uuid, static_cast<int32_t>(manifests.size()));
    WEIR_TRY(fault_point("prepare.before_manifest"));
    WEIR_TRY(store_.put(written.file.path, written.bytes));
    std::vector<iceberg::DataFile>& remembered = written_[written.file.path];
    for (const iceberg::ManifestEntry& entry : entries) remembered.push_back(entry.file);
    manifests.push_back(std::move(written.file));
  }
  return manifests;
}

Result<iceberg::Snapshot> SnapshotWriter::write_snapshot(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                         const std::vector<iceberg::ManifestFile>& added,
                                                         iceberg::StringMap extra) {
  const iceberg::SnapshotSlot slot = iceberg::next_snapshot_slot(table, iceberg::kMainBranch, clock_.wall_ms());
  const std::string folder = table.location + "/metadata/";
  const std::string uuid = Uuid::random(random_).to_string();
  for (const iceberg::ManifestFile& manifest : added) WEIR_TRY(spec_in(table, manifest.spec_id));
  int32_t merged_count = 0;
  WEIR_ASSIGN(std::vector<iceberg::ManifestFile> old, current_manifests(table));
  if (!added.empty()) {  // a fence has a list of its own and leaves the manifests alone
    WEIR_ASSIGN(old, merge_manifests(std::move(old), table, snapshot_id, store_,
                                     [&] { return folder + iceberg::manifest_file_name(uuid, ++merged_count); }));
  }
  std::vector<iceberg::ManifestFile> manifests = added;
  manifests.insert(manifests.end(), old.begin(), old.end());
  const iceberg::ManifestListHeader header{
      .snapshot_id = snapshot_id, .parent_snapshot_id = slot.parent_id, .sequence_number = slot.sequence_number};
  WEIR_ASSIGN(const std::string list, iceberg::write_manifest_list(header, manifests));
  iceberg::Snapshot snapshot{.id = snapshot_id,
                             .parent_id = slot.parent_id,
                             .sequence_number = slot.sequence_number,
                             .timestamp_ms = slot.timestamp_ms,
                             .manifest_list = folder + iceberg::manifest_list_file_name(snapshot_id, 1, uuid),
                             .schema_id = slot.schema_id,
                             .operation = "append",
                             .summary = {}};
  WEIR_TRY(fault_point("commit.before_manifest_list"));
  WEIR_TRY(store_.put(snapshot.manifest_list, list));
  WEIR_ASSIGN(snapshot.summary, summary(table, added, std::move(extra)));
  manifest_list_ = snapshot.manifest_list;
  WEIR_ASSIGN(manifests_, iceberg::read_manifest_list(list));
  return snapshot;
}

Result<iceberg::StringMap> SnapshotWriter::summary(const iceberg::TableMetadata& table,
                                                   const std::vector<iceberg::ManifestFile>& added,
                                                   iceberg::StringMap extra) {
  iceberg::SummaryCounter counter;
  for (const iceberg::ManifestFile& manifest : added) {
    WEIR_ASSIGN(const std::vector<iceberg::DataFile> files, files_in(manifest));
    for (const iceberg::DataFile& file : files) counter.add_file(file);
  }
  return counter.finish(table.current_snapshot(), std::move(extra));
}

/// The files that `manifest` adds: remembered when this process wrote it, else read.
Result<std::vector<iceberg::DataFile>> SnapshotWriter::files_in(const iceberg::ManifestFile& manifest) {
  const auto remembered = written_.find(manifest.path);
  if (remembered != written_.end()) return remembered->second;
  WEIR_ASSIGN(const std::vector<iceberg::ManifestEntry> entries, load_manifest(store_, manifest));
  std::vector<iceberg::DataFile> files;
  files.reserve(entries.size());
  for (const iceberg::ManifestEntry& entry : entries) files.push_back(entry.file);
  return files;
}

Result<std::vector<iceberg::ManifestFile>> SnapshotWriter::current_manifests(const iceberg::TableMetadata& table) {
  const iceberg::Snapshot* current = table.current_snapshot();
  if (current == nullptr) return std::vector<iceberg::ManifestFile>();
  if (manifest_list_ != current->manifest_list) {
    WEIR_ASSIGN(manifests_, load_manifest_list(store_, current->manifest_list));
    manifest_list_ = current->manifest_list;
  }
  return manifests_;
}

}  // namespace weir::lake

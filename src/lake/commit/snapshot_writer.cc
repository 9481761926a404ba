#include "lake/commit/snapshot_writer.h"

#include "base/fault.h"
#include "iceberg/metadata/metadata_update.h"
#include "lake/commit/manifest_merge.h"
#include "lake/commit/manifest_store_internal.h"
#include "lake/commit/removed_files.h"
#include "lake/file_part.h"

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

/// A manifest that is being written.
struct OpenManifest {
  iceberg::ManifestWriter writer;
  iceberg::SummaryCounter counter;
};

Result<OpenManifest> open_manifest(const iceberg::TableMetadata& table, int32_t spec_id,
                                   iceberg::ManifestContent content, int64_t snapshot_id) {
  WEIR_ASSIGN(const iceberg::StoredSpec* spec, spec_in(table, spec_id));
  const iceberg::StoredSchema& schema = table.current_schema();
  WEIR_ASSIGN(const iceberg::ManifestFormat format,
              iceberg::ManifestFormat::make(*schema.schema, schema.json, spec->spec));
  return OpenManifest{.writer = {format, content, snapshot_id}, .counter = {}};
}

}  // namespace

Result<WrittenEdit> SnapshotWriter::write_edit(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                               std::span<const std::string> parts) {
  written_.clear();
  std::map<std::pair<iceberg::ManifestContent, int32_t>, OpenManifest> open_manifests;
  const auto open_for = [&](iceberg::ManifestContent content, int32_t spec_id) -> Result<OpenManifest*> {
    const auto found = open_manifests.find({content, spec_id});
    if (found != open_manifests.end()) return &found->second;
    WEIR_ASSIGN(OpenManifest opened, open_manifest(table, spec_id, content, snapshot_id));
    return &open_manifests.emplace(std::pair(content, spec_id), std::move(opened)).first->second;
  };
  WrittenEdit written;
  iceberg::ManifestEntry entry;
  FileChange change;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    WEIR_ASSIGN(FilePartReader files, FilePartReader::open(part));
    while (true) {
      WEIR_ASSIGN(const bool more, files.next(change));
      if (!more) break;
      if (change.action == FileAction::remove) continue;  // packed() has them all
      const bool adds = change.action == FileAction::add;
      WEIR_ASSIGN(
          OpenManifest * open,
          open_for(adds ? iceberg::ManifestContent::data : iceberg::ManifestContent::deletes, change.file.spec_id));
      entry.file = std::move(change.file);
      WEIR_TRY(open->writer.add(entry));
      open->counter.add_file(entry.file);
      written.bytes += entry.file.size_bytes;
      ++written.files;
      if (adds) written.rows += entry.file.record_count;
    }
    if (!files.packed(FileAction::remove).empty()) written.edit.removed.emplace_back(files.packed(FileAction::remove));
    written.edit.delete_keys.insert(written.edit.delete_keys.end(), files.keys().begin(), files.keys().end());
  }
  const std::string uuid = Uuid::random(random_).to_string();
  int32_t count = 0;
  for (auto& [of, open] : open_manifests) {
    iceberg::WrittenManifest manifest = std::move(open.writer).finish();
    manifest.file.path = table.location + "/metadata/" + iceberg::manifest_file_name(uuid, count++);
    WEIR_TRY(fault_point("prepare.before_manifest"));
    WEIR_TRY(store_.put(manifest.file.path, manifest.bytes));
    written_[manifest.file.path] = std::move(open.counter);
    (of.first == iceberg::ManifestContent::data ? written.edit.added : written.edit.delete_positions)
        .push_back(std::move(manifest.file));
  }
  return written;
}

Result<iceberg::Snapshot> SnapshotWriter::write_snapshot(const iceberg::TableMetadata& table, int64_t snapshot_id,
                                                         const TableEdit& edit, iceberg::StringMap extra) {
  const iceberg::SnapshotSlot slot = iceberg::next_snapshot_slot(table, iceberg::kMainBranch, clock_.wall_ms());
  const std::string folder = table.location + "/metadata/";
  const std::string uuid = Uuid::random(random_).to_string();
  std::vector<iceberg::ManifestFile> manifests = edit.added;
  manifests.insert(manifests.end(), edit.delete_positions.begin(), edit.delete_positions.end());
  iceberg::SummaryCounter counter;
  for (const iceberg::ManifestFile& manifest : manifests) {
    WEIR_TRY(spec_in(table, manifest.spec_id));
    WEIR_TRY(count_files(manifest, counter));
  }
  int32_t made_count = 0;
  const auto new_path = [&] { return folder + iceberg::manifest_file_name(uuid, ++made_count); };
  WEIR_ASSIGN(std::vector<iceberg::ManifestFile> old, current_manifests(table));
  if (!edit.removed.empty()) {
    WEIR_ASSIGN(RemovedFiles removed, remove_files(std::move(old), edit, table, snapshot_id, store_, new_path));
    old = std::move(removed.manifests);
    counter.merge(removed.counter);
  }
  if (!edit.added.empty()) {  // a fence has a list of its own and leaves the manifests alone
    WEIR_ASSIGN(old, merge_manifests(std::move(old), table, snapshot_id, store_, new_path));
  }
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
                             .operation = std::string(operation_of(edit)),
                             .summary = counter.finish(table.current_snapshot(), std::move(extra))};
  WEIR_TRY(fault_point("commit.before_manifest_list"));
  WEIR_TRY(store_.put(snapshot.manifest_list, list));
  manifest_list_ = snapshot.manifest_list;
  WEIR_ASSIGN(manifests_, iceberg::read_manifest_list(list));
  return snapshot;
}

/// Counts the files that `manifest` adds: remembered when this process wrote it, else read.
Result<void> SnapshotWriter::count_files(const iceberg::ManifestFile& manifest, iceberg::SummaryCounter& counter) {
  const auto remembered = written_.find(manifest.path);
  if (remembered != written_.end()) {
    counter.merge(remembered->second);
    return {};
  }
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store_, manifest, {.with_metrics = false}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return {};
    counter.add_file(entry.file);
  }
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

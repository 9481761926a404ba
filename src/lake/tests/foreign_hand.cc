#include "lake/tests/foreign_hand.h"

#include <algorithm>

#include "base/check.h"
#include "lake/commit/manifest_store_internal.h"
#include "lake/scan.h"

namespace weir::lake {
namespace {

template <typename T>
T must(Result<T> result) {
  WEIR_CHECK(result.ok());
  return std::move(result).value();
}

std::shared_ptr<const iceberg::StoredSnapshot> stored(iceberg::Snapshot snapshot) {
  std::string json = iceberg::snapshot_to_json(snapshot);
  return std::make_shared<const iceberg::StoredSnapshot>(iceberg::StoredSnapshot{std::move(snapshot), std::move(json)});
}

/// All snapshots go but those that a ref names.
void keep_only_heads(iceberg::TableMetadata& table, bool empties_parents) {
  if (!table.current_snapshot_id) return;
  std::vector<std::shared_ptr<const iceberg::StoredSnapshot>> kept;
  for (const auto& one : table.snapshots) {
    iceberg::Snapshot head = one->snapshot;
    const bool is_held = std::any_of(table.refs.begin(), table.refs.end(),
                                     [&](const auto& ref) { return ref.second.snapshot_id == head.id; });
    if (!is_held) continue;
    if (empties_parents) head.parent_id.reset();
    kept.push_back(stored(std::move(head)));
  }
  table.snapshots = std::move(kept);
  table.snapshot_log = {{.timestamp_ms = table.last_updated_ms, .snapshot_id = *table.current_snapshot_id}};
}

}  // namespace

std::vector<iceberg::ManifestFile> ForeignHand::add_rows(const LoadedTable& table, int64_t snapshot_id) {
  SnapshotWriter writer(store_, clock_, random_);
  const std::string part = write_(table, 3);
  return must(writer.write_edit(*table.metadata, snapshot_id, {&part, 1})).edit.added;
}

void ForeignHand::commit(const TableIdentifier& table, const char* operation,
                         std::vector<iceberg::ManifestFile> manifests, int64_t snapshot_id) {
  const LoadedTable now = catalog_.whole(table);
  const iceberg::SnapshotSlot slot = iceberg::next_snapshot_slot(*now.metadata, iceberg::kMainBranch, clock_.wall_ms());
  const std::string list = must(iceberg::write_manifest_list(
      {.snapshot_id = snapshot_id, .parent_snapshot_id = slot.parent_id, .sequence_number = slot.sequence_number},
      manifests));
  iceberg::Snapshot snapshot{
      .id = snapshot_id,
      .parent_id = slot.parent_id,
      .sequence_number = slot.sequence_number,
      .timestamp_ms = slot.timestamp_ms,
      .manifest_list = now.metadata->location + "/metadata/" +
                       iceberg::manifest_list_file_name(snapshot_id, 1, Uuid::random(random_).to_string()),
      .schema_id = slot.schema_id,
      .operation = operation};
  WEIR_CHECK(store_.put(snapshot.manifest_list, list).ok());
  const TableChange change{.base = now,
                           .requirements = {},
                           .updates = {iceberg::AddSnapshot{std::move(snapshot)},
                                       iceberg::ref_to(*now.metadata, iceberg::kMainBranch, snapshot_id)}};
  WEIR_CHECK(*catalog_.commit({&change, 1}, "") == CommitOutcome::applied);
}

void ForeignHand::append(const TableIdentifier& table) {
  const LoadedTable now = catalog_.whole(table);
  const int64_t id = iceberg::new_snapshot_id(*now.metadata, random_);
  std::vector<iceberg::ManifestFile> manifests = add_rows(now, id);
  for (iceberg::ManifestFile& old : must(scan_manifests(now, std::nullopt, store_)))
    manifests.push_back(std::move(old));
  commit(table, "append", std::move(manifests), id);
}

void ForeignHand::overwrite(const TableIdentifier& table) {
  const LoadedTable now = catalog_.whole(table);
  const int64_t id = iceberg::new_snapshot_id(*now.metadata, random_);
  commit(table, "overwrite", add_rows(now, id), id);
}

void ForeignHand::remove_rows(const TableIdentifier& table) {
  commit(table, "delete", {}, iceberg::new_snapshot_id(*catalog_.whole(table).metadata, random_));
}

void ForeignHand::compact(const TableIdentifier& table) {
  const LoadedTable now = catalog_.whole(table);
  const int64_t id = iceberg::new_snapshot_id(*now.metadata, random_);
  std::vector<iceberg::ManifestEntry> entries = must(scan_files(now, std::nullopt, store_));
  if (entries.empty()) return;
  for (iceberg::ManifestEntry& entry : entries) entry.status = iceberg::EntryStatus::existing;
  const iceberg::StoredSchema& schema = now.metadata->current_schema();
  const auto format = must(iceberg::ManifestFormat::make(*schema.schema, schema.json, now.metadata->default_spec()));
  iceberg::WrittenManifest written = must(iceberg::write_manifest(format, iceberg::ManifestContent::data, id, entries));
  written.file.path =
      now.metadata->location + "/metadata/" + iceberg::manifest_file_name(Uuid::random(random_).to_string(), 0);
  WEIR_CHECK(store_.put(written.file.path, written.bytes).ok());
  commit(table, "replace", {written.file}, id);
}

void ForeignHand::expire_as_java(const TableIdentifier& table) {
  catalog_.edit(table, [](iceberg::TableMetadata& next) { keep_only_heads(next, false); });
}

void ForeignHand::expire_as_pyiceberg(const TableIdentifier& table) {
  catalog_.edit(table, [](iceberg::TableMetadata& next) { keep_only_heads(next, true); });
}

void ForeignHand::roll_back(const TableIdentifier& table) {
  catalog_.edit(table, [](iceberg::TableMetadata& next) {
    const iceberg::Snapshot* head = next.current_snapshot();
    if (head == nullptr) return;
    next.current_snapshot_id = head->parent_id;
    if (head->parent_id)
      next.refs["main"].snapshot_id = *head->parent_id;
    else
      next.refs.erase("main");
  });
}

void ForeignHand::make_ref(const TableIdentifier& table, iceberg::RefKind kind) {
  catalog_.edit(table, [&](iceberg::TableMetadata& next) {
    if (next.current_snapshot_id) next.refs["theirs"] = {.snapshot_id = *next.current_snapshot_id, .kind = kind};
  });
}

void ForeignHand::add_column(const TableIdentifier& table) {
  const LoadedTable now = catalog_.whole(table);
  const Schema& schema = *now.metadata->current_schema().schema;
  std::vector<Field> fields = schema.fields();
  fields.push_back(
      {.id = now.metadata->last_column_id + 1, .name = "theirs", .type = Type::primitive(TypeKind::string)});
  const TableChange change{
      .base = now,
      .requirements = {},
      .updates = {iceberg::AddSchema{std::make_shared<const Schema>(std::move(fields), schema.schema_id() + 1)},
                  iceberg::SetCurrentSchema{}}};
  WEIR_CHECK(*catalog_.commit({&change, 1}, "") == CommitOutcome::applied);
}

void ForeignHand::require_column(const TableIdentifier& table) {
  const LoadedTable now = catalog_.whole(table);
  const Schema& schema = *now.metadata->current_schema().schema;
  std::vector<Field> fields = schema.fields();
  for (Field& field : fields) field.required = true;
  const TableChange change{
      .base = now,
      .requirements = {},
      .updates = {iceberg::AddSchema{std::make_shared<const Schema>(std::move(fields), schema.schema_id() + 1)},
                  iceberg::SetCurrentSchema{}}};
  WEIR_CHECK(*catalog_.commit({&change, 1}, "") == CommitOutcome::applied);
}

void ForeignHand::change_spec(const TableIdentifier& table) {
  catalog_.edit(table, [](iceberg::TableMetadata& next) {
    const int32_t id = next.default_spec_id + 1;
    next.specs.push_back(std::make_shared<const iceberg::StoredSpec>(iceberg::StoredSpec{
        .spec = {.spec_id = id}, .json = R"({"spec-id":)" + std::to_string(id) + R"(,"fields":[]})"}));
    next.default_spec_id = id;
  });
}

void ForeignHand::set_property(const TableIdentifier& table) {
  catalog_.edit(table, [](iceberg::TableMetadata& next) { next.properties["theirs"] = "yes"; });
}

void ForeignHand::make_again(const TableDefinition& definition) {
  catalog_.drop(definition.table);
  WEIR_CHECK(catalog_.create(definition).ok());
}

}  // namespace weir::lake

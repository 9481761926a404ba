#include "iceberg/metadata/metadata_update.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <unordered_set>

#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

constexpr int64_t kPreviousVersionsMax = 100;  // default of write.metadata.previous-versions-max

Error cannot(std::string what) {
  return Error(ErrorKind::invalid_argument, "table metadata: " + std::move(what));
}
Error changed(std::string what) {
  return Error(ErrorKind::conflict, "the table was changed by somebody else: " + std::move(what));
}

std::string text_of(const std::optional<int64_t>& id) {
  return id ? std::to_string(*id) : "none";
}

/// Checks one kind of requirement against an existing table.
struct RequirementCheck {
  const TableMetadata& table;

  Result<void> operator()(const AssertCreate&) const { return Error(ErrorKind::already_exists, "the table exists"); }
  Result<void> operator()(const AssertTableUuid& wanted) const {
    if (wanted.uuid == table.table_uuid) return {};
    return Error(ErrorKind::table_changed,
                 "the table has the uuid " + table.table_uuid + " instead of " + wanted.uuid + ": it was made anew");
  }
  Result<void> operator()(const AssertRefSnapshotId& wanted) const {
    const SnapshotRef* ref = table.find_ref(wanted.ref);
    const std::optional<int64_t> found = ref == nullptr ? std::nullopt : std::optional(ref->snapshot_id);
    if (found == wanted.snapshot_id) return {};
    return changed("'" + wanted.ref + "' is at snapshot " + text_of(found) + ", expected " +
                   text_of(wanted.snapshot_id));
  }
  Result<void> operator()(const AssertCurrentSchemaId& wanted) const {
    return compare("the current schema", table.current_schema_id, wanted.schema_id);
  }
  Result<void> operator()(const AssertLastAssignedFieldId& wanted) const {
    return compare("the last column id", table.last_column_id, wanted.field_id);
  }
  Result<void> operator()(const AssertDefaultSpecId& wanted) const {
    return compare("the partition spec", table.default_spec_id, wanted.spec_id);
  }

  static Result<void> compare(const std::string& what, int32_t found, int32_t wanted) {
    if (found == wanted) return {};
    return changed(what + " is " + std::to_string(found) + ", expected " + std::to_string(wanted));
  }
};

/// Applies one kind of update to the next metadata.
class UpdateStep {
 public:
  UpdateStep(TableMetadata& next, int64_t now_ms) : next_(next), now_ms_(now_ms) {}

  Result<void> operator()(const AddSnapshot& update) {
    const Snapshot& snapshot = update.snapshot;
    if (snapshot.id <= 0) return cannot("a snapshot id must be positive");
    if (next_.find_snapshot(snapshot.id) != nullptr)
      return cannot("snapshot " + std::to_string(snapshot.id) + " exists");
    if (snapshot.sequence_number <= next_.last_sequence_number) {
      return cannot("sequence number " + std::to_string(snapshot.sequence_number) + " is not above " +
                    std::to_string(next_.last_sequence_number));
    }
    if (snapshot.manifest_list.empty()) return cannot("a snapshot needs a manifest list");
    next_.last_sequence_number = snapshot.sequence_number;
    next_.last_updated_ms = std::max(next_.last_updated_ms, snapshot.timestamp_ms);
    next_.snapshots.push_back(
        std::make_shared<const StoredSnapshot>(StoredSnapshot{snapshot, snapshot_to_json(snapshot)}));
    added_.insert(snapshot.id);
    return {};
  }

  Result<void> operator()(const SetSnapshotRef& update) {
    const Snapshot* snapshot = next_.find_snapshot(update.ref.snapshot_id);
    if (snapshot == nullptr)
      return cannot("snapshot " + std::to_string(update.ref.snapshot_id) + " of ref '" + update.name +
                    "' does not exist");
    if (update.name == kMainBranch) {
      if (update.ref.kind != RefKind::branch) return cannot("'main' must be a branch");
      if (next_.current_snapshot_id != snapshot->id) {
        // The log says when a snapshot became current: a new one when it was made, an old one (rollback) now.
        const int64_t at_ms =
            added_.contains(snapshot->id) ? snapshot->timestamp_ms : std::max(now_ms_, next_.last_updated_ms);
        const int64_t last_ms = next_.snapshot_log.empty() ? at_ms : next_.snapshot_log.back().timestamp_ms;
        next_.snapshot_log.push_back({.timestamp_ms = std::max(at_ms, last_ms), .snapshot_id = snapshot->id});
      }
      next_.current_snapshot_id = snapshot->id;
    }
    next_.refs[update.name] = update.ref;
    return {};
  }

  Result<void> operator()(const RemoveSnapshotRef& update) {
    next_.refs.erase(update.name);
    if (update.name == kMainBranch) next_.current_snapshot_id.reset();
    return {};
  }

  Result<void> operator()(const RemoveSnapshots& update) {
    const std::unordered_set<int64_t> gone(update.snapshot_ids.begin(), update.snapshot_ids.end());
    for (const auto& [name, ref] : next_.refs) {
      if (gone.contains(ref.snapshot_id))
        return cannot("snapshot " + std::to_string(ref.snapshot_id) + " is the head of '" + name + "'");
    }
    std::erase_if(next_.snapshots, [&](const auto& stored) { return gone.contains(stored->snapshot.id); });
    // Time travel by the log must not jump over what was removed: it begins after the last removed entry.
    auto& log = next_.snapshot_log;
    const auto last_gone = std::find_if(
        log.rbegin(), log.rend(), [&](const SnapshotLogEntry& entry) { return gone.contains(entry.snapshot_id); });
    log.erase(log.begin(), last_gone.base());
    return {};
  }

  Result<void> operator()(const SetProperties& update) {
    for (const auto& [key, value] : update.updates) {
      if (key == "format-version") return cannot("the format version cannot be changed");
      next_.properties[key] = value;
    }
    return {};
  }

  Result<void> operator()(const RemoveProperties& update) {
    for (const std::string& key : update.keys) next_.properties.erase(key);
    return {};
  }

  Result<void> operator()(const AddSchema& update) {
    const int32_t id = update.schema->schema_id();
    if (next_.find_schema(id) != nullptr) return cannot("schema " + std::to_string(id) + " exists");
    next_.schemas.push_back(std::make_shared<const StoredSchema>(
        StoredSchema{id, update.schema, schema_to_json(*update.schema, update.identifier_field_ids)}));
    next_.last_column_id = std::max({next_.last_column_id, update.last_column_id, update.schema->id_max()});
    return {};
  }

  Result<void> operator()(const SetCurrentSchema& update) {
    const int32_t id = update.schema_id == -1 ? next_.schemas.back()->id : update.schema_id;
    const StoredSchema* stored = next_.find_schema(id);
    if (stored == nullptr || stored->schema == nullptr)
      return cannot("schema " + std::to_string(id) + " does not exist or is not supported");
    next_.current_schema_id = id;
    return {};
  }

 private:
  TableMetadata& next_;
  int64_t now_ms_;
  std::unordered_set<int64_t> added_;
};

void log_previous(const TableMetadata& base, std::string_view base_location, TableMetadata& next) {
  if (base_location.empty()) return;
  next.metadata_log.push_back({.timestamp_ms = base.last_updated_ms, .metadata_file = std::string(base_location)});
  const std::string_view text = next.property("write.metadata.previous-versions-max");
  int64_t kept = kPreviousVersionsMax;
  if (std::from_chars(text.data(), text.data() + text.size(), kept).ec != std::errc()) kept = kPreviousVersionsMax;
  kept = std::max<int64_t>(1, kept);
  const auto size = static_cast<int64_t>(next.metadata_log.size());
  if (size > kept) next.metadata_log.erase(next.metadata_log.begin(), next.metadata_log.begin() + (size - kept));
}

}  // namespace

Result<void> check_requirement(const Requirement& requirement, const TableMetadata* table) {
  if (table != nullptr) return std::visit(RequirementCheck{*table}, requirement);
  if (std::holds_alternative<AssertCreate>(requirement)) return {};
  return Error(ErrorKind::not_found, "the table does not exist");
}

Result<void> check_requirements(std::span<const Requirement> requirements, const TableMetadata* table) {
  for (const Requirement& requirement : requirements) WEIR_TRY(check_requirement(requirement, table));
  return {};
}

Result<TableMetadata> apply_updates(const TableMetadata& base, std::string_view base_location,
                                    std::span<const MetadataUpdate> updates, int64_t now_ms) {
  WEIR_TRY(check_writable(base));
  TableMetadata next = base;
  UpdateStep step(next, now_ms);
  for (const MetadataUpdate& update : updates) WEIR_TRY(std::visit(step, update));
  next.last_updated_ms = std::max(next.last_updated_ms, now_ms);
  log_previous(base, base_location, next);
  return next;
}

SetSnapshotRef ref_to(const TableMetadata& base, std::string_view name, int64_t snapshot_id) {
  const SnapshotRef* present = base.find_ref(name);
  SetSnapshotRef update{.name = std::string(name), .ref = present == nullptr ? SnapshotRef{} : *present};
  update.ref.snapshot_id = snapshot_id;
  return update;
}

SnapshotSlot next_snapshot_slot(const TableMetadata& base, std::string_view branch, int64_t now_ms) {
  const SnapshotRef* ref = base.find_ref(branch);
  return {.parent_id = ref == nullptr ? std::nullopt : std::optional(ref->snapshot_id),
          .sequence_number = base.last_sequence_number + 1,
          .timestamp_ms = std::max(now_ms, base.last_updated_ms),
          .schema_id = base.current_schema_id};
}

int64_t new_snapshot_id(const TableMetadata& base, RandomSource& random) {
  while (true) {
    const auto id = static_cast<int64_t>(random.next_u64() & static_cast<uint64_t>(INT64_MAX));
    if (id != 0 && base.find_snapshot(id) == nullptr) return id;
  }
}

Result<TableMetadata> new_table_metadata(const NewTable& table) {
  if (table.location.empty() || table.location.ends_with('/'))
    return cannot("a table needs a location without a slash at its end");
  if (table.schema == nullptr || table.schema->fields().empty()) return cannot("a table needs columns");
  WEIR_TRY(check_partition_spec(table.spec, *table.schema));
  auto schema = std::make_shared<const Schema>(table.schema->fields(), 0);
  // What we cannot read back must not be written: ids that repeat, ids that are missing.
  WEIR_TRY(schema_from_json(schema_to_json(*schema)));
  PartitionSpec spec = table.spec;
  spec.spec_id = 0;
  TableMetadata metadata;
  metadata.table_uuid = table.table_uuid;
  metadata.location = table.location;
  metadata.last_updated_ms = table.now_ms;
  metadata.last_column_id = schema->id_max();
  metadata.schemas.push_back(std::make_shared<const StoredSchema>(StoredSchema{0, schema, schema_to_json(*schema)}));
  for (const PartitionField& field : spec.fields)
    metadata.last_partition_id = std::max(metadata.last_partition_id, field.field_id);
  metadata.specs.push_back(std::make_shared<const StoredSpec>(StoredSpec{spec, partition_spec_to_json(spec)}));
  metadata.sort_orders.push_back(
      std::make_shared<const StoredSortOrder>(StoredSortOrder{0, true, R"({"order-id":0,"fields":[]})"}));
  metadata.properties = table.properties;
  metadata.properties.erase("format-version");
  return metadata;
}

std::string metadata_file_name(int32_t version, std::string_view uuid) {
  char number[16];
  std::snprintf(number, sizeof number, "%05d", version);
  return std::string(number) + "-" + std::string(uuid) + ".metadata.json";
}

std::optional<int32_t> metadata_file_version(std::string_view location) {
  std::string_view name = location.substr(location.rfind('/') + 1);
  if (!name.ends_with(".metadata.json")) return std::nullopt;
  if (name.starts_with('v')) name.remove_prefix(1);
  int32_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (error != std::errc() || version < 0 || (*end != '-' && *end != '.')) return std::nullopt;
  return version;
}

std::string manifest_list_file_name(int64_t snapshot_id, int32_t attempt, std::string_view uuid) {
  return "snap-" + std::to_string(snapshot_id) + "-" + std::to_string(attempt) + "-" + std::string(uuid) + ".avro";
}

std::string manifest_file_name(std::string_view uuid, int32_t number) {
  return std::string(uuid) + "-m" + std::to_string(number) + ".avro";
}

}  // namespace weir::iceberg

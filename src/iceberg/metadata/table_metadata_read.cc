#include <algorithm>
#include <array>
#include <unordered_set>

#include "iceberg/metadata/json_internal.h"
#include "iceberg/metadata/table_metadata.h"

namespace weir::iceberg {
namespace {

/// Keys that have members of their own; the last two are the forms of version 1. Everything else is kept as it is.
constexpr std::array<std::string_view, 21> kKnownKeys = {"format-version",
                                                         "table-uuid",
                                                         "location",
                                                         "last-sequence-number",
                                                         "last-updated-ms",
                                                         "last-column-id",
                                                         "schemas",
                                                         "current-schema-id",
                                                         "partition-specs",
                                                         "default-spec-id",
                                                         "last-partition-id",
                                                         "sort-orders",
                                                         "default-sort-order-id",
                                                         "properties",
                                                         "current-snapshot-id",
                                                         "snapshots",
                                                         "refs",
                                                         "snapshot-log",
                                                         "metadata-log",
                                                         "schema",
                                                         "partition-spec"};

/// The list under `key`, or an empty one when it is missing.
Result<const Json*> find_list(const Json& json, std::string_view key) {
  static const Json kEmpty = Json::array();
  const Json* list = member(json, key);
  if (list == nullptr) return &kEmpty;
  if (!list->is_array()) return bad_json(key, "must be a list");
  return list;
}

Result<void> add_schema(const Json& json, TableMetadata& metadata) {
  StoredSchema stored;
  WEIR_ASSIGN(const std::optional<int32_t> id, find_int32(json, "schema-id"));
  stored.id = id.value_or(0);
  Result<SchemaPtr> schema = schema_from_tree(json);
  if (schema.ok()) {
    stored.schema = *std::move(schema);
  } else if (schema.error().kind() != ErrorKind::unsupported || stored.id == metadata.current_schema_id) {
    return std::move(schema).error().with_context("schema " + std::to_string(stored.id));
  }
  if (metadata.find_schema(stored.id) != nullptr) return bad_json("schemas", "has an id twice");
  if (id) {
    stored.json = dump(json);
  } else {
    Json with_id = json;
    with_id["schema-id"] = 0;
    stored.json = dump(with_id);
  }
  metadata.schemas.push_back(std::make_shared<const StoredSchema>(std::move(stored)));
  return {};
}

Result<void> read_schemas(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(metadata.last_column_id, get_int32(json, "last-column-id"));
  WEIR_ASSIGN(const Json* schemas, find_list(json, "schemas"));
  const Json* single = member(json, "schema");
  WEIR_ASSIGN(const std::optional<int32_t> current, find_int32(json, "current-schema-id"));
  if (schemas->empty() && single != nullptr) {
    WEIR_ASSIGN(const std::optional<int32_t> id, find_int32(*single, "schema-id"));
    metadata.current_schema_id = id.value_or(0);
    return add_schema(*single, metadata);
  }
  if (!current) return bad_json("current-schema-id", "is missing");
  metadata.current_schema_id = *current;
  for (const Json& schema : *schemas) WEIR_TRY(add_schema(schema, metadata));
  if (metadata.find_schema(metadata.current_schema_id) == nullptr)
    return bad_json("current-schema-id", "is not among the schemas");
  return {};
}

Result<void> add_spec(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(PartitionSpec spec, partition_spec_from_tree(json));
  if (metadata.find_spec(spec.spec_id) != nullptr) return bad_json("partition-specs", "has an id twice");
  // Written anew: fields of version 1 had no ids.
  std::string text = partition_spec_to_json(spec);
  metadata.specs.push_back(std::make_shared<const StoredSpec>(StoredSpec{std::move(spec), std::move(text)}));
  return {};
}

Result<void> read_specs(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(const Json* specs, find_list(json, "partition-specs"));
  const Json* single = member(json, "partition-spec");
  if (specs->empty() && single != nullptr) WEIR_TRY(add_spec(*single, metadata));
  for (const Json& spec : *specs) WEIR_TRY(add_spec(spec, metadata));
  WEIR_ASSIGN(const std::optional<int32_t> default_id, find_int32(json, "default-spec-id"));
  metadata.default_spec_id = default_id.value_or(0);
  if (metadata.find_spec(metadata.default_spec_id) == nullptr)
    return bad_json("default-spec-id", "is not among the partition specs");
  int32_t largest = kPartitionFieldIdMin - 1;
  for (const auto& stored : metadata.specs) {
    for (const PartitionField& field : stored->spec.fields) largest = std::max(largest, field.field_id);
  }
  WEIR_ASSIGN(const std::optional<int32_t> last, find_int32(json, "last-partition-id"));
  metadata.last_partition_id = std::max(last.value_or(largest), largest);
  return {};
}

Result<void> read_sort_orders(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(const Json* orders, find_list(json, "sort-orders"));
  for (const Json& order : *orders) {
    StoredSortOrder stored;
    WEIR_ASSIGN(stored.id, get_int32(order, "order-id"));
    WEIR_ASSIGN(const Json* fields, find_list(order, "fields"));
    stored.is_unsorted = fields->empty();
    stored.json = dump(order);
    metadata.sort_orders.push_back(std::make_shared<const StoredSortOrder>(std::move(stored)));
  }
  WEIR_ASSIGN(const std::optional<int32_t> default_id, find_int32(json, "default-sort-order-id"));
  metadata.default_sort_order_id = default_id.value_or(0);
  if (metadata.sort_orders.empty()) {
    metadata.sort_orders.push_back(
        std::make_shared<const StoredSortOrder>(StoredSortOrder{0, true, R"({"order-id":0,"fields":[]})"}));
  }
  const auto is_default = [&](const auto& stored) { return stored->id == metadata.default_sort_order_id; };
  if (std::none_of(metadata.sort_orders.begin(), metadata.sort_orders.end(), is_default)) {
    return bad_json("default-sort-order-id", "is not among the sort orders");
  }
  return {};
}

Result<void> read_properties(const Json& json, TableMetadata& metadata) {
  const Json* properties = member(json, "properties");
  if (properties == nullptr) return {};
  if (!properties->is_object()) return bad_json("properties", "must be an object");
  for (const auto& [key, value] : properties->items()) {
    if (value.is_null()) continue;
    metadata.properties[key] = value.is_string() ? value.get<std::string>() : dump(value);
  }
  return {};
}

Result<void> read_snapshots(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(const Json* snapshots, find_list(json, "snapshots"));
  std::unordered_set<int64_t> ids;
  metadata.snapshots.reserve(snapshots->size());
  for (const Json& item : *snapshots) {
    WEIR_ASSIGN(Snapshot snapshot, snapshot_from_tree(item));
    if (!ids.insert(snapshot.id).second) return bad_json("snapshots", "has an id twice");
    metadata.snapshots.push_back(
        std::make_shared<const StoredSnapshot>(StoredSnapshot{std::move(snapshot), dump(item)}));
  }
  return {};
}

Result<SnapshotRef> read_ref(const Json& json) {
  SnapshotRef ref;
  WEIR_ASSIGN(ref.snapshot_id, get_int64(json, "snapshot-id"));
  WEIR_ASSIGN(const std::string type, get_string(json, "type"));
  if (type != "branch" && type != "tag") return bad_json("type", "of a ref must be branch or tag");
  ref.kind = type == "branch" ? RefKind::branch : RefKind::tag;
  WEIR_ASSIGN(ref.min_snapshots_to_keep, find_int32(json, "min-snapshots-to-keep"));
  WEIR_ASSIGN(ref.max_snapshot_age_ms, find_int64(json, "max-snapshot-age-ms"));
  WEIR_ASSIGN(ref.max_ref_age_ms, find_int64(json, "max-ref-age-ms"));
  return ref;
}

Result<void> read_refs(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(metadata.current_snapshot_id, find_int64(json, "current-snapshot-id"));
  if (metadata.current_snapshot_id == -1) metadata.current_snapshot_id.reset();
  const Json* refs = member(json, "refs");
  if (refs != nullptr && !refs->is_object()) return bad_json("refs", "must be an object");
  if (refs != nullptr) {
    for (const auto& [name, item] : refs->items()) {
      WEIR_ASSIGN(metadata.refs[name], read_ref(item));
      if (metadata.find_snapshot(metadata.refs[name].snapshot_id) == nullptr)
        return bad_json("refs", "names a snapshot that is not there");
    }
  }
  const SnapshotRef* main = metadata.find_ref(kMainBranch);
  if (main == nullptr && metadata.current_snapshot_id) {
    metadata.refs[std::string(kMainBranch)] = SnapshotRef{.snapshot_id = *metadata.current_snapshot_id};
  } else if (main != nullptr && !metadata.current_snapshot_id) {
    metadata.current_snapshot_id = main->snapshot_id;
  } else if (main != nullptr && main->snapshot_id != *metadata.current_snapshot_id) {
    return bad_json("current-snapshot-id", "is not the head of the main branch");
  }
  if (metadata.current_snapshot_id && metadata.current_snapshot() == nullptr) {
    return bad_json("current-snapshot-id", "is not among the snapshots");
  }
  return {};
}

Result<void> read_logs(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(const Json* snapshot_log, find_list(json, "snapshot-log"));
  metadata.snapshot_log.reserve(snapshot_log->size());
  for (const Json& item : *snapshot_log) {
    SnapshotLogEntry& entry = metadata.snapshot_log.emplace_back();
    WEIR_ASSIGN(entry.timestamp_ms, get_int64(item, "timestamp-ms"));
    WEIR_ASSIGN(entry.snapshot_id, get_int64(item, "snapshot-id"));
  }
  WEIR_ASSIGN(const Json* metadata_log, find_list(json, "metadata-log"));
  for (const Json& item : *metadata_log) {
    MetadataLogEntry& entry = metadata.metadata_log.emplace_back();
    WEIR_ASSIGN(entry.timestamp_ms, get_int64(item, "timestamp-ms"));
    WEIR_ASSIGN(entry.metadata_file, get_string(item, "metadata-file"));
  }
  return {};
}

Result<void> read_numbers(const Json& json, TableMetadata& metadata) {
  WEIR_ASSIGN(metadata.format_version, get_int32(json, "format-version"));
  if (metadata.format_version < 1 || metadata.format_version > 3) {
    return Error(ErrorKind::unsupported, "the table has Iceberg format version " +
                                             std::to_string(metadata.format_version) +
                                             "; this version of Weir knows 1 to 3");
  }
  const bool is_v1 = metadata.format_version == 1;
  WEIR_ASSIGN(std::optional<std::string> uuid, find_string(json, "table-uuid"));
  if (!uuid && !is_v1) return bad_json("table-uuid", "is missing");
  metadata.table_uuid = uuid.value_or("");
  WEIR_ASSIGN(metadata.location, get_string(json, "location"));
  WEIR_ASSIGN(const std::optional<int64_t> sequence, find_int64(json, "last-sequence-number"));
  if (!sequence && !is_v1) return bad_json("last-sequence-number", "is missing");
  metadata.last_sequence_number = sequence.value_or(0);
  WEIR_ASSIGN(metadata.last_updated_ms, get_int64(json, "last-updated-ms"));
  return {};
}

Result<TableMetadata> read_document(const Json& json) {
  if (!json.is_object()) return Error(ErrorKind::corrupt, "not a JSON object");
  TableMetadata metadata;
  WEIR_TRY(read_numbers(json, metadata));
  WEIR_TRY(read_schemas(json, metadata));
  WEIR_TRY(read_specs(json, metadata));
  WEIR_TRY(read_sort_orders(json, metadata));
  WEIR_TRY(read_properties(json, metadata));
  WEIR_TRY(read_snapshots(json, metadata));
  WEIR_TRY(read_refs(json, metadata));
  WEIR_TRY(read_logs(json, metadata));
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKnownKeys.begin(), kKnownKeys.end(), key) == kKnownKeys.end())
      metadata.other.emplace_back(key, dump(value));
  }
  return metadata;
}

}  // namespace

Result<TableMetadata> table_metadata_from_json(std::string_view text) {
  Result<Json> json = parse_json(text);
  if (!json.ok()) return std::move(json).error().with_context("table metadata");
  Result<TableMetadata> metadata = read_document(*json);
  if (!metadata.ok()) return std::move(metadata).error().with_context("table metadata");
  return metadata;
}

}  // namespace weir::iceberg

#include "iceberg/metadata/metadata_update_json.h"

#include <algorithm>

#include "iceberg/metadata/json_internal.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

/// Fragments that are text already are parsed again: requests are small.
Json tree_of(const std::string& json) {
  return Json::parse(json, nullptr, false);
}

struct RequirementTree {
  Json operator()(const AssertCreate&) const { return {{"type", "assert-create"}}; }
  Json operator()(const AssertTableUuid& item) const { return {{"type", "assert-table-uuid"}, {"uuid", item.uuid}}; }
  Json operator()(const AssertRefSnapshotId& item) const {
    Json json = {{"type", "assert-ref-snapshot-id"}, {"ref", item.ref}};
    json["snapshot-id"] = item.snapshot_id ? Json(*item.snapshot_id) : Json();
    return json;
  }
  Json operator()(const AssertCurrentSchemaId& item) const {
    return {{"type", "assert-current-schema-id"}, {"current-schema-id", item.schema_id}};
  }
  Json operator()(const AssertLastAssignedFieldId& item) const {
    return {{"type", "assert-last-assigned-field-id"}, {"last-assigned-field-id", item.field_id}};
  }
  Json operator()(const AssertDefaultSpecId& item) const {
    return {{"type", "assert-default-spec-id"}, {"default-spec-id", item.spec_id}};
  }
};

struct UpdateTree {
  Json operator()(const AddSnapshot& item) const {
    return {{"action", "add-snapshot"}, {"snapshot", tree_of(snapshot_to_json(item.snapshot))}};
  }
  Json operator()(const SetSnapshotRef& item) const {
    Json json = {{"action", "set-snapshot-ref"},
                 {"ref-name", item.name},
                 {"type", item.ref.kind == RefKind::branch ? "branch" : "tag"},
                 {"snapshot-id", item.ref.snapshot_id}};
    if (item.ref.min_snapshots_to_keep) json["min-snapshots-to-keep"] = *item.ref.min_snapshots_to_keep;
    if (item.ref.max_snapshot_age_ms) json["max-snapshot-age-ms"] = *item.ref.max_snapshot_age_ms;
    if (item.ref.max_ref_age_ms) json["max-ref-age-ms"] = *item.ref.max_ref_age_ms;
    return json;
  }
  Json operator()(const RemoveSnapshotRef& item) const {
    return {{"action", "remove-snapshot-ref"}, {"ref-name", item.name}};
  }
  Json operator()(const RemoveSnapshots& item) const {
    return {{"action", "remove-snapshots"}, {"snapshot-ids", item.snapshot_ids}};
  }
  Json operator()(const SetProperties& item) const {
    Json updates = Json::object();
    for (const auto& [key, value] : item.updates) updates[key] = value;
    return {{"action", "set-properties"}, {"updates", std::move(updates)}};
  }
  Json operator()(const RemoveProperties& item) const {
    return {{"action", "remove-properties"}, {"removals", item.keys}};
  }
  Json operator()(const AddSchema& item) const {
    return {{"action", "add-schema"},
            {"schema", tree_of(schema_to_json(*item.schema, item.identifier_field_ids))},
            {"last-column-id", std::max(item.schema->id_max(), item.last_column_id)}};
  }
  Json operator()(const SetCurrentSchema& item) const {
    return {{"action", "set-current-schema"}, {"schema-id", item.schema_id}};
  }
};

Result<std::vector<std::string>> string_list(const Json& json, std::string_view key) {
  const Json* list = member(json, key);
  if (list == nullptr || !list->is_array()) return bad_json(key, "must be a list");
  std::vector<std::string> strings;
  for (const Json& item : *list) {
    if (!item.is_string()) return bad_json(key, "must hold strings");
    strings.push_back(item.get<std::string>());
  }
  return strings;
}

Result<MetadataUpdate> read_set_ref(const Json& json) {
  SetSnapshotRef update;
  WEIR_ASSIGN(update.name, get_string(json, "ref-name"));
  WEIR_ASSIGN(const std::string type, get_string(json, "type"));
  if (type != "branch" && type != "tag") return bad_json("type", "must be branch or tag");
  update.ref.kind = type == "branch" ? RefKind::branch : RefKind::tag;
  WEIR_ASSIGN(update.ref.snapshot_id, get_int64(json, "snapshot-id"));
  WEIR_ASSIGN(update.ref.min_snapshots_to_keep, find_int32(json, "min-snapshots-to-keep"));
  WEIR_ASSIGN(update.ref.max_snapshot_age_ms, find_int64(json, "max-snapshot-age-ms"));
  WEIR_ASSIGN(update.ref.max_ref_age_ms, find_int64(json, "max-ref-age-ms"));
  return MetadataUpdate(std::move(update));
}

Result<MetadataUpdate> read_set_properties(const Json& json) {
  const Json* updates = member(json, "updates");
  if (updates == nullptr || !updates->is_object()) return bad_json("updates", "must be an object");
  SetProperties update;
  for (const auto& [key, value] : updates->items()) {
    if (!value.is_string()) return bad_json("updates", "must hold strings");
    update.updates[key] = value.get<std::string>();
  }
  return MetadataUpdate(std::move(update));
}

Result<MetadataUpdate> read_remove_snapshots(const Json& json) {
  const Json* list = member(json, "snapshot-ids");
  if (list == nullptr || !list->is_array()) return bad_json("snapshot-ids", "must be a list");
  RemoveSnapshots update;
  for (const Json& item : *list) {
    if (!item.is_number_integer()) return bad_json("snapshot-ids", "must hold integers");
    update.snapshot_ids.push_back(item.get<int64_t>());
  }
  return MetadataUpdate(std::move(update));
}

Result<MetadataUpdate> read_update(const Json& json) {
  WEIR_ASSIGN(const std::string action, get_string(json, "action"));
  if (action == "set-snapshot-ref") return read_set_ref(json);
  if (action == "set-properties") return read_set_properties(json);
  if (action == "remove-snapshots") return read_remove_snapshots(json);
  if (action == "add-snapshot") {
    const Json* tree = member(json, "snapshot");
    if (tree == nullptr) return bad_json("snapshot", "is missing");
    WEIR_ASSIGN(Snapshot snapshot, snapshot_from_tree(*tree));
    return MetadataUpdate(AddSnapshot{std::move(snapshot)});
  }
  if (action == "remove-snapshot-ref") {
    WEIR_ASSIGN(std::string name, get_string(json, "ref-name"));
    return MetadataUpdate(RemoveSnapshotRef{std::move(name)});
  }
  if (action == "remove-properties") {
    WEIR_ASSIGN(std::vector<std::string> keys, string_list(json, "removals"));
    return MetadataUpdate(RemoveProperties{std::move(keys)});
  }
  if (action == "add-schema") {
    const Json* tree = member(json, "schema");
    if (tree == nullptr) return bad_json("schema", "is missing");
    WEIR_ASSIGN(SchemaPtr schema, schema_from_tree(*tree));
    AddSchema update{.schema = std::move(schema), .identifier_field_ids = identifier_ids_of_tree(*tree)};
    WEIR_ASSIGN(const std::optional<int32_t> last, find_int32(json, "last-column-id"));
    update.last_column_id = last.value_or(0);
    return MetadataUpdate(std::move(update));
  }
  if (action == "set-current-schema") {
    WEIR_ASSIGN(const int32_t id, get_int32(json, "schema-id"));
    return MetadataUpdate(SetCurrentSchema{id});
  }
  return Error(ErrorKind::unsupported, "the update '" + action.substr(0, 64) + "' is not supported");
}

Result<Requirement> read_requirement(const Json& json) {
  WEIR_ASSIGN(const std::string type, get_string(json, "type"));
  if (type == "assert-create") return Requirement(AssertCreate{});
  if (type == "assert-table-uuid") {
    WEIR_ASSIGN(std::string uuid, get_string(json, "uuid"));
    return Requirement(AssertTableUuid{std::move(uuid)});
  }
  if (type == "assert-ref-snapshot-id") {
    WEIR_ASSIGN(std::string ref, get_string(json, "ref"));
    WEIR_ASSIGN(const std::optional<int64_t> id, find_int64(json, "snapshot-id"));
    return Requirement(AssertRefSnapshotId{std::move(ref), id});
  }
  if (type == "assert-current-schema-id") {
    WEIR_ASSIGN(const int32_t id, get_int32(json, "current-schema-id"));
    return Requirement(AssertCurrentSchemaId{id});
  }
  if (type == "assert-last-assigned-field-id") {
    WEIR_ASSIGN(const int32_t id, get_int32(json, "last-assigned-field-id"));
    return Requirement(AssertLastAssignedFieldId{id});
  }
  if (type == "assert-default-spec-id") {
    WEIR_ASSIGN(const int32_t id, get_int32(json, "default-spec-id"));
    return Requirement(AssertDefaultSpecId{id});
  }
  return Error(ErrorKind::unsupported, "the requirement '" + type.substr(0, 64) + "' is not supported");
}

}  // namespace

std::string requirement_to_json(const Requirement& requirement) {
  return dump(std::visit(RequirementTree(), requirement));
}
std::string update_to_json(const MetadataUpdate& update) {
  return dump(std::visit(UpdateTree(), update));
}

Result<Requirement> requirement_from_json(std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  return read_requirement(json);
}

Result<MetadataUpdate> update_from_json(std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  return read_update(json);
}

std::string commit_request_to_json(std::span<const Requirement> requirements, std::span<const MetadataUpdate> updates) {
  std::string text = "{\"requirements\":[";
  for (size_t i = 0; i < requirements.size(); ++i) text += (i == 0 ? "" : ",") + requirement_to_json(requirements[i]);
  text += "],\"updates\":[";
  for (size_t i = 0; i < updates.size(); ++i) text += (i == 0 ? "" : ",") + update_to_json(updates[i]);
  return text + "]}";
}

}  // namespace weir::iceberg

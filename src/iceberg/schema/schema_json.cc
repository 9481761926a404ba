#include "iceberg/schema/schema_json.h"

#include <set>

#include "iceberg/metadata/json_internal.h"

namespace weir::iceberg {
namespace {

Json field_to_tree(const Field& field) {
  Json json = {
      {"id", field.id}, {"name", field.name}, {"required", field.required}, {"type", type_to_tree(*field.type)}};
  if (!field.doc.empty()) json["doc"] = field.doc;
  return json;
}

/// Reads types; keeps the ids seen, which must be unique in a schema.
class SchemaReader {
 public:
  Result<std::vector<Field>> read_fields(const Json& json, int depth) {
    const Json* list = member(json, "fields");
    if (list == nullptr || !list->is_array()) return bad_json("fields", "must be a list");
    std::vector<Field> fields;
    fields.reserve(list->size());
    for (const Json& item : *list) {
      const Json* required = member(item, "required");
      if (required == nullptr || !required->is_boolean()) return bad_json("required", "must be true or false");
      WEIR_ASSIGN(Field field, read_field(item, "id", "type", depth));
      field.required = required->get<bool>();
      WEIR_ASSIGN(field.name, get_string(item, "name"));
      WEIR_ASSIGN(std::optional<std::string> doc, find_string(item, "doc"));
      field.doc = doc.value_or("");
      fields.push_back(std::move(field));
    }
    return fields;
  }

 private:
  /// An id and the type beside it.
  Result<Field> read_field(const Json& json, std::string_view id_key, std::string_view type_key, int depth) {
    Field field;
    WEIR_ASSIGN(field.id, get_int32(json, id_key));
    if (field.id < 0 || !ids_.insert(field.id).second)
      return bad_json(id_key, std::to_string(field.id) + " is negative or used twice");
    const Json* type = member(json, type_key);
    if (type == nullptr) return bad_json(type_key, "is missing");
    WEIR_ASSIGN(field.type, read_type(*type, depth + 1));
    return field;
  }

  Result<TypePtr> read_type(const Json& json, int depth) {
    if (depth > kTypeDepthMax)
      return Error(ErrorKind::limit_exceeded, "a type is nested deeper than " + std::to_string(kTypeDepthMax));
    if (json.is_string()) return read_primitive(json.get_ref<const std::string&>());
    WEIR_ASSIGN(const std::string kind, get_string(json, "type"));
    if (kind == "struct") {
      WEIR_ASSIGN(std::vector<Field> fields, read_fields(json, depth));
      return Type::structure(std::move(fields));
    }
    if (kind == "list") {
      WEIR_ASSIGN(Field element, read_field(json, "element-id", "element", depth));
      element.required = is_required(json, "element-required");
      return Type::list(std::move(element));
    }
    if (kind == "map") {
      WEIR_ASSIGN(Field key, read_field(json, "key-id", "key", depth));
      WEIR_ASSIGN(Field value, read_field(json, "value-id", "value", depth));
      value.required = is_required(json, "value-required");
      return Type::map(std::move(key), std::move(value));
    }
    return read_primitive(kind);
  }

  static bool is_required(const Json& json, std::string_view key) {
    const Json* found = member(json, key);
    return found != nullptr && found->is_boolean() && found->get<bool>();
  }

  static Result<TypePtr> read_primitive(const std::string& name) {
    Result<TypePtr> type = Type::parse_primitive(name);
    if (!type.ok()) return Error(ErrorKind::unsupported, "the type '" + name.substr(0, 64) + "' is not supported");
    return type;
  }

  std::set<int32_t> ids_;
};

}  // namespace

Json type_to_tree(const Type& type) {
  switch (type.kind()) {
    case TypeKind::structure: return {{"type", "struct"}, {"fields", fields_to_tree(type.fields())}};
    case TypeKind::list:
      return {{"type", "list"},
              {"element-id", type.element().id},
              {"element", type_to_tree(*type.element().type)},
              {"element-required", type.element().required}};
    case TypeKind::map:
      return {{"type", "map"},
              {"key-id", type.key().id},
              {"key", type_to_tree(*type.key().type)},
              {"value-id", type.value().id},
              {"value", type_to_tree(*type.value().type)},
              {"value-required", type.value().required}};
    default: return type.to_string();
  }
}

Json fields_to_tree(const std::vector<Field>& fields) {
  Json json = Json::array();
  for (const Field& field : fields) json.push_back(field_to_tree(field));
  return json;
}

std::string schema_to_json(const Schema& schema, const std::vector<int32_t>& identifier_field_ids) {
  Json json = {{"type", "struct"}, {"schema-id", schema.schema_id()}, {"fields", fields_to_tree(schema.fields())}};
  if (!identifier_field_ids.empty()) json["identifier-field-ids"] = identifier_field_ids;
  return dump(json);
}

std::vector<int32_t> identifier_field_ids(std::string_view schema_json) {
  const Result<Json> json = parse_json(schema_json);
  return json.ok() ? identifier_ids_of_tree(*json) : std::vector<int32_t>();
}

std::vector<int32_t> identifier_ids_of_tree(const Json& schema) {
  std::vector<int32_t> ids;
  const Json* list = member(schema, "identifier-field-ids");
  if (list == nullptr || !list->is_array()) return ids;
  for (const Json& item : *list) {
    if (item.is_number_integer()) ids.push_back(item.get<int32_t>());
  }
  return ids;
}

Result<SchemaPtr> schema_from_json(std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  return schema_from_tree(json);
}

Result<SchemaPtr> schema_from_tree(const Json& json) {
  SchemaReader reader;
  WEIR_ASSIGN(std::vector<Field> fields, reader.read_fields(json, 0));
  WEIR_ASSIGN(const std::optional<int32_t> schema_id, find_int32(json, "schema-id"));
  return std::make_shared<const Schema>(std::move(fields), schema_id.value_or(0));
}

}  // namespace weir::iceberg

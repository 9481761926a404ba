#include "avro/schema.h"

#include <array>
#include <set>

#include <nlohmann/json.hpp>

namespace weir::avro {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Kind kind) {
  static constexpr std::array<std::string_view, 14> kNames = {"null",   "boolean", "int",    "long",  "float",
                                                              "double", "bytes",   "string", "fixed", "enum",
                                                              "record", "array",   "map",    "union"};
  return kNames[static_cast<size_t>(kind)];
}

Json to_tree(const Schema& schema, std::set<std::string>& written);

Json field_to_tree(const RecordField& field, std::set<std::string>& written) {
  Json json = {{"name", field.name}, {"type", to_tree(*field.schema, written)}};
  if (!field.doc.empty()) json["doc"] = field.doc;
  if (field.default_json) json["default"] = Json::parse(*field.default_json, nullptr, false);
  if (field.field_id != kNoId) json["field-id"] = field.field_id;
  if (!field.original_name.empty()) json["iceberg-field-name"] = field.original_name;
  return json;
}

void add_attributes(const Schema& schema, Json& json) {
  if (!schema.logical_type.empty()) json["logicalType"] = schema.logical_type;
  if (schema.logical_type == "decimal") {
    json["precision"] = schema.precision;
    json["scale"] = schema.scale;
  }
  if (schema.adjust_to_utc) json["adjust-to-utc"] = *schema.adjust_to_utc;
  if (schema.element_id != kNoId) json["element-id"] = schema.element_id;
  if (schema.key_id != kNoId) json["key-id"] = schema.key_id;
  if (schema.value_id != kNoId) json["value-id"] = schema.value_id;
}

Json to_tree(const Schema& schema, std::set<std::string>& written) {
  if (schema.kind == Kind::union_of) {
    Json json = Json::array();
    for (const SchemaPtr& branch : schema.children) json.push_back(to_tree(*branch, written));
    return json;
  }
  if (!schema.name.empty() && !written.insert(schema.name).second) return schema.name;
  Json json = {{"type", name_of(schema.kind)}};
  if (!schema.name.empty()) json["name"] = schema.name;
  if (!schema.doc.empty()) json["doc"] = schema.doc;
  if (schema.kind == Kind::fixed) json["size"] = schema.size_bytes;
  if (schema.kind == Kind::enumeration) json["symbols"] = schema.symbols;
  if (schema.kind == Kind::array) json["items"] = to_tree(schema.items(), written);
  if (schema.kind == Kind::map) json["values"] = to_tree(schema.items(), written);
  if (schema.kind == Kind::record) {
    json["fields"] = Json::array();
    for (const RecordField& field : schema.fields) json["fields"].push_back(field_to_tree(field, written));
  }
  add_attributes(schema, json);
  if (json.size() == 1) return name_of(schema.kind);
  return json;
}

}  // namespace

SchemaPtr primitive(Kind kind) {
  WEIR_CHECK(kind <= Kind::string);
  static const auto kShared = [] {
    std::array<SchemaPtr, static_cast<size_t>(Kind::string) + 1> schemas;
    for (size_t i = 0; i < schemas.size(); ++i)
      schemas[i] = std::make_shared<const Schema>(Schema{.kind = static_cast<Kind>(i)});
    return schemas;
  }();
  return kShared[static_cast<size_t>(kind)];
}

SchemaPtr optional(SchemaPtr schema) {
  return std::make_shared<const Schema>(
      Schema{.kind = Kind::union_of, .children = {primitive(Kind::null), std::move(schema)}});
}

const Schema* optional_branch(const Schema& schema) {
  if (schema.kind != Kind::union_of || schema.children.size() != 2) return nullptr;
  if (schema.children[0]->kind == Kind::null) return schema.children[1].get();
  return schema.children[1]->kind == Kind::null ? schema.children[0].get() : nullptr;
}

std::string to_json(const Schema& schema) {
  std::set<std::string> written;
  return to_tree(schema, written).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::avro

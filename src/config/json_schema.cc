#include <map>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "config/binding.h"

namespace weir::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kReferencePattern = "\\$\\{";

/// Text that gets its value from outside of the file: a schema can say no more about it.
Json or_reference(Json schema) {
  return {{"anyOf", {std::move(schema), {{"type", "string"}, {"pattern", kReferencePattern}}}}};
}

class SchemaWriter {
 public:
  explicit SchemaWriter(const DescriptionContext& context) : context_(context) {}

  std::string write(const TypeShape& shape, const std::string& title) {
    Json out;
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    out["title"] = title;
    const Json root = schema_of(shape, FieldDescription{});
    out.update(root);
    out["$defs"] = std::move(definitions_);
    return out.dump(2) + "\n";
  }

 private:
  Json schema_of(const TypeShape& shape, const FieldDescription& field) {
    switch (shape.shape) {
      case Shape::boolean: return or_reference({{"type", "boolean"}});
      case Shape::int32:
      case Shape::int64:
      case Shape::float64: return or_reference(number(shape.shape, field));
      case Shape::text: return text(field);
      case Shape::secret: return {{"type", "string"}, {"pattern", "^(\\$\\{[^}]+\\})+$"}};
      case Shape::duration: return or_reference({{"type", "string"}, {"pattern", kDurationPattern}});
      case Shape::byte_size: return or_reference({{"type", "string"}, {"pattern", kByteSizePattern}});
      case Shape::enumeration: return enumeration(shape);
      case Shape::node: return Json::object();
      case Shape::optional:
      case Shape::located: return schema_of(shape.inner(), field);
      case Shape::list: return list(shape, field);
      case Shape::map: return map(shape, field);
      case Shape::structure: return structure(shape);
    }
    return Json::object();
  }

  static Json number(Shape shape, const FieldDescription& field) {
    Json out{{"type", shape == Shape::float64 ? "number" : "integer"}};
    if (field.min) out["minimum"] = *field.min;
    if (field.max) out["maximum"] = *field.max;
    return out;
  }

  static Json text(const FieldDescription& field) {
    if (!field.allowed.empty()) return allowed(field);
    Json out{{"type", "string"}};
    if (field.not_empty) out["minLength"] = 1;
    if (field.pattern.empty()) return out;
    out["pattern"] = field.pattern;
    if (field.usual.empty()) return or_reference(std::move(out));
    return {{"anyOf", {{{"enum", field.usual}}, std::move(out), {{"type", "string"}, {"pattern", kReferencePattern}}}}};
  }

  static Json enumeration(const TypeShape& shape) {
    Json choices = Json::array();
    for (const EnumName& name : shape.names()) choices.push_back(choice(name.text, name.doc));
    choices.push_back({{"type", "string"}, {"pattern", kReferencePattern}});
    return {{"anyOf", std::move(choices)}};
  }

  static Json allowed(const FieldDescription& field) {
    Json texts = Json::array();
    Json choices = Json::array();
    bool has_doc = false;
    for (const AllowedText& one : field.allowed) {
      texts.push_back(one.text);
      choices.push_back(choice(one.text, one.doc));
      has_doc = has_doc || !one.doc.empty();
    }
    if (!has_doc) return or_reference({{"enum", std::move(texts)}});
    choices.push_back({{"type", "string"}, {"pattern", kReferencePattern}});
    return {{"anyOf", std::move(choices)}};
  }

  static Json choice(std::string_view text, std::string_view doc) {
    Json choice{{"const", text}};
    if (!doc.empty()) choice["description"] = doc;
    return choice;
  }

  Json list(const TypeShape& shape, const FieldDescription& field) {
    Json element = schema_of(shape.inner(), field);
    Json out{{"type", "array"}, {"items", element}};
    if (field.not_empty) out["minItems"] = 1;
    if (field.list_or_one) out = {{"anyOf", {std::move(out), std::move(element)}}};
    return out;
  }

  Json map(const TypeShape& shape, const FieldDescription& field) {
    Json out{{"type", "object"}, {"additionalProperties", schema_of(shape.inner(), field)}};
    if (field.not_empty) out["minProperties"] = 1;
    return out;
  }

  /// A reference to the struct's definition, which is written when the struct is first met: specs may be recursive.
  Json structure(const TypeShape& shape) {
    const auto value = shape.make();
    Description description(context_);
    shape.describe(description, value.get());
    WEIR_CHECK_MSG(!description.name().empty(), "describe() must call structure()");
    const auto [known, is_new] = shapes_.emplace(description.name(), &shape);
    WEIR_CHECK_MSG(known->second == &shape, "two specs are called '" + description.name() + "'");
    if (is_new) {
      definitions_[description.name()] = Json::object();
      Json definition = define(description);
      definitions_[description.name()] = std::move(definition);
    }
    return {{"$ref", "#/$defs/" + description.name()}};
  }

  Json define(const Description& description) {
    Json object{{"type", "object"}};
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldDescription& field : description.fields()) {
      properties[field.key] = property(field);
      if (field.required) required.push_back(field.key);
    }
    object["properties"] = std::move(properties);
    if (!required.empty()) object["required"] = std::move(required);
    object["additionalProperties"] = false;
    Json groups = Json::array();
    for (const Description::Group& group : description.groups()) {
      if (group.at_least_one || group.keys.size() > 1) groups.push_back(constrain(group));
    }
    if (!groups.empty()) object["allOf"] = std::move(groups);
    for (const auto& [key, main] : description.companions()) object["dependentRequired"][key] = {main};
    if (!description.shorthand().empty()) {
      const FieldDescription* field = description.find(description.shorthand());
      WEIR_CHECK_MSG(field != nullptr, description.shorthand());
      object = {{"anyOf", {property(*field), std::move(object)}}};
    }
    if (!description.doc().empty()) object["description"] = description.doc();
    return object;
  }

  Json property(const FieldDescription& field) {
    Json out = schema_of(*field.shape, field);
    if (!field.doc.empty()) out["description"] = field.doc;
    if (Json value = default_of(field); !value.is_null()) out["default"] = std::move(value);
    if (!field.examples.empty()) out["examples"] = field.examples;
    return out;
  }

  static Json default_of(const FieldDescription& field) {
    if (field.required) return nullptr;
    switch (field.shape->shape) {
      case Shape::boolean: return *static_cast<const bool*>(field.member);
      case Shape::int32: return *static_cast<const int32_t*>(field.member);
      case Shape::int64: return *static_cast<const int64_t*>(field.member);
      case Shape::float64: return *static_cast<const double*>(field.member);
      case Shape::duration: return format_duration(*static_cast<const Duration*>(field.member));
      case Shape::byte_size: return format_byte_size(*static_cast<const ByteSize*>(field.member));
      case Shape::text: {
        const auto& value = *static_cast<const std::string*>(field.member);
        return value.empty() ? Json(nullptr) : Json(value);
      }
      case Shape::enumeration:
        for (const EnumName& name : field.shape->names()) {
          if (name.value == field.shape->get_enum(field.member)) return name.text;
        }
        return nullptr;
      default: return nullptr;
    }
  }

  static Json constrain(const Description::Group& group) {
    Json alternatives = Json::array();
    for (const std::string& key : group.keys) alternatives.push_back({{"required", {key}}});
    if (!group.at_most_one) return {{"anyOf", std::move(alternatives)}};
    if (!group.at_least_one) alternatives.push_back({{"not", {{"anyOf", alternatives}}}});
    return {{"oneOf", std::move(alternatives)}};
  }

  const DescriptionContext& context_;
  Json definitions_ = Json::object();
  std::map<std::string, const TypeShape*> shapes_;
};

}  // namespace

std::string json_schema_as(const TypeShape& shape, const std::string& title, const DescriptionContext& context) {
  return SchemaWriter(context).write(shape, title);
}

}  // namespace weir::config

#include <map>

#include <nlohmann/json.hpp>

#include "avro/schema.h"

namespace weir::avro {
namespace {

using Json = nlohmann::ordered_json;

Error bad_schema(std::string what) {
  return Error(ErrorKind::corrupt, "Avro schema: " + std::move(what));
}

/// What is known of a parsed schema beside its node: how large it is with named types written out, and the least bytes
/// of a value.
struct Parsed {
  SchemaPtr schema;
  int64_t nodes = 1;
  bool takes_bytes = true;
  int depth = 1;
};

/// Builds the tree; named types that are complete can be used again.
class SchemaParser {
 public:
  Result<Parsed> parse(const Json& json, const std::string& space, int depth) {
    if (depth > kSchemaDepthMax)
      return Error(ErrorKind::limit_exceeded, "Avro schema: nested deeper than " + std::to_string(kSchemaDepthMax));
    Result<Parsed> parsed = json.is_string()  ? parse_name(json.get_ref<const std::string&>(), space)
                            : json.is_array() ? parse_union(json, space, depth)
                                              : parse_object(json, space, depth);
    if (!parsed.ok()) return parsed;
    if (parsed->nodes > kSchemaNodesMax) return Error(ErrorKind::limit_exceeded, "Avro schema: too large");
    if (parsed->depth + depth > kSchemaDepthMax + 1)
      return Error(ErrorKind::limit_exceeded, "Avro schema: nested too deep");
    return parsed;
  }

 private:
  static bool primitive_kind(std::string_view name, Kind& kind) {
    static constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"null", Kind::null},     {"boolean", Kind::boolean}, {"int", Kind::int32},   {"long", Kind::int64},
        {"float", Kind::float32}, {"double", Kind::float64},  {"bytes", Kind::bytes}, {"string", Kind::string}};
    for (const auto& [text, value] : kKinds) {
      if (text == name) {
        kind = value;
        return true;
      }
    }
    return false;
  }

  Result<Parsed> parse_name(const std::string& name, const std::string& space) {
    Kind kind{};
    if (primitive_kind(name, kind)) return Parsed{primitive(kind), 1, kind != Kind::null, 1};
    auto found = named_.find(space.empty() ? name : space + "." + name);
    if (found == named_.end()) found = named_.find(name);
    if (found == named_.end()) return bad_schema("'" + name.substr(0, 64) + "' is not a type");
    if (found->second.schema != nullptr) return found->second;
    return Error(ErrorKind::unsupported, "Avro schema: '" + name.substr(0, 64) + "' contains itself");
  }

  Result<Parsed> parse_union(const Json& json, const std::string& space, int depth) {
    if (json.empty()) return bad_schema("a union without branches");
    Parsed parsed;
    Schema node{.kind = Kind::union_of};
    for (const Json& branch : json) {
      WEIR_ASSIGN(Parsed child, parse(branch, space, depth + 1));
      add(parsed, child);
      node.children.push_back(std::move(child.schema));
    }
    return finish(std::move(parsed), std::move(node));
  }

  Result<Parsed> parse_object(const Json& json, const std::string& space, int depth) {
    if (!json.is_object() || !json.contains("type"))
      return bad_schema("a type must be a name, a list or an object with 'type'");
    const Json& type = json["type"];
    if (!type.is_string()) return parse(type, space, depth + 1);
    const auto& name = type.get_ref<const std::string&>();
    Kind kind{};
    if (primitive_kind(name, kind)) {
      Schema node{.kind = kind};
      WEIR_TRY(read_attributes(json, node));
      return Parsed{std::make_shared<const Schema>(std::move(node)), 1, kind != Kind::null, 1};
    }
    if (name == "array" || name == "map")
      return parse_repeated(json, name == "map" ? Kind::map : Kind::array, space, depth);
    if (name == "record" || name == "error") return parse_record(json, space, depth);
    if (name == "fixed") return parse_fixed(json, space);
    if (name == "enum") return parse_enum(json, space);
    return parse_name(name, space);
  }

  Result<Parsed> parse_repeated(const Json& json, Kind kind, const std::string& space, int depth) {
    const char* key = kind == Kind::map ? "values" : "items";
    if (!json.contains(key)) return bad_schema(std::string("an array or map without '") + key + "'");
    WEIR_ASSIGN(Parsed child, parse(json[key], space, depth + 1));
    if (kind == Kind::array && !child.takes_bytes)
      return Error(ErrorKind::unsupported, "Avro schema: an array of values that take no bytes");
    Parsed parsed;
    Schema node{.kind = kind};
    add(parsed, child);
    node.children.push_back(std::move(child.schema));
    WEIR_TRY(read_attributes(json, node));
    return finish(std::move(parsed), std::move(node));
  }

  Result<Parsed> parse_record(const Json& json, const std::string& space, int depth) {
    Schema node{.kind = Kind::record};
    WEIR_ASSIGN(std::string inner_space, read_name(json, space, node.name));
    const auto fields = json.find("fields");
    if (fields == json.end() || !fields->is_array()) return bad_schema("record '" + node.name + "' has no 'fields'");
    named_[node.name] = Parsed{nullptr};
    Parsed parsed;
    parsed.takes_bytes = false;
    for (const Json& field : *fields) {
      if (!field.is_object() || !field.contains("type"))
        return bad_schema("a field of '" + node.name + "' has no type");
      WEIR_ASSIGN(Parsed child, parse(field["type"], inner_space, depth + 1));
      add(parsed, child);
      parsed.takes_bytes |= child.takes_bytes;
      RecordField& added = node.fields.emplace_back();
      added.schema = std::move(child.schema);
      WEIR_TRY(read_field(field, added));
    }
    WEIR_TRY(read_attributes(json, node));
    return remember(std::move(parsed), std::move(node));
  }

  Result<Parsed> parse_fixed(const Json& json, const std::string& space) {
    Schema node{.kind = Kind::fixed};
    WEIR_TRY(read_name(json, space, node.name));
    WEIR_TRY(read_int(json, "size", node.size_bytes));
    if (node.size_bytes < 0 || !json.contains("size")) return bad_schema("fixed '" + node.name + "' has no valid size");
    WEIR_TRY(read_attributes(json, node));
    Parsed parsed;
    parsed.takes_bytes = node.size_bytes > 0;
    return remember(std::move(parsed), std::move(node));
  }

  Result<Parsed> parse_enum(const Json& json, const std::string& space) {
    Schema node{.kind = Kind::enumeration};
    WEIR_TRY(read_name(json, space, node.name));
    const auto symbols = json.find("symbols");
    if (symbols == json.end() || !symbols->is_array()) return bad_schema("enum '" + node.name + "' has no 'symbols'");
    for (const Json& symbol : *symbols) {
      if (!symbol.is_string()) return bad_schema("enum '" + node.name + "' has a symbol that is no string");
      node.symbols.push_back(symbol.get<std::string>());
    }
    return remember({}, std::move(node));
  }

  static void add(Parsed& parent, const Parsed& child) {
    parent.nodes = std::min(kSchemaNodesMax + 1, parent.nodes + child.nodes);
    parent.depth = std::max(parent.depth, child.depth + 1);
  }
  static Parsed finish(Parsed parsed, Schema node) {
    parsed.schema = std::make_shared<const Schema>(std::move(node));
    return parsed;
  }
  Parsed remember(Parsed parsed, Schema node) {
    const std::string name = node.name;
    return named_[name] = finish(std::move(parsed), std::move(node));
  }

  /// Reads the full name of a named type; returns the namespace of what is inside.
  Result<std::string> read_name(const Json& json, const std::string& space, std::string& name) {
    const auto found = json.find("name");
    if (found == json.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
      return bad_schema("a named type has no name");
    name = found->get<std::string>();
    std::string own_space = space;
    if (const auto given = json.find("namespace"); given != json.end() && given->is_string())
      own_space = given->get<std::string>();
    if (const size_t dot = name.rfind('.'); dot != std::string::npos) {
      own_space = name.substr(0, dot);
    } else if (!own_space.empty()) {
      name = own_space + "." + name;
    }
    if (named_.contains(name)) return bad_schema("'" + name.substr(0, 64) + "' is defined twice");
    return own_space;
  }

  static Result<void> read_int(const Json& json, const char* key, int32_t& value) {
    const auto found = json.find(key);
    if (found == json.end()) return {};
    if (!found->is_number_integer()) return bad_schema(std::string("'") + key + "' is no integer");
    const auto wide = found->get<int64_t>();
    if (wide < INT32_MIN || wide > INT32_MAX) return bad_schema(std::string("'") + key + "' is out of range");
    value = static_cast<int32_t>(wide);
    return {};
  }
  static void read_text(const Json& json, const char* key, std::string& value) {
    if (const auto found = json.find(key); found != json.end() && found->is_string()) value = found->get<std::string>();
  }

  static Result<void> read_field(const Json& json, RecordField& field) {
    read_text(json, "name", field.name);
    if (field.name.empty()) return bad_schema("a field has no name");
    read_text(json, "doc", field.doc);
    read_text(json, "iceberg-field-name", field.original_name);
    WEIR_TRY(read_int(json, "field-id", field.field_id));
    if (const auto found = json.find("default"); found != json.end()) field.default_json = found->dump();
    return {};
  }

  static Result<void> read_attributes(const Json& json, Schema& node) {
    read_text(json, "doc", node.doc);
    read_text(json, "logicalType", node.logical_type);
    WEIR_TRY(read_int(json, "precision", node.precision));
    WEIR_TRY(read_int(json, "scale", node.scale));
    WEIR_TRY(read_int(json, "element-id", node.element_id));
    WEIR_TRY(read_int(json, "key-id", node.key_id));
    WEIR_TRY(read_int(json, "value-id", node.value_id));
    if (const auto found = json.find("adjust-to-utc"); found != json.end() && found->is_boolean())
      node.adjust_to_utc = found->get<bool>();
    return {};
  }

  std::map<std::string, Parsed> named_;
};

/// The JSON parser keeps its own stack but a tree of hostile depth must not reach code that recurses.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > 4 * kSchemaDepthMax) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<SchemaPtr> parse_schema(std::string_view json) {
  if (too_deep(json)) return Error(ErrorKind::limit_exceeded, "Avro schema: nested too deep");
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return bad_schema("not valid JSON");
  SchemaParser parser;
  WEIR_ASSIGN(Parsed root, parser.parse(parsed, "", 1));
  return std::move(root.schema);
}

}  // namespace weir::avro

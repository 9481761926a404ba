#include <algorithm>
#include <array>
#include <map>

#include "base/suggest.h"
#include "contract/column_loader_internal.h"
#include "contract/column_name.h"
#include "contract/default_value_internal.h"

namespace weir::contract {
namespace {

using config::Located;
using config::path_key;

/// Names of types elsewhere, and ours.
struct ForeignType {
  std::string_view name;
  std::string_view ours;
};
constexpr ForeignType kForeignTypes[] = {
    {"integer", "int or long"},
    {"int32", "int"},
    {"int64", "long"},
    {"bigint", "long"},
    {"smallint", "int"},
    {"tinyint", "int"},
    {"float32", "float"},
    {"float64", "double"},
    {"real", "float"},
    {"number", "double or decimal(p, s)"},
    {"numeric", "decimal(p, s)"},
    {"decimal", "decimal(p, s)"},
    {"bool", "boolean"},
    {"text", "string"},
    {"varchar", "string"},
    {"char", "string"},
    {"str", "string"},
    {"bytes", "binary"},
    {"blob", "binary"},
    {"fixed", "fixed[n]"},
    {"datetime", "timestamp"},
    {"instant", "timestamptz"},
    {"timestamp_tz", "timestamptz"},
    {"timestamp_ltz", "timestamptz"},
    {"object", "struct"},
    {"record", "struct"},
    {"row", "struct"},
    {"array", "list"},
    {"dict", "map"},
    {"variant", "json"},
};

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> kNames = {"boolean", "int",       "long",        "float",  "double",  "date",
                                                  "time",    "timestamp", "timestamptz", "string", "uuid",    "binary",
                                                  "struct",  "list",      "map",         "json",   "decimal", "fixed"};
  return kNames;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string unknown_type(const std::string& name) {
  for (const ForeignType& foreign : kForeignTypes) {
    if (lower(name.substr(0, name.find_first_of("([<"))) == foreign.name)
      return "'" + name + "' is not a type; write " + std::string(foreign.ours);
  }
  const std::string hint = did_you_mean(name, type_names());
  return "'" + name.substr(0, 64) + "' is not a type" +
         (hint.empty() ? "; types are boolean, int, long, float, double, decimal(p, s), date, time, timestamp, "
                         "timestamptz, string, uuid, fixed[n], "
                         "binary, struct, list, map, json"
                       : hint);
}

struct Origin {
  std::string_view name;
  ColumnOrigin origin;
  std::string_view types;
};
constexpr Origin kOrigins[] = {{"$topic", ColumnOrigin::topic, "string"},
                               {"$partition", ColumnOrigin::partition, "int"},
                               {"$offset", ColumnOrigin::offset, "long"},
                               {"$timestamp", ColumnOrigin::timestamp, "timestamptz"},
                               {"$key", ColumnOrigin::key, "string or binary"}};

bool is_type_of(const Type& type, ColumnOrigin origin) {
  switch (origin) {
    case ColumnOrigin::topic: return type.kind() == TypeKind::string;
    case ColumnOrigin::partition: return type.kind() == TypeKind::int32;
    case ColumnOrigin::offset: return type.kind() == TypeKind::int64;
    case ColumnOrigin::timestamp: return type.kind() == TypeKind::timestamptz;
    case ColumnOrigin::key: return type.kind() == TypeKind::string || type.kind() == TypeKind::binary;
    case ColumnOrigin::value: break;
  }
  return true;
}

bool has_any(const NamedRules& rules) {
  return rules.not_null || rules.range || rules.accepted_values || rules.regex || rules.length;
}

}  // namespace

std::vector<ColumnContract> ColumnLoader::load(const std::vector<Located<ColumnSpec>>& columns) {
  check_names(columns);
  std::vector<ColumnContract> out;
  for (const Located<ColumnSpec>& column : columns) {
    auto loaded = load_column(*column, column.location.path, {});
    if (!loaded) continue;
    out.push_back({std::move(loaded->field), std::move(loaded->format), column->tags, column.location});
  }
  return out;
}

void ColumnLoader::check_name(const Located<ColumnSpec>& column) {
  const std::string path = path_key(column.location.path, "name");
  const std::string& name = column->name;
  if (name.empty()) return;  // reported as missing
  std::string why = refused_column_name(name);
  if (name.find('.') != std::string::npos) why += ". Name it otherwise and write from: \"" + name + "\"";
  if (!why.empty()) error(path, std::move(why));
}

void ColumnLoader::check_names(const std::vector<Located<ColumnSpec>>& columns) {
  std::map<std::string, std::string> by_lower;
  std::map<std::string, std::string> by_source;
  for (const Located<ColumnSpec>& column : columns) {
    check_name(column);
    if (column->name.empty()) continue;
    const auto [known, is_new] = by_lower.emplace(lower(column->name), column->name);
    const std::string path = path_key(column.location.path, "name");
    if (!is_new && known->second == column->name) {
      error(path, "two columns are called '" + column->name + "'");
      continue;
    }
    if (!is_new)
      error(path, "'" + column->name + "' and '" + known->second + "' differ in case only; SQL cannot tell them apart");
    const std::string source = column->from ? **column->from : column->name;
    const auto [other, first] = by_source.emplace(source, column->name);
    if (!first)
      error(column.location.path,
            "'" + other->second + "' and '" + column->name + "' both read '" + source + "' of the event");
  }
}

std::optional<ColumnLoader::Loaded> ColumnLoader::load_column(const ColumnSpec& spec, const std::string& path,
                                                              const Place& place) {
  if (++count_ > kColumnsMax) {
    if (count_ == kColumnsMax + 1) error(path, "more than " + std::to_string(kColumnsMax) + " columns");
    return std::nullopt;
  }
  const std::string column = place.prefix + spec.name;
  Loaded out;
  out.field.name = spec.name;
  out.field.required = spec.required;
  out.field.doc = spec.description;
  const size_t errors = diagnostics_.error_count();
  out.field.type = load_type(spec.type, path, {column + ".", place.repeated}, out.format);
  if (out.field.type == nullptr || spec.name.empty()) {
    broken_.insert(column);
    return std::nullopt;
  }
  note_rules(spec, out.field.type, path, place);
  load_format(spec.type, *out.field.type, path, out.format);
  load_origin(spec, *out.field.type, path, place, out.format);
  if (spec.default_value && diagnostics_.error_count() == errors) {
    auto json = default_json(**spec.default_value, out.field, out.format);
    if (out.format.origin != ColumnOrigin::value) {
      error(path_key(path, "default"), "a default for a value that always comes with the event; remove it");
    } else if (!json.ok()) {
      error(path_key(path, "default"), json.error().message());
    } else if ((*spec.default_value)->kind() == config::NodeKind::null) {
      error(path_key(path, "default"), "null is not a default: an absent field is null without one; remove it");
    } else {
      out.format.default_json = std::move(json).value();
    }
  }
  return out;
}

void ColumnLoader::note_rules(const ColumnSpec& spec, const TypePtr& type, const std::string& path,
                              const Place& place) {
  if (!has_any(spec.rules)) return;
  if (place.repeated)
    return error(path, "a rule inside of a list or map; rules look at columns and at fields of structs only");
  rules_.push_back({&spec.rules, type, place.prefix + spec.name, path});
  if (spec.required && spec.rules.not_null && (*spec.rules.not_null)->enabled) {
    diagnostics_.warn(document_.locate(path_key(path, "not_null")),
                      "the column is required: an event with null is rejected before the rule sees it");
  }
}

TypePtr ColumnLoader::load_type(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format) {
  if (spec.type.empty()) return nullptr;  // missing or not text: said already
  if (spec.type == "struct") return load_struct(spec, path, place, format);
  if (spec.type == "list") return load_list(spec, path, place, format);
  if (spec.type == "map") return load_map(spec, path, place, format);
  refuse_parts(spec, path, {});
  if (spec.type == "json") {
    format.raw_json = true;
    return Type::primitive(TypeKind::string);
  }
  return load_primitive(spec, path);
}

TypePtr ColumnLoader::load_primitive(const TypeSpec& spec, const std::string& path) {
  auto type = Type::parse_primitive(spec.type);
  if (type.ok()) return *type;
  const bool parameters = (spec.type.starts_with("decimal(") || spec.type.starts_with("fixed[")) &&
                          type.error().message().find("must be") != std::string::npos;
  error(path_key(path, "type"), parameters ? type.error().message() : unknown_type(spec.type));
  return nullptr;
}

/// Refuses the parts of other types: `fields` with a list, `element` with a string.
void ColumnLoader::refuse_parts(const TypeSpec& spec, const std::string& path,
                                std::initializer_list<std::string_view> allowed) {
  for (const std::string_view name : {"fields", "element", "key", "value"}) {
    if (!is_written(path, name) || std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    error(path_key(path, name), "'" + std::string(name) + "' does not belong to the type " + spec.type);
  }
}

TypePtr ColumnLoader::load_struct(const TypeSpec& spec, const std::string& path, const Place& place,
                                  TextFormat& format) {
  refuse_parts(spec, path, {"fields"});
  if (!is_written(path, "fields")) {
    error(path, "a struct needs 'fields'");
    return nullptr;
  }
  check_names(spec.fields);
  std::vector<Field> fields;
  for (const Located<ColumnSpec>& column : spec.fields) {
    auto loaded = load_column(*column, column.location.path, place);
    if (!loaded) continue;
    fields.push_back(std::move(loaded->field));
    format.children.push_back(std::move(loaded->format));
  }
  if (fields.empty()) return nullptr;
  return Type::structure(std::move(fields));
}

std::optional<ColumnLoader::Loaded> ColumnLoader::load_element(const ElementSpec& spec, const std::string& path,
                                                               const Place& place) {
  Loaded out;
  out.field.required = spec.required;
  out.field.doc = spec.description;
  out.field.type = load_type(spec.type, path, {place.prefix, true}, out.format);
  if (out.field.type == nullptr) return std::nullopt;
  load_format(spec.type, *out.field.type, path, out.format);
  return out;
}

TypePtr ColumnLoader::load_list(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format) {
  refuse_parts(spec, path, {"element"});
  if (spec.element == nullptr) {
    error(path, "a list needs 'element'");
    return nullptr;
  }
  auto element = load_element(**spec.element, path_key(path, "element"), place);
  if (!element) return nullptr;
  format.children = {std::move(element->format)};
  return Type::list(std::move(element->field));
}

TypePtr ColumnLoader::load_map(const TypeSpec& spec, const std::string& path, const Place& place, TextFormat& format) {
  refuse_parts(spec, path, {"key", "value"});
  if (spec.value == nullptr) {
    error(path, "a map needs 'value'");
    return nullptr;
  }
  Loaded key;
  key.field.type = Type::primitive(TypeKind::string);
  if (spec.key != nullptr) {
    auto loaded = load_element(**spec.key, path_key(path, "key"), place);
    if (!loaded) return nullptr;
    key = *std::move(loaded);
    const TypeKind kind = key.field.type->kind();
    // Those that decoders read as the key of a JSON object.
    const bool is_key_type =
        kind == TypeKind::string || kind == TypeKind::int32 || kind == TypeKind::int64 || kind == TypeKind::date;
    if (!is_key_type || key.format.raw_json)
      error(path_key(path, "key"), "a map's key must be of the type string, int, long or date");
  }
  auto value = load_element(**spec.value, path_key(path, "value"), place);
  if (!value) return nullptr;
  format.children = {std::move(key.format), std::move(value->format)};
  return Type::map(std::move(key.field), std::move(value->field));
}

void ColumnLoader::load_format(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format) {
  if (!spec.format) return;
  const std::string& name = **spec.format;
  const bool instant = type.kind() == TypeKind::timestamp || type.kind() == TypeKind::timestamptz;
  const bool bytes = type.kind() == TypeKind::binary || type.kind() == TypeKind::fixed;
  constexpr std::array<std::string_view, 4> kInstants = {"rfc3339", "epoch_s", "epoch_ms", "epoch_us"};
  const auto at = std::find(kInstants.begin(), kInstants.end(), name);
  if (name.empty()) return;
  if (instant && at != kInstants.end()) {
    format.timestamp = static_cast<TimestampFormat>(at - kInstants.begin());
  } else if (bytes && at == kInstants.end()) {
    format.binary = name == "hex" ? BinaryFormat::hex : BinaryFormat::base64;
  } else {
    error(path_key(path, "format"), "the format " + name + " does not belong to the type " + spec.type +
                                        (instant ? "; its formats are rfc3339, epoch_s, epoch_ms, epoch_us"
                                         : bytes ? "; its formats are base64, hex"
                                                 : ""));
  }
}

void ColumnLoader::load_origin(const ColumnSpec& spec, const Type& type, const std::string& path, const Place& place,
                               TextFormat& format) {
  if (!spec.from || (*spec.from)->empty()) return;
  const std::string& from = **spec.from;
  if (from[0] != '$') {
    if (from != spec.name) format.source_name = from;
    return;
  }
  std::vector<std::string> names;
  for (const Origin& origin : kOrigins) {
    names.emplace_back(origin.name);
    if (origin.name != from) continue;
    if (!place.prefix.empty())
      return error(path_key(path, "from"), "'" + from + "' is for columns, not for what is inside of them");
    if (!is_type_of(type, origin.origin) || format.raw_json)
      return error(path_key(path, "type"), "'" + from + "' is of the type " + std::string(origin.types));
    if (spec.type.format)
      error(path_key(path, "format"), "a format for a value that always comes with the event; remove it");
    format.origin = origin.origin;
    return;
  }
  error(path_key(path, "from"), "'" + from +
                                    "' is not known; there are $topic, $partition, $offset, $timestamp and $key" +
                                    did_you_mean(from, names));
}

}  // namespace weir::contract

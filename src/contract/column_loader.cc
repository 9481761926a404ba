#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "base/time_pattern.h"
#include "contract/column_loader_internal.h"
#include "contract/column_name.h"
#include "contract/default_value_internal.h"
#include "contract/json_path.h"

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

/// The type that a name which is none most likely means; empty when nobody can tell.
std::string likely_type(const std::string& name) {
  for (const ForeignType& foreign : kForeignTypes) {
    if (lower(name.substr(0, name.find_first_of("([<"))) == foreign.name)
      return std::string(foreign.ours.substr(0, foreign.ours.find(' ')));
  }
  return nearest_name(name, type_names());
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
                               {"$key", ColumnOrigin::key, "string or binary"},
                               {"$file", ColumnOrigin::topic, "string"},
                               {"$line", ColumnOrigin::line, "long"},
                               {"$headers", ColumnOrigin::headers, "map of string to string or binary"},
                               {"$header.", ColumnOrigin::header, "string or binary"}};

bool is_type_of(const Type& type, ColumnOrigin origin) {
  switch (origin) {
    case ColumnOrigin::topic: return type.kind() == TypeKind::string;
    case ColumnOrigin::partition: return type.kind() == TypeKind::int32;
    case ColumnOrigin::offset: return type.kind() == TypeKind::int64;
    case ColumnOrigin::timestamp: return type.kind() == TypeKind::timestamptz;
    case ColumnOrigin::key: return type.kind() == TypeKind::string || type.kind() == TypeKind::binary;
    case ColumnOrigin::line: return type.kind() == TypeKind::int64;
    case ColumnOrigin::header: return type.kind() == TypeKind::string || type.kind() == TypeKind::binary;
    case ColumnOrigin::headers:
      return type.kind() == TypeKind::map && type.key().type->kind() == TypeKind::string &&
             (type.value().type->kind() == TypeKind::string || type.value().type->kind() == TypeKind::binary);
    case ColumnOrigin::unknown:
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

void ColumnLoader::keep_unknown(const Located<std::string>& name, std::vector<ColumnContract>& columns) {
  if (name->empty() || broken_.contains(*name)) return;
  std::vector<std::string> names;
  for (ColumnContract& column : columns) {
    names.push_back(column.field.name);
    if (column.field.name != *name) continue;
    TextFormat& format = column.format;
    if (!format.raw_json || column.field.required)
      return diagnostics_.error(name.location, "'" + *name + "' must be an optional column of the type json");
    if (format.origin != ColumnOrigin::value || !format.path.empty() || !format.source_name.empty() ||
        format.default_json)
      return diagnostics_.error(name.location,
                                "'" + *name + "' takes the unknown fields; remove its 'from' and 'default'");
    format.origin = ColumnOrigin::unknown;
    return;
  }
  diagnostics_.error(name.location, "there is no column '" + *name + "'; write one: {name: " + *name + ", type: json}" +
                                        did_you_mean(*name, names));
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
      error(path_key(path, "default"),
            "a default for a value that always comes with the event has no effect; remove it");
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
  const auto nearest = Type::parse_primitive(likely_type(spec.type));
  return nearest.ok() ? *nearest : nullptr;
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
  if (!is_written(path, "fields") && spec.fields.empty()) {
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
  load_number_format(spec, type, path, format);
  const bool is_time = type.kind() >= TypeKind::date && type.kind() <= TypeKind::timestamptz;
  if (spec.finer && (!is_time || type.kind() == TypeKind::date))
    error(path_key(path, "finer"), "'finer' is for times, not for the type " + spec.type);
  format.truncate_finer = spec.finer && **spec.finer == "truncate";
  if (is_time) return load_time_format(spec, type, path, format);
  if (spec.zone) error(path_key(path, "zone"), "a zone is for the type timestamptz, not for the type " + spec.type);
  if (!spec.format || (*spec.format)->empty()) return;
  const std::string& name = **spec.format;
  const bool bytes = type.kind() == TypeKind::binary || type.kind() == TypeKind::fixed;
  if (!bytes)
    error(path_key(path, "format"), "a format is for dates, times and bytes, not for the type " + spec.type);
  else if (name != "hex" && name != "base64")
    error(path_key(path, "format"),
          "'" + name + "' is not a format of the type " + spec.type + "; its formats are base64 and hex");
  else
    format.binary = name == "hex" ? BinaryFormat::hex : BinaryFormat::base64;
}

void ColumnLoader::load_time_format(const TypeSpec& spec, const Type& type, const std::string& path,
                                    TextFormat& format) {
  struct Named {
    std::string_view name;
    TimestampFormat format;
  };
  static constexpr Named kNamed[] = {
      {"rfc3339", TimestampFormat::rfc3339},       {"epoch_s", TimestampFormat::epoch_seconds},
      {"epoch_ms", TimestampFormat::epoch_millis}, {"epoch_us", TimestampFormat::epoch_micros},
      {"epoch_ns", TimestampFormat::epoch_nanos},  {"epoch_d", TimestampFormat::epoch_days}};
  const std::string name = spec.format ? **spec.format : "rfc3339";
  if (name.find('%') != std::string::npos) return load_pattern(spec, type, path, format);
  if (spec.zone)
    error(path_key(path, "zone"),
          "a zone is for times that a pattern without %z reads; the format " + name + " has its own");
  std::vector<std::string> names;
  for (const Named& known : kNamed) {
    const bool instant = type.kind() == TypeKind::timestamp || type.kind() == TypeKind::timestamptz;
    const bool fits = known.format == TimestampFormat::rfc3339 ||
                      (known.format == TimestampFormat::epoch_days ? type.kind() == TypeKind::date : instant);
    if (!fits) continue;
    names.emplace_back(known.name);
    if (known.name != name) continue;
    format.timestamp = known.format;
    return;
  }
  std::string list;
  for (const std::string& known : names) list += known + ", ";
  error(path_key(path, "format"), "'" + name + "' is not a format of the type " + spec.type + "; its formats are " +
                                      list + "and patterns such as %d/%m/%Y" + did_you_mean(name, names));
}

void ColumnLoader::load_pattern(const TypeSpec& spec, const Type& type, const std::string& path, TextFormat& format) {
  const auto refuse = [&](const std::string& what) { error(path_key(path, "format"), what); };
  const auto pattern = TimePattern::compile(**spec.format);
  if (!pattern.ok()) return refuse(pattern.error().message());
  const TimePatternParts& parts = pattern->parts();
  const TypeKind kind = type.kind();
  if (kind != TypeKind::time && !parts.date) return refuse("the type " + spec.type + " needs a date: %Y, %m and %d");
  if (kind == TypeKind::time && (parts.date || !parts.time)) return refuse("a time is read by %H, %M, %S and %f alone");
  if (kind == TypeKind::date && parts.time) return refuse("a date has no time of the day; make it a timestamp");
  if (kind != TypeKind::timestamptz && parts.offset)
    return refuse("%z and %Z are for the type timestamptz; the type " + spec.type + " has no zone");
  if (kind == TypeKind::timestamptz && !parts.offset && !spec.zone)
    return refuse("the pattern has no %z: say with `zone` which offset its times have, or make the column a timestamp");
  if (spec.zone && (kind != TypeKind::timestamptz || parts.offset))
    return error(path_key(path, "zone"), kind == TypeKind::timestamptz ? "the pattern reads the offset itself (%z)"
                                                                       : "the type " + spec.type + " has no zone");
  format.timestamp = TimestampFormat::pattern;
  format.pattern = **spec.format;
  if (spec.zone) load_zone(spec, path, format);
}

void ColumnLoader::load_zone(const TypeSpec& spec, const std::string& path, TextFormat& format) {
  const std::string& zone = **spec.zone;
  PatternTime time;
  static const TimePattern kOffset = TimePattern::compile("%H%z").value();
  if (zone == "UTC" || kOffset.parse("0" + zone, time) == TimeParse::ok) {
    format.offset_minutes = time.offset_minutes;
    return;
  }
  error(path_key(path, "zone"), "'" + zone +
                                    "' is not UTC or an offset such as +01:00. For a zone with a name read a "
                                    "timestamp, and convert it in a select: timezone('Europe/Berlin', t)");
}

void ColumnLoader::load_number_format(const TypeSpec& spec, const Type& type, const std::string& path,
                                      TextFormat& format) {
  const TypeKind kind = type.kind();
  const bool is_number = kind >= TypeKind::int32 && kind <= TypeKind::decimal;
  const bool is_count = spec.format && (*spec.format)->starts_with("epoch_");
  if (spec.accept && !is_number && !is_count)
    error(path_key(path, "accept"), "'accept' is for numbers, not for the type " + spec.type);
  if (spec.decimal && (!is_number || kind == TypeKind::int32 || kind == TypeKind::int64))
    error(path_key(path, "decimal"), "'decimal' is for float, double and decimal, not for the type " + spec.type);
  format.accept_text = spec.accept && **spec.accept == "text";
  format.decimal_comma = spec.decimal && **spec.decimal == "comma";
}

void ColumnLoader::load_origin(const ColumnSpec& spec, const Type& type, const std::string& path, const Place& place,
                               TextFormat& format) {
  if (!spec.from || (*spec.from)->empty()) return;
  const std::string& from = **spec.from;
  if (looks_like_json_path(from)) {
    if (!place.prefix.empty())
      return error(path_key(path, "from"),
                   "a path begins at the event, so it is for columns, not for what is inside of them");
    auto steps = parse_json_path(from);
    if (!steps.ok()) return error(path_key(path, "from"), steps.error().message());
    format.path = *std::move(steps);
    return;
  }
  if (from[0] != '$') {
    if (from != spec.name) format.source_name = from;
    return;
  }
  std::vector<std::string> names;
  for (const Origin& origin : kOrigins) {
    names.emplace_back(origin.name);
    const bool is_header = origin.origin == ColumnOrigin::header;
    if (is_header ? !from.starts_with(origin.name) || from.size() == origin.name.size() : origin.name != from) continue;
    if (is_header) format.source_name = from.substr(origin.name.size());
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
                                    "' is not known; there are $topic, $partition, $offset, $timestamp, $key, "
                                    "$headers, $header.NAME, $file, $line and paths such as $.geo.lat" +
                                    did_you_mean(from, names));
}

}  // namespace weir::contract

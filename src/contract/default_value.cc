#include <charconv>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/decimal.h"
#include "base/suggest.h"
#include "base/time_pattern.h"
#include "config/node_json.h"
#include "contract/default_value_internal.h"
#include "contract/literal.h"

namespace weir::contract {
namespace {

using config::Node;
using config::NodeKind;

std::string quote(const std::string& text) {
  return nlohmann::json(text).dump();
}

template <typename Number>
std::string number_to_json(Number value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  return {text, end};
}

Result<std::string> epoch_json(const Node& node, TimestampFormat format) {
  const int scale = format == TimestampFormat::epoch_seconds ? 6 : 0;
  Int128 unscaled = 0;
  if (!node.is_number() || parse_decimal(node.text(), 20 + scale, scale, unscaled) != DecimalParse::ok) {
    return wrong_value(node, scale > 0 ? "seconds since the epoch" : "a whole number of units since the epoch");
  }
  return node.text();
}

Result<std::string> pattern_json(const Node& node, const std::string& pattern) {
  WEIR_ASSIGN(const TimePattern compiled, TimePattern::compile(pattern));
  PatternTime time;
  if (node.kind() != NodeKind::scalar || compiled.parse(node.text(), time) != TimeParse::ok)
    return wrong_value(node, "a time as events write it, such as " + compiled.example());
  return quote(node.text());
}

Result<std::string> bytes_json(const Node& node, const Type& type, BinaryFormat format) {
  std::string bytes;
  const bool good = node.kind() == NodeKind::scalar &&
                    (format == BinaryFormat::hex ? hex_decode(node.text(), bytes) : base64_decode(node.text(), bytes));
  if (!good) return wrong_value(node, format == BinaryFormat::hex ? "hex digits" : "base64 text");
  if (type.kind() == TypeKind::fixed && bytes.size() != static_cast<size_t>(type.width_bytes())) {
    return Error(ErrorKind::invalid_argument,
                 "expected " + std::to_string(type.width_bytes()) + " bytes, got " + std::to_string(bytes.size()));
  }
  return quote(node.text());
}

Result<std::string> scalar_json(const Node& node, const Type& type, const TextFormat& format) {
  if (format.timestamp == TimestampFormat::pattern) return pattern_json(node, format.pattern);
  const bool is_time = type.kind() >= TypeKind::date && type.kind() <= TypeKind::timestamptz;
  if (is_time && format.timestamp != TimestampFormat::rfc3339) return epoch_json(node, format.timestamp);
  if (type.kind() == TypeKind::binary || type.kind() == TypeKind::fixed) return bytes_json(node, type, format.binary);
  WEIR_ASSIGN(const Literal literal, parse_literal(node, type));
  if (type.kind() == TypeKind::decimal) return node.text().substr(node.text().starts_with('+') ? 1 : 0);
  if (const auto* boolean = std::get_if<bool>(&literal)) return std::string(*boolean ? "true" : "false");
  if (type.kind() == TypeKind::int32 || type.kind() == TypeKind::int64)
    return number_to_json(std::get<int64_t>(literal));
  if (const auto* number = std::get_if<double>(&literal)) return number_to_json(*number);
  return quote(node.text());
}

const TextFormat& child(const TextFormat& format, size_t i) {
  static const TextFormat kDefault;
  return i < format.children.size() ? format.children[i] : kDefault;
}

Result<std::string> struct_json(const Node& node, const Type& type, const TextFormat& format) {
  if (node.kind() != NodeKind::mapping) return wrong_value(node, "a mapping");
  std::vector<std::string> names;
  for (const Field& field : type.fields()) names.push_back(field.name);
  for (const Node::Entry& entry : node.entries()) {
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
      return Error(ErrorKind::invalid_argument,
                   "the struct has no field '" + entry.key + "'" + did_you_mean(entry.key, names));
    }
  }
  std::string out = "{";
  for (size_t i = 0; i < type.fields().size(); ++i) {
    const Field& field = type.fields()[i];
    const Node* value = node.find(field.name);
    if (value == nullptr && field.required && !child(format, i).default_json) {
      return Error(ErrorKind::invalid_argument, "the required field '" + field.name + "' is missing");
    }
    if (value == nullptr) continue;
    auto json = default_json(*value, field, child(format, i));
    if (!json.ok()) return std::move(json).error().with_context(field.name);
    const std::string& event_name = child(format, i).source_name.empty() ? field.name : child(format, i).source_name;
    out += (out.size() > 1 ? "," : "") + quote(event_name) + ":" + *json;
  }
  return out + "}";
}

Result<std::string> list_json(const Node& node, const Type& type, const TextFormat& format) {
  if (node.kind() != NodeKind::sequence) return wrong_value(node, "a list");
  std::string out = "[";
  for (const Node& item : node.items()) {
    WEIR_ASSIGN(const std::string json, default_json(item, type.element(), child(format, 0)));
    out += (out.size() > 1 ? "," : "") + json;
  }
  return out + "]";
}

Result<std::string> map_json(const Node& node, const Type& type, const TextFormat& format) {
  if (node.kind() != NodeKind::mapping) return wrong_value(node, "a mapping");
  if (type.key().type->kind() != TypeKind::string && !node.entries().empty()) {
    return Error(ErrorKind::invalid_argument, "only maps with string keys can have a default with entries");
  }
  std::string out = "{";
  for (const Node::Entry& entry : node.entries()) {
    WEIR_ASSIGN(const std::string json, default_json(entry.value, type.value(), child(format, 1)));
    out += (out.size() > 1 ? "," : "") + quote(entry.key) + ":" + json;
  }
  return out + "}";
}

}  // namespace

Result<std::string> default_json(const Node& node, const Field& field, const TextFormat& format) {
  if (node.kind() == NodeKind::null) {
    if (field.required) return Error(ErrorKind::invalid_argument, "null for a required value");
    return std::string("null");
  }
  if (format.raw_json) return config::node_to_json(node);
  switch (field.type->kind()) {
    case TypeKind::structure: return struct_json(node, *field.type, format);
    case TypeKind::list: return list_json(node, *field.type, format);
    case TypeKind::map: return map_json(node, *field.type, format);
    default: return scalar_json(node, *field.type, format);
  }
}

}  // namespace weir::contract

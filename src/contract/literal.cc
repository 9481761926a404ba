#include "contract/literal.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/base64.h"
#include "base/civil_time.h"

namespace weir::contract {
namespace {

/// The text of a plain number.
Result<std::string> number_text(const config::Node& node, const std::string& expected) {
  if (!node.is_number()) return wrong_value(node, expected);
  std::string text = node.text();
  if (text.starts_with('+')) text.erase(0, 1);
  return text;
}

Result<Literal> parse_integer(const config::Node& node, const Type& type) {
  const std::string name(to_string(type.kind()));
  WEIR_ASSIGN(const std::string text, number_text(node, "a whole number (" + name + ")"));
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return wrong_value(node, "a whole number (" + name + ")");
  const bool narrow = type.kind() == TypeKind::int32 && (value < INT32_MIN || value > INT32_MAX);
  if (error != std::errc() || narrow)
    return Error(ErrorKind::invalid_argument, text + " does not fit into the type " + name);
  return Literal(value);
}

Result<Literal> parse_float(const config::Node& node, const Type& type) {
  WEIR_ASSIGN(const std::string text, number_text(node, "a number"));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return wrong_value(node, "a number");
  if (type.kind() == TypeKind::float32) value = static_cast<float>(value);
  if (error != std::errc() || !std::isfinite(value)) {
    return Error(ErrorKind::invalid_argument, text + " does not fit into the type " + type.to_string());
  }
  return Literal(value);
}

Result<Literal> parse_decimal_literal(const config::Node& node, const Type& type) {
  WEIR_ASSIGN(const std::string text, number_text(node, "a number (" + type.to_string() + ")"));
  Int128 unscaled = 0;
  switch (parse_decimal(text, type.precision(), type.scale(), unscaled)) {
    case DecimalParse::ok: return Literal(unscaled);
    case DecimalParse::malformed: return wrong_value(node, "a number such as -12.50");
    case DecimalParse::out_of_range:
      return Error(ErrorKind::invalid_argument, text + " does not fit into the type " + type.to_string());
    case DecimalParse::inexact: break;
  }
  return Error(ErrorKind::invalid_argument,
               text + " has more fraction digits than the type " + type.to_string() + " keeps");
}

Result<Literal> parse_time_literal(const config::Node& node, const Type& type) {
  if (node.kind() != config::NodeKind::scalar) return wrong_value(node, "a " + type.to_string());
  int32_t days = 0;
  int64_t micros = 0;
  TimeParse outcome = TimeParse::malformed;
  std::string_view example;
  switch (type.kind()) {
    case TypeKind::date:
      outcome = parse_date(node.text(), days);
      micros = days;
      example = "2017-11-16";
      break;
    case TypeKind::time:
      outcome = parse_time(node.text(), micros);
      example = "22:31:08";
      break;
    case TypeKind::timestamp:
      outcome = parse_local_datetime(node.text(), micros);
      example = "2017-11-16T22:31:08";
      break;
    default: outcome = parse_instant(node.text(), micros); example = "2017-11-16T22:31:08Z";
  }
  if (outcome == TimeParse::ok) return Literal(micros);
  if (outcome == TimeParse::out_of_range)
    return Error(ErrorKind::invalid_argument, "there is no " + type.to_string() + " " + node.text());
  return wrong_value(node, "a " + type.to_string() + " such as " + std::string(example));
}

/// "123e4567-e89b-12d3-a456-426614174000" -> 16 bytes.
std::optional<std::string> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits += text[i];
  }
  std::string bytes;
  if (!hex_decode(digits, bytes)) return std::nullopt;
  return bytes;
}

}  // namespace

Error wrong_value(const config::Node& node, const std::string& expected) {
  return Error(ErrorKind::invalid_argument, "expected " + expected + ", got " + describe_node(node));
}

Result<Literal> parse_literal(const config::Node& node, const Type& type) {
  switch (type.kind()) {
    case TypeKind::boolean:
      if (!node.is_boolean()) return wrong_value(node, "true or false");
      return Literal((node.text()[0] | 0x20) == 't');
    case TypeKind::int32:
    case TypeKind::int64: return parse_integer(node, type);
    case TypeKind::float32:
    case TypeKind::float64: return parse_float(node, type);
    case TypeKind::decimal: return parse_decimal_literal(node, type);
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return parse_time_literal(node, type);
    case TypeKind::string:
      if (node.kind() != config::NodeKind::scalar) return wrong_value(node, "text");
      if (node.is_number() || node.is_boolean()) {
        return Error(ErrorKind::invalid_argument,
                     "expected text, got " + describe_node(node) + "; put it in quotes if it is meant to be text");
      }
      return Literal(node.text());
    case TypeKind::uuid: {
      const auto bytes = node.kind() == config::NodeKind::scalar ? parse_uuid(node.text()) : std::nullopt;
      if (!bytes) return wrong_value(node, "a UUID such as 123e4567-e89b-12d3-a456-426614174000");
      return Literal(*bytes);
    }
    default: return Error(ErrorKind::unsupported, "values of the type " + type.to_string() + " cannot be written here");
  }
}

}  // namespace weir::contract

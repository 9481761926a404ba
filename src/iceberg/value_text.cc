#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "iceberg/json_internal.h"
#include "iceberg/value.h"

namespace weir::iceberg {
namespace {

Error bad_literal(const Type& type, const Json& json) {
  return Error(ErrorKind::corrupt, dump(json).substr(0, 80) + " is not a " + type.to_string());
}

std::string uuid_text(const std::string& bytes) {
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes.begin());
  return uuid.to_string();
}

template <typename Float>
std::string float_text(Float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  return {text, end};
}

/// "+00:00" at the end is required of a timestamptz and forbidden for a timestamp.
bool timestamp_from_text(const Type& type, std::string_view text, int64_t& micros) {
  if (type.kind() == TypeKind::timestamp) return parse_local_datetime(text, micros) == TimeParse::ok;
  return parse_instant(text, micros) == TimeParse::ok;
}

Result<Value> from_json_text(const Type& type, const Json& json) {
  const auto& text = json.get_ref<const std::string&>();
  int32_t days = 0;
  int64_t micros = 0;
  Int128 unscaled = 0;
  std::string bytes;
  Uuid uuid;
  switch (type.kind()) {
    case TypeKind::date:
      if (parse_date(text, days) == TimeParse::ok) return Value(days);
      break;
    case TypeKind::time:
      if (parse_time(text, micros) == TimeParse::ok) return Value(micros);
      break;
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
      if (timestamp_from_text(type, text, micros)) return Value(micros);
      break;
    case TypeKind::decimal:
      if (parse_decimal(text, type.precision(), type.scale(), unscaled) == DecimalParse::ok) return Value(unscaled);
      break;
    case TypeKind::string: return Value(text);
    case TypeKind::uuid:
      if (Uuid::try_parse(text, uuid)) return Value(std::string(uuid.bytes.begin(), uuid.bytes.end()));
      break;
    case TypeKind::fixed:
    case TypeKind::binary:
      if (!hex_decode(text, bytes)) break;
      if (type.kind() == TypeKind::fixed && bytes.size() != static_cast<size_t>(type.width_bytes())) break;
      return Value(std::move(bytes));
    default: break;
  }
  return bad_literal(type, json);
}

Json to_tree(const Type& type, const Value& value) {
  if (value.is_null()) return nullptr;
  switch (type.kind()) {
    case TypeKind::boolean: return value.as<bool>();
    case TypeKind::int32: return value.as<int32_t>();
    case TypeKind::int64: return value.as<int64_t>();
    case TypeKind::float32:
      return std::isfinite(value.as<float>()) ? Json::parse(float_text(value.as<float>())) : Json();
    case TypeKind::float64: return std::isfinite(value.as<double>()) ? Json(value.as<double>()) : Json();
    case TypeKind::fixed:
    case TypeKind::binary: return hex_encode(value.as<std::string>());
    default: return value_to_text(type, value);
  }
}

}  // namespace

std::string value_to_text(const Type& type, const Value& value) {
  if (value.is_null()) return "null";
  WEIR_CHECK(value_fits(type, value));
  switch (type.kind()) {
    case TypeKind::boolean: return value.as<bool>() ? "true" : "false";
    case TypeKind::int32: return std::to_string(value.as<int32_t>());
    case TypeKind::int64: return std::to_string(value.as<int64_t>());
    case TypeKind::float32: return float_text(value.as<float>());
    case TypeKind::float64: return float_text(value.as<double>());
    case TypeKind::decimal: return format_decimal(value.as<Int128>(), type.scale());
    case TypeKind::date: return format_date(value.as<int32_t>());
    case TypeKind::time: return format_time(value.as<int64_t>());
    case TypeKind::timestamp: return format_datetime(value.as<int64_t>());
    case TypeKind::timestamptz: return format_datetime(value.as<int64_t>()) + "+00:00";
    case TypeKind::string: return value.as<std::string>();
    case TypeKind::uuid: return uuid_text(value.as<std::string>());
    default: return base64_encode(value.as<std::string>());
  }
}

std::string value_to_json(const Type& type, const Value& value) {
  WEIR_CHECK(value_fits(type, value));
  return dump(to_tree(type, value));
}

Result<Value> value_from_json(const Type& type, std::string_view text) {
  WEIR_ASSIGN(const Json json, parse_json(text));
  if (json.is_null()) return Value();
  if (json.is_string()) return from_json_text(type, json);
  if (json.is_boolean() && type.kind() == TypeKind::boolean) return Value(json.get<bool>());
  if (json.is_number() && type.kind() == TypeKind::float32) return Value(json.get<float>());
  if (json.is_number() && type.kind() == TypeKind::float64) return Value(json.get<double>());
  const bool too_large = json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  if (!json.is_number_integer() || too_large) return bad_literal(type, json);
  const auto wide = json.get<int64_t>();
  if (type.kind() == TypeKind::int64) return Value(wide);
  if (type.kind() != TypeKind::int32 || wide < INT32_MIN || wide > INT32_MAX) return bad_literal(type, json);
  return Value(static_cast<int32_t>(wide));
}

}  // namespace weir::iceberg

#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "base/civil_time.h"
#include "base/random.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {
namespace {

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

}  // namespace weir::iceberg

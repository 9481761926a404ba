#include "iceberg/partition/transform.h"

#include <array>
#include <charconv>
#include <cstdio>

#include "iceberg/partition/murmur3_internal.h"
#include "iceberg/partition/transform_internal.h"

namespace weir::iceberg {
namespace {

constexpr std::array<std::string_view, 8> kTransformNames = {"identity", "bucket", "truncate", "year",
                                                             "month",    "day",    "hour",     "void"};

bool takes(TransformKind transform, TypeKind source) {
  const bool is_timestamp = source == TypeKind::timestamp || source == TypeKind::timestamptz;
  switch (transform) {
    case TransformKind::identity:
    case TransformKind::void_: return source < TypeKind::structure;
    case TransformKind::bucket:
      return source < TypeKind::structure && source != TypeKind::boolean && source != TypeKind::float32 &&
             source != TypeKind::float64;
    case TransformKind::truncate:
      return source == TypeKind::int32 || source == TypeKind::int64 || source == TypeKind::decimal ||
             source == TypeKind::string || source == TypeKind::binary;
    case TransformKind::year:
    case TransformKind::month:
    case TransformKind::day: return is_timestamp || source == TypeKind::date;
    case TransformKind::hour: return is_timestamp;
    case TransformKind::unknown: return false;
  }
  return false;
}

int32_t days_of(const Type& source, const Value& value) {
  return source.kind() == TypeKind::date ? value.as<int32_t>() : days_from_micros(value.as<int64_t>());
}

Value truncate_value(const Type& source, const Value& value, int32_t width) {
  switch (source.kind()) {
    case TypeKind::int32:
      return Value(static_cast<int32_t>(truncate_number<int64_t, uint64_t>(value.as<int32_t>(), width)));
    case TypeKind::int64:
      return Value(static_cast<int64_t>(truncate_number<Int128, UInt128>(value.as<int64_t>(), width)));
    case TypeKind::decimal: return Value(truncate_number<Int128, UInt128>(value.as<Int128>(), width));
    case TypeKind::string: return Value::bytes(first_code_points(value.as<std::string>(), static_cast<size_t>(width)));
    default: return Value::bytes(std::string_view(value.as<std::string>()).substr(0, static_cast<size_t>(width)));
  }
}

}  // namespace

std::string_view minimal_decimal(Int128 value, char* room) {
  for (size_t i = 0; i < 16; ++i) room[i] = static_cast<char>(static_cast<UInt128>(value) >> (8 * (15 - i)));
  size_t skip = 0;
  const char filler = value < 0 ? '\xff' : '\0';
  while (skip < 15 && room[skip] == filler && ((room[skip + 1] ^ filler) & 0x80) == 0) ++skip;
  return {room + skip, 16 - skip};
}

Result<Transform> Transform::parse(std::string_view text) {
  std::string_view name = text;
  std::string_view inside;
  const size_t open = text.find('[');
  const bool has_parameter = open != std::string_view::npos && text.ends_with(']');
  if (has_parameter) {
    name = text.substr(0, open);
    inside = text.substr(open + 1, text.size() - open - 2);
  }
  for (size_t i = 0; i < kTransformNames.size(); ++i) {
    if (kTransformNames[i] != name) continue;
    const auto kind = static_cast<TransformKind>(i);
    const bool wants_parameter = kind == TransformKind::bucket || kind == TransformKind::truncate;
    if (wants_parameter != has_parameter) break;
    if (!wants_parameter) return Transform(kind);
    int32_t parameter = 0;
    const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), parameter);
    if (error != std::errc() || end != inside.data() + inside.size() || parameter <= 0) {
      return Error(ErrorKind::corrupt,
                   "the transform '" + std::string(text.substr(0, 64)) + "' needs a positive number in brackets");
    }
    return Transform(kind, parameter);
  }
  Transform transform(TransformKind::unknown);
  transform.unknown_ = text;
  return transform;
}

std::string Transform::to_string() const {
  if (kind_ == TransformKind::unknown) return unknown_;
  std::string text(kTransformNames[static_cast<size_t>(kind_)]);
  if (kind_ == TransformKind::bucket || kind_ == TransformKind::truncate)
    text += "[" + std::to_string(parameter_) + "]";
  return text;
}

Result<TypePtr> Transform::result_type(const TypePtr& source) const {
  if (kind_ == TransformKind::unknown)
    return Error(ErrorKind::unsupported, "the partition transform '" + unknown_ + "' is not known to this version");
  if (!takes(kind_, source->kind())) {
    return Error(ErrorKind::invalid_argument,
                 "the partition transform '" + to_string() + "' cannot be applied to a " + source->to_string());
  }
  switch (kind_) {
    case TransformKind::identity:
    case TransformKind::truncate:
    case TransformKind::void_: return source;
    case TransformKind::day: return Type::primitive(TypeKind::date);
    default: return Type::primitive(TypeKind::int32);
  }
}

int32_t bucket_hash(const Type& type, const Value& value) {
  switch (type.kind()) {
    case TypeKind::int32:
    case TypeKind::date: return murmur3_long(value.as<int32_t>());
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return murmur3_long(value.as<int64_t>());
    case TypeKind::decimal: {
      char room[16];
      return murmur3_bytes(minimal_decimal(value.as<Int128>(), room));
    }
    default: return murmur3_bytes(value.as<std::string>());
  }
}

Value Transform::apply(const TypePtr& source, const Value& value) const {
  WEIR_CHECK(takes(kind_, source->kind()));
  if (value.is_null() || kind_ == TransformKind::void_) return {};
  WEIR_CHECK(value_fits(*source, value));
  switch (kind_) {
    case TransformKind::bucket: return Value((bucket_hash(*source, value) & INT32_MAX) % parameter_);
    case TransformKind::truncate: return truncate_value(*source, value, parameter_);
    case TransformKind::year: return Value(years_from_days(days_of(*source, value)));
    case TransformKind::month: return Value(months_from_days(days_of(*source, value)));
    case TransformKind::day: return Value(days_of(*source, value));
    case TransformKind::hour: return Value(hours_from_micros(value.as<int64_t>()));
    default: return value;
  }
}

std::string Transform::to_text(const TypePtr& source, const Value& result) const {
  if (result.is_null()) return "null";
  char text[48];
  int size = 0;
  switch (kind_) {
    case TransformKind::year:
      size = std::snprintf(text, sizeof text, "%04lld", static_cast<long long>(result.as<int32_t>()) + 1970);
      break;
    case TransformKind::month: {
      const long long year = floor_divide(result.as<int32_t>(), 12);
      const auto month = static_cast<int>(result.as<int32_t>() - year * 12 + 1);
      size = std::snprintf(text, sizeof text, "%04lld-%02d", year + 1970, month);
      break;
    }
    case TransformKind::day: return format_date(result.as<int32_t>());
    case TransformKind::hour: {
      const auto days = static_cast<int32_t>(floor_divide(result.as<int32_t>(), 24));
      size = std::snprintf(text, sizeof text, "%s-%02d", format_date(days).c_str(),
                           static_cast<int>(result.as<int32_t>() - int64_t{days} * 24));
      break;
    }
    case TransformKind::bucket: return std::to_string(result.as<int32_t>());
    default: return value_to_text(*source, result);
  }
  return std::string(text, static_cast<size_t>(size));
}

std::string escape_path_segment(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                       c == '-' || c == '*' || c == '_';
    if (plain) {
      escaped += c;
    } else if (c == ' ') {
      escaped += '+';
    } else {
      escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return escaped;
}

}  // namespace weir::iceberg

#include "iceberg/value/value.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "iceberg/partition/transform_internal.h"

namespace weir::iceberg {
namespace {

/// Maps the bits of a float to an integer with the order of compare_values.
template <typename Signed, typename Float>
Signed total_order(Float value) {
  const auto bits = std::bit_cast<Signed>(value);
  return bits < 0 ? static_cast<Signed>(bits ^ std::numeric_limits<Signed>::max()) : bits;
}

std::strong_ordering compare_bytes(const std::string& a, const std::string& b) {
  const int order = a.compare(b);  // char_traits<char> compares as unsigned char
  return order <=> 0;
}

template <typename T>
std::string little_endian(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

template <typename T>
T from_little_endian(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

Error bad_bound(const Type& type, size_t size) {
  return Error(ErrorKind::corrupt, "a value of " + std::to_string(size) + " bytes cannot be a " + type.to_string());
}

Result<Value> decimal_from_bytes(const Type& type, std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 16) return bad_bound(type, bytes.size());
  UInt128 value = static_cast<unsigned char>(bytes[0]) >= 0x80 ? ~UInt128{0} : UInt128{0};
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return Value(static_cast<Int128>(value));
}

Result<Value> long_from_bytes(const Type& type, std::string_view bytes) {
  if (bytes.size() == 8) return Value(from_little_endian<int64_t>(bytes));
  if (bytes.size() != 4) return bad_bound(type, bytes.size());
  const int64_t narrow = from_little_endian<int32_t>(bytes);
  if (type.kind() != TypeKind::timestamp && type.kind() != TypeKind::timestamptz) return Value(narrow);
  int64_t micros = 0;
  if (__builtin_mul_overflow(narrow, kMicrosPerDay, &micros))
    return Error(ErrorKind::corrupt, "a date is too far away for a timestamp");
  return Value(micros);
}

}  // namespace

bool value_fits(const Type& type, const Value& value) {
  if (value.is_null()) return !type.is_nested();
  switch (type.kind()) {
    case TypeKind::boolean: return std::holds_alternative<bool>(value.payload);
    case TypeKind::int32:
    case TypeKind::date: return std::holds_alternative<int32_t>(value.payload);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return std::holds_alternative<int64_t>(value.payload);
    case TypeKind::float32: return std::holds_alternative<float>(value.payload);
    case TypeKind::float64: return std::holds_alternative<double>(value.payload);
    case TypeKind::decimal: return std::holds_alternative<Int128>(value.payload);
    case TypeKind::string:
    case TypeKind::binary: return std::holds_alternative<std::string>(value.payload);
    case TypeKind::uuid:
    case TypeKind::fixed: {
      const auto* bytes = std::get_if<std::string>(&value.payload);
      return bytes != nullptr && bytes->size() == static_cast<size_t>(type.width_bytes());
    }
    default: return false;
  }
}

bool is_nan(const Value& value) {
  if (const auto* narrow = std::get_if<float>(&value.payload)) return std::isnan(*narrow);
  if (const auto* wide = std::get_if<double>(&value.payload)) return std::isnan(*wide);
  return false;
}

std::strong_ordering compare_values(const Type& type, const Value& a, const Value& b) {
  switch (type.kind()) {
    case TypeKind::boolean: return a.as<bool>() <=> b.as<bool>();
    case TypeKind::int32:
    case TypeKind::date: return a.as<int32_t>() <=> b.as<int32_t>();
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return a.as<int64_t>() <=> b.as<int64_t>();
    case TypeKind::float32: return total_order<int32_t>(a.as<float>()) <=> total_order<int32_t>(b.as<float>());
    case TypeKind::float64: return total_order<int64_t>(a.as<double>()) <=> total_order<int64_t>(b.as<double>());
    case TypeKind::decimal: {
      const Int128 left = a.as<Int128>();
      const Int128 right = b.as<Int128>();
      return left < right   ? std::strong_ordering::less
             : left > right ? std::strong_ordering::greater
                            : std::strong_ordering::equal;
    }
    default: return compare_bytes(a.as<std::string>(), b.as<std::string>());
  }
}

std::string value_to_bytes(const Type& type, const Value& value) {
  WEIR_CHECK(!value.is_null() && value_fits(type, value));
  switch (type.kind()) {
    case TypeKind::boolean: return std::string(1, value.as<bool>() ? '\1' : '\0');
    case TypeKind::int32:
    case TypeKind::date: return little_endian(value.as<int32_t>());
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return little_endian(value.as<int64_t>());
    case TypeKind::float32: return little_endian(value.as<float>());
    case TypeKind::float64: return little_endian(value.as<double>());
    case TypeKind::decimal: {
      char room[16];
      return std::string(minimal_decimal(value.as<Int128>(), room));
    }
    default: return value.as<std::string>();
  }
}

Result<Value> value_from_bytes(const Type& type, std::string_view bytes) {
  switch (type.kind()) {
    case TypeKind::boolean:
      if (bytes.size() != 1) return bad_bound(type, bytes.size());
      return Value(bytes[0] != '\0');
    case TypeKind::int32:
    case TypeKind::date:
      if (bytes.size() != 4) return bad_bound(type, bytes.size());
      return Value(from_little_endian<int32_t>(bytes));
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return long_from_bytes(type, bytes);
    case TypeKind::float32:
      if (bytes.size() != 4) return bad_bound(type, bytes.size());
      return Value(from_little_endian<float>(bytes));
    case TypeKind::float64:
      if (bytes.size() == 4) return Value(static_cast<double>(from_little_endian<float>(bytes)));
      if (bytes.size() != 8) return bad_bound(type, bytes.size());
      return Value(from_little_endian<double>(bytes));
    case TypeKind::decimal: return decimal_from_bytes(type, bytes);
    case TypeKind::uuid:
      if (bytes.size() != 16) return bad_bound(type, bytes.size());
      return Value::bytes(bytes);
    case TypeKind::string:
    case TypeKind::binary:
    case TypeKind::fixed: return Value::bytes(bytes);
    default: return Error(ErrorKind::corrupt, "a " + type.to_string() + " has no single value");
  }
}

Value value_at(const Column& column, int64_t row) {
  if (column.is_null(row)) return {};
  const auto i = static_cast<size_t>(row);
  switch (column.type->kind()) {
    case TypeKind::boolean: return Value(column.boolean_at(row));
    case TypeKind::int32:
    case TypeKind::date: return Value(column.values_as<int32_t>()[i]);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return Value(column.values_as<int64_t>()[i]);
    case TypeKind::float32: return Value(column.values_as<float>()[i]);
    case TypeKind::float64: return Value(column.values_as<double>()[i]);
    case TypeKind::decimal: return Value(from_little_endian<Int128>(column.bytes_at(row)));
    default: return Value::bytes(column.bytes_at(row));
  }
}

}  // namespace weir::iceberg

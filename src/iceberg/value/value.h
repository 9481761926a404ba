/// \file
/// Scalars: partition values, and bounds, in binary and as text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/decimal.h"
#include "base/result.h"
#include "columnar/column.h"

namespace weir::iceberg {

/// One value of a primitive type, or null. The type stands beside it, not in it: functions that need it take it.
///
/// What holds what: boolean: bool; int, date: int32_t; long, time, timestamp(tz): int64_t; float, double; decimal:
/// Int128 (unscaled); string, binary, fixed: std::string; uuid: std::string of 16 bytes, big-endian.
struct Value {
  std::variant<std::monostate, bool, int32_t, int64_t, float, double, Int128, std::string> payload;

  Value() = default;
  template <typename T>
  requires(std::is_same_v<T, bool> || std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t> ||
           std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, Int128> ||
           std::is_same_v<T, std::string>) explicit Value(T value)
      : payload(std::move(value)) {}
  static Value bytes(std::string_view bytes) { return Value(std::string(bytes)); }

  bool is_null() const { return payload.index() == 0; }
  /// The value as T, which must be what it holds.
  template <typename T>
  const T& as() const {
    const T* held = std::get_if<T>(&payload);
    WEIR_CHECK(held != nullptr);
    return *held;
  }

  /// Equality of bits, except that two floats compare as floats do.
  friend bool operator==(const Value&, const Value&) = default;
};

/// True when `value` is null or holds what `type` asks for, with the right length for uuid and fixed.
bool value_fits(const Type& type, const Value& value);

/// True for a float or double that is NaN.
bool is_nan(const Value& value);

/// Orders two values of `type` that are not null, as Iceberg sorts them: strings and binary by unsigned bytes, uuid
/// unsigned, floats -NaN < -Infinity < ... < -0.0 < +0.0 < ... < Infinity < NaN.
std::strong_ordering compare_values(const Type& type, const Value& a, const Value& b);

/// Single-value binary form, for bounds (specification, appendix D). `value` is not null.
std::string value_to_bytes(const Type& type, const Value& value);
/// Reads what value_to_bytes writes, also the shorter forms of a type that was promoted since (int to long, float to
/// double, date to timestamp), and prefixes of fixed. Errors: corrupt.
Result<Value> value_from_bytes(const Type& type, std::string_view bytes);

/// Text for people and for paths: "2017-11-16", "12.50", "null"; binary and fixed as base64.
std::string value_to_text(const Type& type, const Value& value);

/// The value of row `row` of a primitive column.
Value value_at(const Column& column, int64_t row);

}  // namespace weir::iceberg

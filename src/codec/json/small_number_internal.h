/// \file
/// Small numbers (scan_small_number) into columns, for each type that is written as a number. False: nothing is
/// appended, and value_text_internal.h decides.
#pragma once

#include <iterator>
#include <limits>
#include <string_view>

#include "codec/column_node_internal.h"
#include "codec/json/json_scan_internal.h"
#include "codec/text/date_memory_internal.h"

namespace weir::codec {

template <typename T>
inline bool append_small_integer(const ColumnNode& node, const SmallNumber& number) {
  if (number.has_point) return false;
  const auto magnitude = static_cast<int64_t>(number.unscaled);
  const int64_t value = number.negative ? -magnitude : magnitude;
  if (value < std::numeric_limits<T>::min() || value > std::numeric_limits<T>::max()) return false;
  node.as<FixedBuilder<T>>().append(static_cast<T>(value));
  return true;
}

// In both of the next two the operands are exact, so that the one division rounds correctly (Clinger 1990).

inline bool append_small_float64(const ColumnNode& node, const SmallNumber& number) {
  static constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  if (number.unscaled > uint64_t{1} << 53) return false;
  const double value = static_cast<double>(number.unscaled) / kPowers[number.fraction_digits];
  node.as<FixedBuilder<double>>().append(number.negative ? -value : value);
  return true;
}

inline bool append_small_float32(const ColumnNode& node, const SmallNumber& number) {
  static constexpr float kPowers[] = {1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F, 1e8F, 1e9F, 1e10F};
  if (number.unscaled > uint64_t{1} << 24 || number.fraction_digits >= std::size(kPowers)) return false;
  const float value = static_cast<float>(number.unscaled) / kPowers[number.fraction_digits];
  node.as<FixedBuilder<float>>().append(number.negative ? -value : value);
  return true;
}

inline bool append_small_decimal(const ColumnNode& node, const SmallNumber& number) {
  const int zeros = node.type->scale() - static_cast<int>(number.fraction_digits);
  if (zeros < 0 || zeros > 18) return false;
  const Int128 magnitude = static_cast<Int128>(number.unscaled) * kPowersOfTen[zeros];
  if (magnitude >= power_of_ten(node.type->precision())) return false;
  node.as<FixedBuilder<Int128>>().append(number.negative ? -magnitude : magnitude);
  return true;
}

inline bool append_small_epoch(const ColumnNode& node, const SmallNumber& number) {
  if (number.has_point || number.negative) return false;
  const uint64_t unit = kPowersOfTen[node.epoch_digits];
  if (number.unscaled > kEpochMicrosMax / unit) return false;
  node.as<FixedBuilder<int64_t>>().append(static_cast<int64_t>(number.unscaled * unit));
  return true;
}

/// The token as a whole, when it is small and the column one of the common ones. 32 bytes must be readable after it.
inline bool append_small(const ColumnNode& node, std::string_view token) {
  switch (node.op) {
    case ValueOp::int32:
    case ValueOp::int64:
    case ValueOp::float64:
    case ValueOp::decimal:
    case ValueOp::epoch: break;
    default: return false;
  }
  const SmallNumber number = scan_small_number(token.data());
  if (number.end != token.data() + token.size()) return false;
  switch (node.op) {
    case ValueOp::int32: return append_small_integer<int32_t>(node, number);
    case ValueOp::int64: return append_small_integer<int64_t>(node, number);
    case ValueOp::float64: return append_small_float64(node, number);
    case ValueOp::decimal: return append_small_decimal(node, number);
    case ValueOp::epoch: return append_small_epoch(node, number);
    default: return false;
  }
}

}  // namespace weir::codec

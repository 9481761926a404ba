/// \file
/// Statistics of values, found by looking at one after the other: what tests hold the writer's against.
#pragma once

#include <optional>
#include <type_traits>
#include <vector>

#include "columnar/column_statistics.h"
#include "iceberg/value/value.h"

namespace weir::iceberg {

/// A value's bytes as a column stores them.
inline std::string stored_bytes(const Value& value) {
  return std::visit(
      [](const auto& payload) -> std::string {
        using T = std::decay_t<decltype(payload)>;
        if constexpr (std::is_same_v<T, std::monostate>)
          return {};
        else if constexpr (std::is_same_v<T, std::string>)
          return payload;
        else
          return {reinterpret_cast<const char*>(&payload), sizeof payload};
      },
      value.payload);
}

/// Bounds keep `keep_bytes` bytes of strings, binary and fixed.
inline ColumnStatistics naive_statistics(int32_t field_id, const Type& type, const std::vector<Value>& values,
                                         size_t keep_bytes = SIZE_MAX) {
  ColumnStatistics statistics{.field_id = field_id, .values = static_cast<int64_t>(values.size())};
  Value lower;
  Value upper;
  for (const Value& value : values) {
    statistics.nulls += value.is_null() ? 1 : 0;
    if (value.is_null()) continue;
    statistics.nans += is_nan(value) ? 1 : 0;
    if (is_nan(value)) continue;
    if (lower.is_null() || compare_values(type, value, lower) < 0) lower = value;
    if (upper.is_null() || compare_values(type, value, upper) > 0) upper = value;
  }
  if (lower.is_null()) return statistics;
  const auto zero_of_sign = [](Value& bound, double sign) {
    if (auto* real = std::get_if<double>(&bound.payload); real != nullptr && *real == 0) *real = sign * 0.0;
    if (auto* real = std::get_if<float>(&bound.payload); real != nullptr && *real == 0)
      *real = static_cast<float>(sign) * 0.0F;
  };
  zero_of_sign(lower, -1);
  zero_of_sign(upper, 1);
  const bool is_cut = type.kind() == TypeKind::string || type.kind() == TypeKind::binary;
  const auto bound_of = [&](const Value& value) {
    const std::string bytes = stored_bytes(value);
    return ColumnBound{bytes.substr(0, is_cut ? keep_bytes : SIZE_MAX), is_cut && bytes.size() > keep_bytes};
  };
  statistics.lower = bound_of(lower);
  statistics.upper = bound_of(upper);
  return statistics;
}

}  // namespace weir::iceberg

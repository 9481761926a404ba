/// \file
/// What a file holds in one of its columns: counts and bounds, as its writer saw them go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

/// One end of a column's range: the value's bytes as a column stores them (numbers little-endian, decimals in 16
/// bytes).
struct ColumnBound {
  std::string bytes;
  bool is_cut = false;  ///< string, binary, fixed: `bytes` is only the beginning of the value
};

/// Bounds are absent when there is no value but nulls and NaNs. Floats: NaN stays outside, zeros of both signs are -0.0
/// as lower and +0.0 as upper bound. Order: numbers by value, everything else by unsigned bytes.
struct ColumnStatistics {
  int32_t field_id = 0;
  int64_t values = 0;  ///< nulls and NaNs included
  int64_t nulls = 0;
  int64_t nans = 0;
  std::optional<ColumnBound> lower = {};
  std::optional<ColumnBound> upper = {};
};

}  // namespace weir

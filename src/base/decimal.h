/// \file
/// Exact decimals up to 38 digits: an unscaled 128-bit integer and a scale, never through a double.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// NOLINTBEGIN(modernize-use-using): __extension__ goes with typedef only
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;
// NOLINTEND(modernize-use-using)

inline constexpr int kDecimalPrecisionMax = 38;

/// 10^exponent for 0 <= exponent <= 38.
Int128 power_of_ten(int exponent);

enum class DecimalParse {
  ok,
  malformed,     ///< not a JSON number
  out_of_range,  ///< more integer digits than precision - scale allows
  inexact,       ///< more fraction digits than scale, and not all of them zero
};

/// Parses JSON number text ("-12.50", "1.25e3") into an unscaled value with exactly `scale` fraction digits.
/// 1 <= precision <= 38, 0 <= scale <= precision. Never rounds.
DecimalParse parse_decimal(std::string_view text, int precision, int scale, Int128& unscaled);

/// "-12.50" for (-1250, 2).
std::string format_decimal(Int128 unscaled, int scale);

}  // namespace weir

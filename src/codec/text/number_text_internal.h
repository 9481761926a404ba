/// \file
/// JSON number text to numbers, exactly.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::codec {

enum class NumberParse {
  ok,
  malformed,     ///< not a JSON number
  not_integer,   ///< a number with a fraction or an exponent where an integer is wanted
  out_of_range,  ///< does not fit the type
};

/// True when `text` is exactly one number as RFC 8259 writes it.
bool is_json_number(std::string_view text);

/// "-12"; 1.0 and 1e3 are not_integer.
NumberParse parse_int64(std::string_view text, int64_t& value);
NumberParse parse_int32(std::string_view text, int32_t& value);

/// The nearest value; out_of_range above the largest finite one. What is too small to be told from zero becomes zero.
NumberParse parse_float64(std::string_view text, double& value);
NumberParse parse_float32(std::string_view text, float& value);

}  // namespace weir::codec

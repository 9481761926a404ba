/// \file
/// What transforms do to single numbers and strings; shared by the row-wise and the column-wise code.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/civil_time.h"
#include "base/decimal.h"

namespace weir::iceberg {

inline constexpr int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;

inline int32_t years_from_days(int32_t days) {
  return civil_from_days(days).year - 1970;
}
inline int32_t months_from_days(int32_t days) {
  const CivilDate date = civil_from_days(days);
  return (date.year - 1970) * 12 + date.month - 1;
}
inline int32_t days_from_micros(int64_t micros) {
  return static_cast<int32_t>(floor_divide(micros, kMicrosPerDay));
}
inline int32_t hours_from_micros(int64_t micros) {
  return static_cast<int32_t>(floor_divide(micros, kMicrosPerHour));
}

/// The largest multiple of `width` that is not above `value`; wraps around below the type's minimum, as Java does.
template <typename Integer, typename Unsigned>
Integer truncate_number(Integer value, Integer width) {
  const Integer remainder = static_cast<Integer>(((value % width) + width) % width);
  return static_cast<Integer>(static_cast<Unsigned>(value) - static_cast<Unsigned>(remainder));
}

/// The first `count` code points of UTF-8 text: bytes that do not continue a code point start one.
inline std::string_view first_code_points(std::string_view text, size_t count) {
  if (text.size() <= count) return text;
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (seen == count) return text.substr(0, i);
    ++seen;
  }
  return text;
}

/// Big-endian two's complement of the least number of bytes, in the last bytes of `room` (16 bytes); returns the view.
std::string_view minimal_decimal(Int128 value, char* room);

}  // namespace weir::iceberg

/// \file
/// The well-formed byte sequences of UTF-8 (Unicode 15, table 3-7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Length of the UTF-8 sequence at the front of `bytes`: 1 to 4, or 0 when they begin with none (or are empty).
constexpr size_t utf8_sequence_length(std::string_view bytes) {
  const auto at = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : uint8_t{0}; };
  const auto continues = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
  if (bytes.empty()) return 0;
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && at(1) < 0xa0;
    const bool surrogate = lead == 0xed && at(1) > 0x9f;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool outside = (lead == 0xf0 && at(1) < 0x90) || (lead == 0xf4 && at(1) > 0x8f);
    return continues(1) && continues(2) && continues(3) && !outside ? 4 : 0;
  }
  return 0;
}

/// True when all of `bytes` is UTF-8. One sequence at a time: for what is short or rare.
constexpr bool is_utf8_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = utf8_sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

/// `text` with U+FFFD in place of each byte that belongs to no UTF-8 sequence.
std::string as_utf8(std::string_view text);

}  // namespace weir

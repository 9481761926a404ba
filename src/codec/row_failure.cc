#include <algorithm>
#include <cstdint>
#include <utility>

#include "codec/row_failure_internal.h"

namespace weir::codec {
namespace {

/// Length of the UTF-8 sequence at the front of `bytes`, 0 when there is none.
size_t sequence_length(std::string_view bytes) {
  const auto at = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : uint8_t{0}; };
  const auto continues = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
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

}  // namespace

std::string excerpt(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  static constexpr std::string_view kCut = "...";
  std::string out;
  out.reserve(std::min(bytes.size(), kExcerptBytesMax));
  while (!bytes.empty()) {
    const size_t length = sequence_length(bytes);
    const auto first = static_cast<uint8_t>(bytes.front());
    const bool plain = length > 0 && first >= 0x20 && first != 0x7f;
    if (out.size() + (plain ? length : 4) > kExcerptBytesMax - kCut.size()) return out.append(kCut);
    if (plain) {
      out.append(bytes.substr(0, length));
    } else {
      out.append("\\x").append(1, kHex[first >> 4]).append(1, kHex[first & 15]);
    }
    bytes.remove_prefix(plain ? length : 1);
  }
  return out;
}

bool RowFailure::inside(std::string_view name) {
  if (path_.empty()) {
    path_ = name;
  } else {
    path_.insert(0, 1, '.').insert(0, name);
  }
  return false;
}

Reject RowFailure::take(uint32_t raw_index) {
  bound_message(message_);
  return {.raw_index = raw_index,
          .reject_class = reject_class_,
          .column = std::exchange(path_, {}),
          .rule = {},
          .message = std::exchange(message_, {})};
}

}  // namespace weir::codec

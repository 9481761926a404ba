#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/utf8.h"
#include "codec/row_failure_internal.h"

namespace weir::codec {
std::string excerpt(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  static constexpr std::string_view kCut = "...";
  std::string out;
  out.reserve(std::min(bytes.size(), kExcerptBytesMax));
  while (!bytes.empty()) {
    const size_t length = utf8_sequence_length(bytes);
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
  if (name.empty()) return false;  // a path, which is no column
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

#include "format/parquet/encoding/value_range.h"

namespace weir::parquet {
namespace {

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

/// The first `size` bytes, less a character that they would cut.
std::string_view beginning(std::string_view bytes, size_t size, bool is_text) {
  if (bytes.size() <= size) return bytes;
  if (is_text) {
    while (size > 0 && is_continuation(bytes[size])) --size;
  }
  return bytes.substr(0, size);
}

}  // namespace

std::string shortened_lower(std::string_view bytes, size_t size, bool is_text) {
  return std::string(beginning(bytes, size, is_text));
}

bool shortened_upper(std::string_view bytes, size_t size, bool is_text, std::string& shortened) {
  shortened = beginning(bytes, size, is_text);
  // In text only a byte that stays within its kind grows: ASCII, or the last one of a longer character.
  while (!shortened.empty()) {
    const auto last = static_cast<unsigned char>(shortened.back());
    const bool may_grow = is_text ? (last < 0x7f || (last >= 0x80 && last < 0xbf)) : last < 0xff;
    if (may_grow) {
      shortened.back() = static_cast<char>(last + 1);
      return true;
    }
    shortened.pop_back();
    while (is_text && last >= 0x80 && !shortened.empty() && is_continuation(shortened.back())) shortened.pop_back();
    if (is_text && last >= 0x80 && !shortened.empty() && static_cast<unsigned char>(shortened.back()) >= 0xc0)
      shortened.pop_back();
  }
  return false;
}

}  // namespace weir::parquet

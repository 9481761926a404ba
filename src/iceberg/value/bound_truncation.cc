#include "iceberg/value/bound_truncation.h"

#include <cstdint>

#include "iceberg/partition/transform_internal.h"

namespace weir::iceberg {
namespace {

constexpr uint32_t kCodePointMax = 0x10ffff;
constexpr uint32_t kSurrogateFirst = 0xd800;
constexpr uint32_t kSurrogateLast = 0xdfff;

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Decodes exactly one code point; false when `bytes` is anything else.
bool decode(std::string_view bytes, uint32_t& point) {
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<unsigned char>(bytes[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 0;
  if (size == 0 || bytes.size() != size) return false;
  point = size == 1 ? lead : lead & (0x7fU >> size);
  for (size_t i = 1; i < size; ++i) point = (point << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3fU);
  return point >= kLeast[size] && point <= kCodePointMax && (point < kSurrogateFirst || point > kSurrogateLast);
}

void append_code_point(uint32_t point, std::string& out) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string_view truncate_text_lower(std::string_view text, size_t length) {
  return first_code_points(text, length);
}

std::optional<std::string> truncate_text_upper(std::string_view text, size_t length) {
  std::string_view prefix = first_code_points(text, length);
  if (prefix.size() == text.size()) return std::string(text);
  while (!prefix.empty()) {
    size_t start = prefix.size() - 1;
    while (start > 0 && continues(prefix[start])) --start;
    uint32_t point = 0;
    if (!decode(prefix.substr(start), point)) return std::nullopt;
    prefix = prefix.substr(0, start);
    if (point == kCodePointMax) continue;
    std::string bound(prefix);
    append_code_point(point + 1 == kSurrogateFirst ? kSurrogateLast + 1 : point + 1, bound);
    return bound;
  }
  return std::nullopt;
}

std::string_view truncate_bytes_lower(std::string_view bytes, size_t length) {
  return bytes.substr(0, length);
}

std::optional<std::string> truncate_bytes_upper(std::string_view bytes, size_t length) {
  if (bytes.size() <= length) return std::string(bytes);
  std::string bound(bytes.substr(0, length));
  while (!bound.empty()) {
    const auto last = static_cast<unsigned char>(bound.back());
    if (last != 0xff) {
      bound.back() = static_cast<char>(last + 1);
      return bound;
    }
    bound.pop_back();
  }
  return std::nullopt;
}

}  // namespace weir::iceberg

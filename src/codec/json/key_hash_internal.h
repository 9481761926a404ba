/// \file
/// A cheap hash of object keys. Anybody can make keys that collide: only for tables that stay small whatever the keys
/// are.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::codec {

/// Looks at the first and the last eight bytes and the length.
inline uint64_t key_hash(std::string_view key) {
  const char* p = key.data();
  const size_t size = key.size();
  uint64_t head = 0;
  uint64_t tail = 0;
  if (size >= 8) {
    std::memcpy(&head, p, 8);
    std::memcpy(&tail, p + size - 8, 8);
  } else if (size >= 4) {
    uint32_t low = 0;
    uint32_t high = 0;
    std::memcpy(&low, p, 4);
    std::memcpy(&high, p + size - 4, 4);
    head = low;
    tail = high;
  } else if (size > 0) {
    head = static_cast<uint8_t>(p[0]) | static_cast<uint64_t>(static_cast<uint8_t>(p[size / 2])) << 8 |
           static_cast<uint64_t>(static_cast<uint8_t>(p[size - 1])) << 16;
  }
  const uint64_t mixed = ((head ^ size) * 0x9e3779b97f4a7c15ULL) ^ (tail * 0xd6e8feb86659fd93ULL);
  return mixed ^ (mixed >> 32);
}

}  // namespace weir::codec

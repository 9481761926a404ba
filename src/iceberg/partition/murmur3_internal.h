/// \file
/// Murmur3 x86 32 with seed 0 (public domain algorithm of Austin Appleby), as Iceberg's bucket transform uses it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::iceberg {

inline uint32_t murmur3_mix_block(uint32_t hash, uint32_t block) {
  block *= 0xcc9e2d51U;
  block = std::rotl(block, 15);
  block *= 0x1b873593U;
  hash ^= block;
  return std::rotl(hash, 13) * 5 + 0xe6546b64U;
}

inline uint32_t murmur3_finish(uint32_t hash, uint32_t size) {
  hash ^= size;
  hash ^= hash >> 16;
  hash *= 0x85ebca6bU;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35U;
  return hash ^ (hash >> 16);
}

/// Hash of the 8 little-endian bytes of `value`.
inline int32_t murmur3_long(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  const uint32_t low = murmur3_mix_block(0, static_cast<uint32_t>(bits));
  return static_cast<int32_t>(murmur3_finish(murmur3_mix_block(low, static_cast<uint32_t>(bits >> 32)), 8));
}

inline int32_t murmur3_bytes(std::string_view bytes) {
  uint32_t hash = 0;
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 4; left -= 4, at += 4) {
    uint32_t block;
    std::memcpy(&block, at, 4);
    hash = murmur3_mix_block(hash, block);
  }
  if (left > 0) {
    uint32_t tail = 0;
    for (size_t i = left; i > 0; --i) tail = (tail << 8) | static_cast<unsigned char>(at[i - 1]);
    tail *= 0xcc9e2d51U;
    hash ^= std::rotl(tail, 15) * 0x1b873593U;
  }
  return static_cast<int32_t>(murmur3_finish(hash, static_cast<uint32_t>(bytes.size())));
}

}  // namespace weir::iceberg

/// \file
/// Hashes: a fast one for tables and identities inside Weir, and a checksum.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace weir {

/// XXH3 with 64 bits: stable across versions and machines, so it may be stored.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// hash64 of `out.size()` strings that stand one behind the other: string i is bytes[ends[i], ends[i + 1]). Faster than
/// one call a string.
void hash64_each(const char* bytes, std::span<const uint32_t> ends, std::span<uint64_t> out);

/// XXH3 with 128 bits: tells contents apart.
struct Hash128 {
  uint64_t low = 0;
  uint64_t high = 0;

  friend bool operator==(const Hash128&, const Hash128&) = default;
};

/// Hash128 of bytes that come piece by piece. A value type of 600 bytes.
class ContentHash {
 public:
  ContentHash();
  ContentHash(const ContentHash& other);
  ContentHash& operator=(const ContentHash& other);
  ~ContentHash();
  void update(std::string_view bytes);
  /// Of all bytes so far; more may follow.
  Hash128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// CRC-32 (IEEE 802.3, as zlib computes it): guards our own small files against torn writes.
uint32_t crc32(std::string_view bytes);

}  // namespace weir

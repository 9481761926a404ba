/// \file
/// Hashes: a fast one for tables and identities inside Weir, and SHA-256 for what must not collide.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// XXH3 with 64 bits: stable across versions and machines, so it may be stored.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

/// CRC-32 (IEEE 802.3, as zlib computes it): guards our own small files against torn writes.
uint32_t crc32(std::string_view bytes);

}  // namespace weir

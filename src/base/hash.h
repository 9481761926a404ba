/// \file
/// Hashes: a fast one for tables and identities inside Weir, and a checksum.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

/// XXH3 with 64 bits: stable across versions and machines, so it may be stored.
uint64_t hash64(std::string_view bytes, uint64_t seed = 0);

/// CRC-32 (IEEE 802.3, as zlib computes it): guards our own small files against torn writes.
uint32_t crc32(std::string_view bytes);

}  // namespace weir

/// \file
/// DELTA_BINARY_PACKED: integers as differences in packed bits (parquet-format, Encodings.md).
#pragma once

#include <cstdint>
#include <span>

#include "format/parquet/encoding/hybrid.h"

namespace weir::parquet {

void encode_delta(std::span<const int32_t> values, Bytes& out);
void encode_delta(std::span<const int64_t> values, Bytes& out);

/// Reads `values.size()` values from the front of bytes it does not trust. `used` becomes how many bytes they took.
/// False when the bytes break the format or hold another number of values.
bool decode_delta(std::span<const uint8_t> bytes, std::span<int32_t> values, size_t& used);
bool decode_delta(std::span<const uint8_t> bytes, std::span<int64_t> values, size_t& used);

}  // namespace weir::parquet

/// \file
/// BYTE_STREAM_SPLIT: all first bytes of numbers, then all second ones, and so on (parquet-format, Encodings.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::parquet {

/// `count` numbers of `width` bytes, 4 or 8; `from` and `to` hold count x width bytes and do not overlap.
void split_bytes(const uint8_t* from, size_t count, size_t width, uint8_t* to);
/// The way back.
void join_bytes(const uint8_t* from, size_t count, size_t width, uint8_t* to);

}  // namespace weir::parquet

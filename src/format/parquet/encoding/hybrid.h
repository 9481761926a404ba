/// \file
/// The hybrid of runs and packed bits that levels and dictionary indexes are stored in (parquet-format, Encodings.md,
/// "RLE").
#pragma once

#include <cstdint>
#include <span>

#include "format/parquet/encoding/growing_array.h"

namespace weir::parquet {

using Bytes = GrowingArray<uint8_t>;

/// Bits that hold every number up to `value`.
int bit_width(uint64_t value);

/// Appends `values`, each below 2^width, 0 <= width <= 32, without the length in front.
void encode_hybrid(std::span<const uint32_t> values, int width, Bytes& out);
/// The same of bytes, width <= 8.
void encode_hybrid(std::span<const uint8_t> values, int width, Bytes& out);
/// The same of `count` bits, least significant first: width 1.
void encode_hybrid_bits(const uint8_t* bits, int64_t count, Bytes& out);

/// One run of `count` equal values.
void encode_constant(uint64_t count, uint32_t value, int width, Bytes& out);

/// Reads a hybrid from bytes it does not trust. One thread.
class HybridDecoder {
 public:
  HybridDecoder() = default;
  /// width <= 32.
  HybridDecoder(std::span<const uint8_t> bytes, int width) : rest_(bytes), width_(width) {}

  /// Reads `count` values; false when the bytes end before, or break the format.
  bool read(uint32_t* values, int64_t count);

 private:
  bool next_run();

  std::span<const uint8_t> rest_;
  int width_ = 0;
  int64_t run_left_ = 0;
  uint32_t run_value_ = 0;
  std::span<const uint8_t> packed_;  ///< of the current packed run; empty in a run of one value
  int64_t packed_at_ = 0;
  bool is_packed_ = false;
};

}  // namespace weir::parquet

/// \file
/// Reads the pages of one leaf in one row group: levels, and values as they stand in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "format/parquet/encoding/hybrid.h"
#include "format/parquet/metadata.h"
#include "format/parquet/reader.h"

namespace weir::parquet {

/// What the file says about a leaf's values and levels.
struct LeafShape {
  PhysicalType physical = PhysicalType::boolean;
  int type_length = 0;
  int definition_max = 0;
  int repetition_max = 0;
};

/// All entries of a chunk. Values are dense: those that are present, one after the other.
struct LeafValues {
  int64_t entries = 0;              ///< values, nulls and empty lists
  std::vector<uint8_t> definition;  ///< one an entry; empty when the leaf is required all the way
  std::vector<uint8_t> repetition;  ///< one an entry; empty when nothing repeats
  int64_t present = 0;
  Bytes fixed;                 ///< numbers, fixed-length bytes; booleans one byte each
  GrowingArray<int32_t> ends;  ///< byte arrays: where each ends in `bytes`
  Bytes bytes;
};

/// Decodes `chunk`: its pages, dictionary first. Errors: corrupt, limit_exceeded, unsupported.
Result<void> read_leaf(std::span<const uint8_t> chunk, const LeafShape& shape, Codec codec, int64_t entries,
                       const ReaderLimits& limits, LeafValues& out);

}  // namespace weir::parquet

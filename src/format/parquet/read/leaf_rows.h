/// \file
/// Where the values of a leaf stand in a batch, and their definition and repetition levels (Dremel's, as Parquet uses
/// them).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "columnar/column.h"
#include "format/parquet/leaf.h"

namespace weir::parquet {

/// Present values [begin, end) of a column.
struct ValueRun {
  int64_t begin = 0;
  int64_t end = 0;
};

/// The values of some rows of a leaf. Valid until the next locate().
struct LeafRows {
  const Column* column = nullptr;  ///< the leaf's own
  std::span<const ValueRun> present;
  int64_t present_count = 0;
  int64_t level_count = 0;  ///< present values, and nulls and empty lists on any level

  /// The levels, in the form that is cheapest: none when the leaf is required all the way; `validity` from bit
  /// `validity_begin` on (null: all present) when one node is optional and none repeated; else one byte each, and
  /// repetition levels only below lists and maps.
  const uint8_t* validity = nullptr;
  int64_t validity_begin = 0;
  std::span<const uint8_t> definition;
  std::span<const uint8_t> repetition;
};

/// Finds the values of leaves in batch after batch: one locator for all leaves of a file, so that its buffers are there
/// once. One thread.
class LeafLocator {
 public:
  /// Rows [begin, end) of `leaf`; columns in the order of the schema.
  const LeafRows& locate(const Leaf& leaf, std::span<const ColumnPtr> columns, int64_t begin, int64_t end);

  int64_t memory_bytes() const {
    return static_cast<int64_t>(runs_.capacity() * sizeof(ValueRun) + definition_.capacity() + repetition_.capacity());
  }

 private:
  void locate_validity(std::span<const ColumnPtr> columns, int64_t begin, int64_t end);
  void locate_structs(std::span<const ColumnPtr> columns, int64_t begin, int64_t end);
  void locate_repeated(std::span<const ColumnPtr> columns, int64_t begin, int64_t end);
  void add_node(size_t depth, const Column& column, int64_t i, int repetition, int repetition_here, int definition);
  void add_level(int repetition, int definition) {
    repetition_.push_back(static_cast<uint8_t>(repetition));
    definition_.push_back(static_cast<uint8_t>(definition));
  }
  void add_present(int64_t i) {
    ++rows_.present_count;
    if (!runs_.empty() && runs_.back().end == i)
      ++runs_.back().end;
    else
      runs_.push_back({i, i + 1});
  }

  const Leaf* leaf_ = nullptr;  ///< of this locate()
  LeafRows rows_;
  std::vector<ValueRun> runs_;
  std::vector<uint8_t> definition_;
  std::vector<uint8_t> repetition_;
};

}  // namespace weir::parquet

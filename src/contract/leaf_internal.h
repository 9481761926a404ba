/// \file
/// One column seen through the structs around it, and the loop that all kernels share.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "columnar/batch.h"

namespace weir::contract {

/// The column at `path` (index of the batch's column, then of children) with the presence bits of everything around it:
/// a value inside of an absent struct is absent.
class Leaf {
 public:
  Leaf(const Batch& batch, std::span<const size_t> path) : column_(batch.columns()[path[0]].get()) {
    note(*column_);
    for (const size_t child : path.subspan(1)) {
      column_ = column_->children[child].get();
      note(*column_);
    }
  }

  const Column& column() const { return *column_; }
  bool all_present() const { return nullable_ == 0; }

  bool is_present(int64_t row) const {
    for (size_t i = 0; i < nullable_; ++i) {
      if (((bits_[i][row >> 3] >> (row & 7)) & 1) == 0) return false;
    }
    return true;
  }
  /// Presence of rows [64 * block, 64 * block + 64), least significant first; rows past the end are absent.
  uint64_t present(int64_t block) const {
    uint64_t word = ~uint64_t{0};
    for (size_t i = 0; i < nullable_; ++i) {
      const int64_t bytes = std::min<int64_t>(8, (column_->length + 7) / 8 - block * 8);
      uint64_t part = 0;
      std::memcpy(&part, bits_[i] + block * 8, static_cast<size_t>(bytes));
      word &= part;
    }
    const int64_t rows = column_->length - block * 64;
    return rows >= 64 ? word : word & ((uint64_t{1} << rows) - 1);
  }

 private:
  static constexpr size_t kDepthMax = 64;  ///< of a contract's document, so of its types

  void note(const Column& column) {
    if (column.null_count == 0) return;
    WEIR_CHECK(nullable_ < kDepthMax);
    bits_[nullable_++] = column.validity.data();
  }

  const Column* column_;
  const uint8_t* bits_[kDepthMax];
  size_t nullable_ = 0;
};

inline void append_bits(uint64_t mask, int64_t first_row, std::vector<int32_t>& out) {
  for (; mask != 0; mask &= mask - 1) out.push_back(static_cast<int32_t>(first_row) + std::countr_zero(mask));
}

/// Appends the present, selected rows for which `fails(row)` holds. For tests so cheap that asking about absent rows
/// too costs less than a branch: blocks without a failing row, nearly all of them, are left after one pass that the
/// compiler turns into vector instructions.
template <typename Fails>
void scan_cheap(const Leaf& leaf, const Batch& batch, Fails fails, std::vector<int32_t>& out) {
  if (!batch.all_selected()) {
    for (const int32_t row : batch.selection()) {
      if (fails(row) && leaf.is_present(row)) out.push_back(row);
    }
    return;
  }
  const int64_t rows = leaf.column().length;
  int64_t first = 0;
  for (; first + 64 <= rows; first += 64) {
    bool any = false;
    for (int64_t i = 0; i < 64; ++i) any |= fails(first + i);
    if (!any) continue;
    uint64_t mask = 0;
    for (int64_t i = 0; i < 64; ++i) mask |= static_cast<uint64_t>(fails(first + i)) << i;
    append_bits(mask & leaf.present(first / 64), first, out);
  }
  for (; first < rows; ++first) {
    if (fails(first) && leaf.is_present(first)) out.push_back(static_cast<int32_t>(first));
  }
}

/// As scan_cheap, but asks only about present rows.
template <typename Fails>
void scan_present(const Leaf& leaf, const Batch& batch, Fails fails, std::vector<int32_t>& out) {
  if (!batch.all_selected()) {
    for (const int32_t row : batch.selection()) {
      if (leaf.is_present(row) && fails(row)) out.push_back(row);
    }
    return;
  }
  const int64_t rows = leaf.column().length;
  if (leaf.all_present()) {
    for (int64_t row = 0; row < rows; ++row) {
      if (fails(row)) out.push_back(static_cast<int32_t>(row));
    }
    return;
  }
  for (int64_t first = 0; first < rows; first += 64) {
    for (uint64_t present = leaf.present(first / 64); present != 0; present &= present - 1) {
      const int64_t row = first + std::countr_zero(present);
      if (fails(row)) out.push_back(static_cast<int32_t>(row));
    }
  }
}

}  // namespace weir::contract

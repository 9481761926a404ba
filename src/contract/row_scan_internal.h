/// \file
/// The loops over the rows of a column that all kernels share.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "columnar/nested.h"

namespace weir::contract {

inline void append_bits(uint64_t mask, int64_t first_row, std::vector<int32_t>& out) {
  for (; mask != 0; mask &= mask - 1) out.push_back(static_cast<int32_t>(first_row) + std::countr_zero(mask));
}

/// Appends the present, selected rows for which `fails(row)` holds. For tests so cheap that asking about absent rows
/// too costs less than a branch: blocks without a failing row, nearly all of them, are left after one pass that the
/// compiler turns into vector instructions.
template <typename Fails>
void scan_cheap(const NestedColumn& nested, const Batch& batch, Fails fails, std::vector<int32_t>& out) {
  if (!batch.all_selected()) {
    for (const int32_t row : batch.selection()) {
      if (fails(row) && nested.is_present(row)) out.push_back(row);
    }
    return;
  }
  const int64_t rows = nested.column()->length;
  int64_t first = 0;
  for (; first + 64 <= rows; first += 64) {
    bool any = false;
    for (int64_t i = 0; i < 64; ++i) any |= fails(first + i);
    if (!any) continue;
    uint64_t mask = 0;
    for (int64_t i = 0; i < 64; ++i) mask |= static_cast<uint64_t>(fails(first + i)) << i;
    append_bits(mask & nested.present(first / 64), first, out);
  }
  for (; first < rows; ++first) {
    if (fails(first) && nested.is_present(first)) out.push_back(static_cast<int32_t>(first));
  }
}

/// As scan_cheap, but asks only about present rows.
template <typename Fails>
void scan_present(const NestedColumn& nested, const Batch& batch, Fails fails, std::vector<int32_t>& out) {
  if (!batch.all_selected()) {
    for (const int32_t row : batch.selection()) {
      if (nested.is_present(row) && fails(row)) out.push_back(row);
    }
    return;
  }
  const int64_t rows = nested.column()->length;
  if (nested.all_present()) {
    for (int64_t row = 0; row < rows; ++row) {
      if (fails(row)) out.push_back(static_cast<int32_t>(row));
    }
    return;
  }
  for (int64_t first = 0; first < rows; first += 64) {
    for (uint64_t present = nested.present(first / 64); present != 0; present &= present - 1) {
      const int64_t row = first + std::countr_zero(present);
      if (fails(row)) out.push_back(static_cast<int32_t>(row));
    }
  }
}

}  // namespace weir::contract

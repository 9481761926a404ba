#include "columnar/nested.h"

#include <bit>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace weir {
namespace {

/// The field at `field` of a struct, null where the struct is.
ColumnPtr struct_field(const Column& column, size_t field) {
  const ColumnPtr& child = column.children[field];
  if (column.null_count == 0) return child;
  std::vector<uint8_t> bits(static_cast<size_t>((child->length + 7) / 8));
  int64_t present = 0;
  for (size_t i = 0; i < bits.size(); ++i) {
    bits[i] = column.validity.data()[i];
    if (child->null_count != 0) bits[i] &= child->validity.data()[i];
    const int64_t rows_left = child->length - static_cast<int64_t>(i) * 8;
    if (rows_left < 8) bits[i] &= static_cast<uint8_t>((1U << rows_left) - 1);
    present += std::popcount(bits[i]);
  }
  auto masked = std::make_shared<Column>(*child);
  masked->null_count = child->length - present;
  masked->validity = Buffer::adopt(std::move(bits));
  return masked;
}

}  // namespace

ColumnPtr column_at(const Batch& batch, std::span<const int> path) {
  ColumnPtr column = batch.columns()[static_cast<size_t>(path.front())];
  for (const int field : path.subspan(1)) column = struct_field(*column, static_cast<size_t>(field));
  return column;
}

}  // namespace weir

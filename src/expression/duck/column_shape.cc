#include <cstring>

#include "expression/duck/column_shape_internal.h"

namespace weir::expression {
namespace {

std::vector<uint8_t> bits_for(int64_t length) {
  return std::vector<uint8_t>(static_cast<size_t>((length + 7) >> 3), 0);
}

void set_bit(std::vector<uint8_t>& bits, int64_t i) {
  bits[static_cast<size_t>(i >> 3)] |= static_cast<uint8_t>(1U << (i & 7));
}

Buffer spread_values(const Column& column, std::span<const int32_t> rows, int64_t length) {
  if (column.type->kind() == TypeKind::boolean) {
    std::vector<uint8_t> bits = bits_for(length);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (column.boolean_at(static_cast<int64_t>(i))) set_bit(bits, rows[i]);
    }
    return Buffer::adopt(std::move(bits));
  }
  const auto width = static_cast<size_t>(column.type->width_bytes());
  if (width == 0) return column.values;
  std::vector<uint8_t> values(static_cast<size_t>(length) * width, 0);
  for (size_t i = 0; i < rows.size(); ++i)
    std::memcpy(values.data() + static_cast<size_t>(rows[i]) * width, column.values.data() + i * width, width);
  return Buffer::adopt(std::move(values));
}

/// Rows in between are empty: they start and end where the next value starts.
Buffer spread_offsets(const Column& column, std::span<const int32_t> rows, int64_t length) {
  const std::span<const int32_t> from = column.offsets_span();
  std::vector<int32_t> offsets;
  offsets.reserve(static_cast<size_t>(length) + 1);
  offsets.push_back(from[0]);
  for (size_t i = 0; i < rows.size(); ++i) {
    offsets.resize(static_cast<size_t>(rows[i]) + 1, offsets.back());
    offsets.push_back(from[i + 1]);
  }
  offsets.resize(static_cast<size_t>(length) + 1, offsets.back());
  return Buffer::adopt(std::move(offsets));
}

}  // namespace

ColumnPtr retype(const ColumnPtr& column, const TypePtr& type) {
  if (!type->is_nested() || *column->type == *type) return column;
  auto shared = std::make_shared<Column>(*column);
  shared->type = type;
  for (size_t i = 0; i < shared->children.size(); ++i)
    shared->children[i] = retype(shared->children[i], type->fields()[i].type);
  return shared;
}

ColumnPtr spread(const Column& column, std::span<const int32_t> rows, int64_t length) {
  auto wide = std::make_shared<Column>();
  wide->type = column.type;
  wide->length = length;
  std::vector<uint8_t> validity = bits_for(length);
  wide->null_count = length;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (column.is_null(static_cast<int64_t>(i))) continue;
    set_bit(validity, rows[i]);
    --wide->null_count;
  }
  if (wide->null_count != 0) wide->validity = Buffer::adopt(std::move(validity));
  switch (column.type->kind()) {
    case TypeKind::structure:
      for (const ColumnPtr& child : column.children) wide->children.push_back(spread(*child, rows, length));
      break;
    case TypeKind::list:
    case TypeKind::map:
      wide->offsets = spread_offsets(column, rows, length);
      wide->children = column.children;
      break;
    case TypeKind::string:
    case TypeKind::binary:
      wide->offsets = spread_offsets(column, rows, length);
      wide->values = column.values;
      break;
    default: wide->values = spread_values(column, rows, length);
  }
  return wide;
}

}  // namespace weir::expression

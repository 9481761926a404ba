#include "columnar/column.h"

#include "columnar/column_builder.h"

namespace weir {
namespace {

template <typename T>
Buffer take_values(const Column& column, std::span<const int32_t> rows) {
  const std::span<const T> from = column.values_as<T>();
  std::vector<T> to;
  to.reserve(rows.size());
  for (const int32_t row : rows) to.push_back(from[static_cast<size_t>(row)]);
  return Buffer::adopt(std::move(to));
}

/// Fixed-width columns without nulls are most of what is gathered: a tight loop for them.
ColumnPtr take_fixed(const Column& column, std::span<const int32_t> rows) {
  auto taken = std::make_shared<Column>();
  taken->type = column.type;
  taken->length = static_cast<int64_t>(rows.size());
  taken->values =
      column.type->width_bytes() == 4 ? take_values<int32_t>(column, rows) : take_values<int64_t>(column, rows);
  return taken;
}

}  // namespace

size_t Column::memory_bytes() const {
  size_t bytes = validity.size() + values.size() + offsets.size();
  for (const ColumnPtr& child : children) bytes += child->memory_bytes();
  return bytes;
}

ColumnPtr take(const Column& column, std::span<const int32_t> rows) {
  const int width = column.type->width_bytes();
  if (column.null_count == 0 && (width == 4 || width == 8) && column.type->kind() != TypeKind::fixed)
    return take_fixed(column, rows);
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(column.type);
  builder->append_rows(column, rows);
  return builder->finish();
}

ColumnPtr null_column(const TypePtr& type, int64_t length) {
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(type);
  for (int64_t i = 0; i < length; ++i) builder->append_null();
  return builder->finish();
}

}  // namespace weir

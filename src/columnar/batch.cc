#include "columnar/batch.h"

#include "base/check.h"

namespace weir {
namespace {

template <typename T>
std::vector<T> take_vector(const std::vector<T>& from, std::span<const int32_t> rows) {
  std::vector<T> to;
  if (from.empty()) return to;
  to.reserve(rows.size());
  for (const int32_t row : rows) to.push_back(from[static_cast<size_t>(row)]);
  return to;
}

}  // namespace

Batch Batch::with_selection(std::vector<int32_t> rows) const {
  Batch batch = *this;
  if (static_cast<int64_t>(rows.size()) == physical_rows_) {
    batch.selection_ = nullptr;
  } else {
    batch.selection_ = std::make_shared<const std::vector<int32_t>>(std::move(rows));
  }
  return batch;
}

Batch Batch::with_columns(SchemaPtr schema, std::vector<ColumnPtr> columns) const {
  Batch batch = *this;
  batch.schema_ = std::move(schema);
  batch.columns_ = std::move(columns);
  return batch;
}

Batch Batch::with_event_time(ColumnPtr times) const {
  WEIR_CHECK(times->length == physical_rows_);
  Batch batch = *this;
  batch.event_time_ = std::move(times);
  return batch;
}

std::optional<int64_t> Batch::event_time_us(int64_t row) const {
  if (!event_time_ || event_time_->is_null(row)) return std::nullopt;
  return event_time_->values_as<int64_t>()[static_cast<size_t>(row)];
}

Batch Batch::without_raw() const {
  Batch batch = *this;
  batch.raw_ = nullptr;
  return batch;
}

Batch Batch::compact() const {
  if (all_selected()) return *this;
  Batch batch = *this;
  for (ColumnPtr& column : batch.columns_) column = take(*column, *selection_);
  if (event_time_) batch.event_time_ = take(*event_time_, *selection_);
  if (origins_) {
    batch.origins_ =
        std::make_shared<const RowOrigins>(RowOrigins{.partition = take_vector(origins_->partition, *selection_),
                                                      .offset = take_vector(origins_->offset, *selection_),
                                                      .raw_index = take_vector(origins_->raw_index, *selection_)});
  }
  batch.physical_rows_ = static_cast<int64_t>(selection_->size());
  batch.selection_ = nullptr;
  return batch;
}

size_t Batch::memory_bytes() const {
  size_t bytes = 0;
  for (const ColumnPtr& column : columns_) bytes += column->memory_bytes();
  return bytes;
}

}  // namespace weir

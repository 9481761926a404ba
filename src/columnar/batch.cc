#include "columnar/batch.h"

#include <algorithm>

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

std::vector<SplitRun> take_runs(const std::vector<SplitRun>& from, std::span<const int32_t> rows) {
  std::vector<SplitRun> to;
  size_t taken = 0;
  for (const SplitRun& run : from) {
    const size_t before = taken;
    while (taken < rows.size() && rows[taken] < run.end) ++taken;
    if (taken > before) to.push_back({.split = run.split, .end = static_cast<int64_t>(taken)});
  }
  return to;
}

}  // namespace

const SplitPtr& RowOrigins::split_ptr(int64_t row) const {
  const auto run = std::upper_bound(runs.begin(), runs.end(), row,
                                    [](int64_t wanted, const SplitRun& one) { return wanted < one.end; });
  WEIR_CHECK(run != runs.end());
  return run->split;
}

void RowOrigins::add_to_run(const SplitPtr& split) {
  if (runs.empty() || runs.back().split != split) runs.push_back({.split = split, .end = 0});
  runs.back().end = static_cast<int64_t>(offset.size());
}

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

Batch Batch::with_ops(std::vector<RowOp> ops) const {
  WEIR_CHECK(static_cast<int64_t>(ops.size()) == physical_rows_);
  const bool are_inserts = std::all_of(ops.begin(), ops.end(), [](RowOp op) { return op == RowOp::insert; });
  Batch batch = *this;
  batch.ops_ = are_inserts ? nullptr : std::make_shared<const std::vector<RowOp>>(std::move(ops));
  return batch;
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
        std::make_shared<const RowOrigins>(RowOrigins{.runs = take_runs(origins_->runs, *selection_),
                                                      .offset = take_vector(origins_->offset, *selection_),
                                                      .raw_index = take_vector(origins_->raw_index, *selection_)});
  }
  batch.physical_rows_ = static_cast<int64_t>(selection_->size());
  batch.selection_ = nullptr;
  return ops_ ? batch.with_ops(take_vector(*ops_, *selection_)) : batch;
}

size_t Batch::memory_bytes() const {
  size_t bytes = 0;
  for (const ColumnPtr& column : columns_) bytes += column->memory_bytes();
  return bytes;
}

}  // namespace weir

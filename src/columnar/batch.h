/// \file
/// A batch: columns, the position and the op of every row, and which rows still count.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "columnar/column.h"
#include "columnar/row_op.h"
#include "columnar/schema.h"
#include "event/raw_batch.h"

namespace weir {

/// Rows of one split that follow each other.
struct SplitRun {
  SplitPtr split;
  int64_t end = 0;  ///< physical row behind the last one; the run begins where the one before ends
};

/// The positions of the rows of a batch: durable, so that nobody needs to know the source to name one.
struct RowOrigins {
  std::vector<SplitRun> runs;       ///< of all rows, in order
  std::vector<int64_t> offset;      ///< one a row
  std::vector<uint32_t> raw_index;  ///< one a row: index into the raw batch; empty once the raw bytes are let go

  /// The split of a row. O(log runs).
  const Split& split(int64_t row) const { return *split_ptr(row); }
  const SplitPtr& split_ptr(int64_t row) const;
  /// Says that the next row, whose offset was just added, is of `split`.
  void add_to_run(const SplitPtr& split);
};

/// An immutable value; copies share their columns. Thread-safe to read.
///
/// `rows()` counts the selected rows; `physical_rows()` those in the columns. Operators that drop rows pass a selection
/// on instead of copying; compact() makes the columns dense again.
class Batch {
 public:
  Batch() = default;
  Batch(SchemaPtr schema, std::vector<ColumnPtr> columns, int64_t physical_rows,
        std::shared_ptr<const RowOrigins> origins, std::shared_ptr<const RawBatch> raw = nullptr)
      : schema_(std::move(schema)),
        columns_(std::move(columns)),
        physical_rows_(physical_rows),
        origins_(std::move(origins)),
        raw_(std::move(raw)) {}

  const SchemaPtr& schema() const { return schema_; }
  const std::vector<ColumnPtr>& columns() const { return columns_; }
  const Column& column(size_t i) const { return *columns_[i]; }
  int64_t physical_rows() const { return physical_rows_; }
  int64_t rows() const { return selection_ ? static_cast<int64_t>(selection_->size()) : physical_rows_; }
  bool empty() const { return rows() == 0; }

  /// Positions of all physical rows; null for batches that no source made (tests, windows).
  const std::shared_ptr<const RowOrigins>& origins() const { return origins_; }
  /// The bytes the rows were decoded from; null once let go.
  const std::shared_ptr<const RawBatch>& raw() const { return raw_; }

  /// When the event of a physical row happened, in microseconds since the epoch; nothing when no column tells it, or
  /// the row has no value there.
  std::optional<int64_t> event_time_us(int64_t row) const;

  /// What a physical row says of the row of its key.
  RowOp op(int64_t row) const { return ops_ ? (*ops_)[static_cast<size_t>(row)] : RowOp::insert; }
  /// False when every physical row is an insert.
  bool has_changes() const { return ops_ != nullptr; }

  /// True when every physical row counts.
  bool all_selected() const { return selection_ == nullptr; }
  /// The rows that count, ascending. Only when !all_selected().
  std::span<const int32_t> selection() const { return *selection_; }

  /// The same columns with only `rows` (physical indexes, ascending) selected.
  Batch with_selection(std::vector<int32_t> rows) const;
  /// The same rows with other columns (each of physical_rows() values).
  Batch with_columns(SchemaPtr schema, std::vector<ColumnPtr> columns) const;
  /// The same rows, whose event time is in `times`: timestamps, one a physical row. It stays with them whatever columns
  /// they get.
  Batch with_event_time(ColumnPtr times) const;
  /// The same rows with `ops`, one a physical row. They stay with them whatever columns they get.
  Batch with_ops(std::vector<RowOp> ops) const;
  /// The same rows without the raw bytes: the arena may be freed.
  Batch without_raw() const;
  /// The selected rows as dense columns; *this when all are selected.
  Batch compact() const;

  /// Bytes of the columns (not of the raw batch).
  size_t memory_bytes() const;

 private:
  SchemaPtr schema_;
  std::vector<ColumnPtr> columns_;
  int64_t physical_rows_ = 0;
  std::shared_ptr<const RowOrigins> origins_;
  std::shared_ptr<const RawBatch> raw_;
  ColumnPtr event_time_;
  std::shared_ptr<const std::vector<RowOp>> ops_;  ///< null: inserts, all of them
  std::shared_ptr<const std::vector<int32_t>> selection_;
};

}  // namespace weir

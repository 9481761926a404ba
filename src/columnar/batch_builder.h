/// \file
/// Collects rows of several batches into one.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "columnar/batch.h"
#include "columnar/column_builder.h"

namespace weir {

/// Copies rows, all of them inserts; keeps no positions. One thread.
class BatchBuilder {
 public:
  explicit BatchBuilder(SchemaPtr schema);

  /// Appends `rows` (physical indexes) of a batch with the same schema.
  void append(const Batch& batch, std::span<const int32_t> rows);

  int64_t rows() const { return rows_; }
  /// Bytes of values held, about.
  int64_t memory_bytes() const { return memory_bytes_; }

  /// Hands the rows out as a dense batch and starts again.
  Batch finish();

 private:
  SchemaPtr schema_;
  std::vector<std::unique_ptr<ColumnBuilder>> builders_;
  int64_t rows_ = 0;
  int64_t memory_bytes_ = 0;
};

}  // namespace weir

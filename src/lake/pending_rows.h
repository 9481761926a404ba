/// \file
/// Rows of many partitions that wait in memory until they are worth a file.
#pragma once

#include <cstdint>
#include <vector>

#include "columnar/batch.h"

namespace weir::lake {

/// The waiting rows of one partition, in the order in which they came.
struct PendingRun {
  uint32_t batch = 0;  ///< number of the batch in PendingBatches
  std::vector<int32_t> rows;
};

/// The batches that waiting rows stand in: held, not copied, until the last of their rows is taken. One thread.
class PendingBatches {
 public:
  explicit PendingBatches(SchemaPtr schema) : schema_(std::move(schema)) {}

  /// Holds a dense batch whose rows all wait; returns its number.
  uint32_t add(const Batch& dense);
  /// The rows of `runs` as a dense batch. They wait no longer.
  Batch take(const std::vector<PendingRun>& runs);

  /// Bytes held, about.
  int64_t memory_bytes() const { return memory_bytes_; }

 private:
  struct Held {
    Batch batch;
    int64_t bytes = 0;
    int64_t rows_left = 0;
  };

  SchemaPtr schema_;
  std::vector<Held> held_;
  size_t batches_left_ = 0;
  int64_t memory_bytes_ = 0;
};

}  // namespace weir::lake

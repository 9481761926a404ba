/// \file
/// Writes batches as one Parquet file that every Iceberg reader understands: field ids on every node, zstd, statistics,
/// page index.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"

namespace weir::codec {

/// Where the bytes of a file go, front to back.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
};

struct ParquetOptions {
  int compression_level = 1;                            ///< zstd; 3 and more gain nothing after good encoding
  int64_t row_group_bytes = int64_t{64} * 1024 * 1024;  ///< of column data before encoding
  int64_t page_bytes = int64_t{1024} * 1024;
};

/// What a data file's manifest entry needs to know about the finished file.
struct ParquetFileFacts {
  int64_t rows = 0;
  int64_t size_bytes = 0;
  std::vector<int64_t> split_offsets;       ///< where each row group starts, ascending
  std::map<int32_t, int64_t> column_sizes;  ///< compressed bytes by field id, leaves only
};

/// One file. One thread. Whether a column is dictionary encoded is decided by its first batch.
///
/// Life: open(), write() any number of times, finish() once. Destroyed without finish(): the sink holds a torso.
class ParquetWriter {
 public:
  virtual ~ParquetWriter() = default;

  /// `sink` outlives the writer.
  static std::unique_ptr<ParquetWriter> open(SchemaPtr schema, const ParquetOptions& options, ByteSink& sink);

  /// Appends the rows of a dense batch (all_selected()) with exactly the file's schema. Errors: those of the sink;
  /// internal.
  virtual Result<void> write(const Batch& batch) = 0;
  /// Writes the footer. At least one row was written.
  virtual Result<ParquetFileFacts> finish() = 0;

  /// Bytes held in memory by the open row group, about.
  virtual int64_t memory_bytes() const = 0;
  /// Size of the file if it were finished now, about.
  virtual int64_t estimated_size_bytes() const = 0;
};

}  // namespace weir::codec

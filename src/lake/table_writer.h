/// \file
/// Turns batches into data files of one table: partitioned, rolled by size, within a memory budget.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "columnar/batch.h"
#include "format/parquet/writer.h"
#include "iceberg/metadata/table_metadata.h"
#include "storage/object_store.h"

namespace weir::lake {

/// Table property: the encodings of data files, "compatible" (also when absent or another text) or "modern".
inline constexpr const char* kEncodingsProperty = "write.parquet.encodings";

struct TableWriterOptions {
  std::string file_prefix;  ///< unique to this writer for all time: pipeline, fence epoch, task
  int64_t target_file_bytes = int64_t{256} * 1024 * 1024;
  int64_t memory_bytes_max = int64_t{256} * 1024 * 1024;
  iceberg::StringMap properties;  ///< go before the table's own: kEncodingsProperty, write.metadata.metrics.*
  parquet::WriterOptions parquet;
};

/// One thread. Files appear under <location>/data/<partition path>/ and are named once, never replaced; those of a
/// process that died are orphans that no table names.
class TableWriter {
 public:
  /// `store` outlives the writer. Errors: unsupported when the table cannot be written (check_writable).
  static Result<std::unique_ptr<TableWriter>> make(ObjectStore& store, const iceberg::TableMetadata& table,
                                                   TableWriterOptions options);
  virtual ~TableWriter() = default;

  /// Appends the selected rows. The batch has the table's current columns, in order. When the budget is passed, the
  /// largest files are closed first.
  virtual Result<void> write(const Batch& batch) = 0;

  /// Closes what is open, durably, and hands out the descriptions of all files since the last call as a part
  /// (file_part.h); it is empty when there are none.
  virtual Result<std::string> close_files() = 0;

  /// Bytes held, about, with the descriptions of closed files.
  virtual int64_t memory_bytes() const = 0;
};

}  // namespace weir::lake

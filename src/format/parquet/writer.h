/// \file
/// Writes batches as one Parquet file that every Iceberg reader understands: field ids on every node, statistics, page
/// index, zstd where it gains.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/column_statistics.h"
#include "format/parquet/byte_source.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// Where the bytes of a file go, front to back.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> append(std::string_view bytes) = 0;
};

/// Which encodings a file may use; docs/formats/parquet.md says who reads which.
enum class Encodings : uint8_t {
  compatible,  ///< plain and dictionary: every reader
  modern,      ///< differences for integers, lengths apart for bytes, split bytes for floats: newer readers
};

/// The order in which the caller hands rows over, of one top-level column.
struct SortedBy {
  int32_t field_id = 0;
  bool descending = false;
  bool nulls_first = true;
};

struct WriterOptions {
  Encodings encodings = Encodings::compatible;
  int compression_level = 1;                            ///< zstd; 0: none; 3 and more gain nothing after good encoding
  int64_t row_group_bytes = int64_t{64} * 1024 * 1024;  ///< of column data before encoding
  int64_t page_bytes = int64_t{1024} * 1024;            ///< of encoded values before compression, about
  int64_t page_rows = int64_t{64} * 1024;               ///< at most so many rows share a page, about
  /// A column whose dictionary takes more, with its hash table, goes without: so that thousands of columns fit.
  int64_t dictionary_memory_max = int64_t{16} * 1024 * 1024;
  size_t bound_bytes_max = 64;           ///< of a bound in FileFacts::columns; longer ones are cut
  std::vector<SortedBy> sorted_by = {};  ///< recorded, not checked
};

/// What a data file's manifest entry needs to know about the finished file.
struct FileFacts {
  int64_t rows = 0;
  int64_t size_bytes = 0;
  std::vector<int64_t> split_offsets;       ///< where each row group starts, ascending
  std::map<int32_t, int64_t> column_sizes;  ///< compressed bytes by field id, leaves only
  /// Of each leaf that is not inside a list or map, in the order of the schema. Empty once a row group was copied.
  std::vector<ColumnStatistics> columns;
};

/// One file. One thread.
///
/// Life: open(), write() any number of times, finish() once. Destroyed without finish(): the sink holds a torso.
class Writer {
 public:
  virtual ~Writer() = default;

  /// `sink` outlives the writer. Every field of `schema` has an id.
  static std::unique_ptr<Writer> open(SchemaPtr schema, const WriterOptions& options, ByteSink& sink);

  /// Appends the rows of a dense batch (all_selected()) with exactly the file's schema. Errors: those of the sink;
  /// limit_exceeded for a row whose values take more than a page can hold (2 GiB); resource_exhausted.
  virtual Result<void> write(const Batch& batch) = 0;
  /// Ends the open row group early, if it has rows, and gives back the memory that it took.
  virtual Result<void> end_row_group() = 0;
  /// Appends row group `index` of another file as it is, without decoding it: pages, dictionaries and page indexes,
  /// moved to their new place. Rows that were written before end their row group. `metadata` is that of `source`, whose
  /// leaves are the same as ours: types, levels, field ids and codecs that we read. FileFacts::columns stay empty from
  /// then on: the other file's manifest entry knows more (NaN counts). Row lineage of format version 3 is not kept.
  /// Errors: unsupported when the leaves differ; corrupt when the group lies outside of its file; those of source and
  /// sink. After an error the file cannot be finished.
  virtual Result<void> copy_row_group(ByteSource& source, const FileMetadata& metadata, size_t index) = 0;
  /// Writes the footer. At least one row was written.
  virtual Result<FileFacts> finish() = 0;

  /// Bytes of memory that the file takes, after the last call: the open row group, buffers, and what the footer will
  /// say of the row groups that ended.
  virtual int64_t memory_bytes() const = 0;
  /// Size of the file if it were finished now, about.
  virtual int64_t estimated_size_bytes() const = 0;
};

}  // namespace weir::parquet

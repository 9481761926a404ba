/// \file
/// Parquet's metadata as values: the footer, page headers and page indexes (parquet-format, parquet.thrift; names and
/// numbers are the format's). What Weir neither writes nor needs is passed over when read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::parquet {

enum class PhysicalType : int32_t {
  boolean = 0,
  int32 = 1,
  int64 = 2,
  int96 = 3,
  float32 = 4,
  float64 = 5,
  byte_array = 6,
  fixed_len_byte_array = 7,
};
enum class Repetition : int32_t { required = 0, optional = 1, repeated = 2 };
enum class Encoding : int32_t {
  plain = 0,
  plain_dictionary = 2,
  rle = 3,
  bit_packed = 4,
  delta_binary_packed = 5,
  delta_length_byte_array = 6,
  delta_byte_array = 7,
  rle_dictionary = 8,
  byte_stream_split = 9,
};
enum class Codec : int32_t {
  uncompressed = 0,
  snappy = 1,
  gzip = 2,
  lzo = 3,
  brotli = 4,
  lz4 = 5,
  zstd = 6,
  lz4_raw = 7
};
enum class PageType : int32_t { data = 0, index = 1, dictionary = 2, data_v2 = 3 };
enum class BoundaryOrder : int32_t { unordered = 0, ascending = 1, descending = 2 };
enum class LogicalKind : int16_t {
  none = 0,
  string = 1,
  map = 2,
  list = 3,
  enumeration = 4,
  decimal = 5,
  date = 6,
  time = 7,
  timestamp = 8,
  integer = 10,
  unknown = 11,
  json = 12,
  bson = 13,
  uuid = 14,
};
enum class TimeUnit : int16_t { millis = 1, micros = 2, nanos = 3 };

struct LogicalType {
  LogicalKind kind = LogicalKind::none;
  int32_t scale = 0;
  int32_t precision = 0;
  bool is_utc = false;               ///< time, timestamp
  TimeUnit unit = TimeUnit::micros;  ///< time, timestamp
};

/// A node of the schema; nodes stand in depth-first order, each group's children after it.
struct SchemaElement {
  std::optional<PhysicalType> type = {};  ///< leaves
  int32_t type_length = 0;                ///< fixed_len_byte_array: bytes
  std::optional<Repetition> repetition = {};
  std::string name = {};
  int32_t children = 0;
  std::optional<int32_t> converted_type = {};
  int32_t scale = 0;
  int32_t precision = 0;
  std::optional<int32_t> field_id = {};
  LogicalType logical = {};
};

struct Statistics {
  std::optional<int64_t> null_count = {};
  std::optional<int64_t> nan_count = {};
  std::optional<std::string> min_value = {};
  std::optional<std::string> max_value = {};
  bool is_min_exact = true;
  bool is_max_exact = true;
};

/// Counts of values by level; empty or one entry a level.
struct SizeStatistics {
  std::optional<int64_t> unencoded_byte_array_bytes = {};
  std::vector<int64_t> repetition_histogram = {};
  std::vector<int64_t> definition_histogram = {};
};

struct PageEncodingStats {
  PageType page_type = PageType::data;
  Encoding encoding = Encoding::plain;
  int32_t count = 0;
};

/// A place in the file; length 0: none.
struct FileRange {
  int64_t offset = 0;
  int32_t length = 0;
};

struct ColumnChunk {
  PhysicalType type = PhysicalType::boolean;
  std::vector<Encoding> encodings = {};
  std::vector<std::string> path = {};
  Codec codec = Codec::uncompressed;
  int64_t values = 0;  ///< nulls included
  int64_t uncompressed_bytes = 0;
  int64_t compressed_bytes = 0;
  int64_t data_page_offset = 0;
  std::optional<int64_t> dictionary_page_offset = {};
  Statistics statistics = {};
  std::vector<PageEncodingStats> encoding_stats = {};
  SizeStatistics sizes = {};
  FileRange offset_index = {};
  FileRange column_index = {};
};

struct SortingColumn {
  int32_t leaf = 0;
  bool descending = false;
  bool nulls_first = false;
};

struct RowGroup {
  std::vector<ColumnChunk> columns = {};
  int64_t uncompressed_bytes = 0;
  int64_t rows = 0;
  std::vector<SortingColumn> sorting = {};
  int64_t file_offset = 0;
  int64_t compressed_bytes = 0;
};

struct KeyValue {
  std::string key;
  std::string value;
};

struct FileMetadata {
  std::vector<SchemaElement> schema = {};
  int64_t rows = 0;
  std::vector<RowGroup> row_groups = {};
  std::vector<KeyValue> key_values = {};
  std::string created_by = {};
};

struct PageHeader {
  PageType type = PageType::data;
  int32_t uncompressed_bytes = 0;
  int32_t compressed_bytes = 0;
  std::optional<uint32_t> crc = {};
  int32_t values = 0;
  Encoding encoding = Encoding::plain;
  Encoding definition_encoding = Encoding::rle;
  Encoding repetition_encoding = Encoding::rle;
  // data_v2 only
  int32_t nulls = 0;
  int32_t rows = 0;
  int32_t definition_bytes = 0;
  int32_t repetition_bytes = 0;
  bool is_compressed = true;
};

struct PageLocation {
  int64_t offset = 0;
  int32_t compressed_bytes = 0;  ///< header included
  int64_t first_row = 0;         ///< in the row group
};

struct OffsetIndex {
  std::vector<PageLocation> pages = {};
  std::vector<int64_t> unencoded_byte_array_bytes = {};
};

/// Vectors with one entry a page; histograms: page after page, one entry a level.
struct ColumnIndex {
  std::vector<bool> null_pages = {};
  std::vector<std::string> min_values = {};
  std::vector<std::string> max_values = {};
  BoundaryOrder order = BoundaryOrder::unordered;
  std::vector<int64_t> null_counts = {};
  std::vector<int64_t> repetition_histograms = {};
  std::vector<int64_t> definition_histograms = {};
  std::vector<int64_t> nan_counts = {};
};

/// Thrift's bytes of each. Columns are ordered by the types' own order (TYPE_ORDER).
std::string to_bytes(const FileMetadata& metadata);
std::string to_bytes(const PageHeader& header);
std::string to_bytes(const OffsetIndex& index);
std::string to_bytes(const ColumnIndex& index);

/// Reads what stands at the beginning of `bytes`. Errors: corrupt; memory is bounded by a small multiple of the bytes.
Result<FileMetadata> read_file_metadata(std::string_view bytes);
Result<OffsetIndex> read_offset_index(std::string_view bytes);
Result<ColumnIndex> read_column_index(std::string_view bytes);
/// `size` becomes the bytes that the header took.
Result<PageHeader> read_page_header(std::string_view bytes, size_t& size);

}  // namespace weir::parquet

#include "format/parquet/metadata.h"
#include "format/parquet/thrift.h"

namespace weir::parquet {
namespace {

constexpr int32_t kFormatVersion = 2;

template <typename Enum>
int32_t number(Enum value) {
  return static_cast<int32_t>(value);
}

void write_list(ThriftWriter& out, int16_t id, const std::vector<int64_t>& values) {
  if (values.empty()) return;
  out.list(id, ThriftType::int64, values.size());
  for (const int64_t value : values) out.element(value);
}

void write_time_parameters(ThriftWriter& out, const LogicalType& logical) {
  out.boolean(1, logical.is_utc);
  out.begin(2);
  out.begin(static_cast<int16_t>(logical.unit));
  out.end();
  out.end();
}

void write_logical(ThriftWriter& out, const LogicalType& logical) {
  if (logical.kind == LogicalKind::none) return;
  out.begin(10);
  out.begin(static_cast<int16_t>(logical.kind));
  if (logical.kind == LogicalKind::decimal) {
    out.int32(1, logical.scale);
    out.int32(2, logical.precision);
  }
  if (logical.kind == LogicalKind::time || logical.kind == LogicalKind::timestamp) write_time_parameters(out, logical);
  out.end();
  out.end();
}

void write_element(ThriftWriter& out, const SchemaElement& element) {
  out.begin_element();
  if (element.type) out.int32(1, number(*element.type));
  if (element.type == PhysicalType::fixed_len_byte_array) out.int32(2, element.type_length);
  if (element.repetition) out.int32(3, number(*element.repetition));
  out.binary(4, element.name);
  if (!element.type) out.int32(5, element.children);
  if (element.converted_type) out.int32(6, *element.converted_type);
  if (element.logical.kind == LogicalKind::decimal) {
    out.int32(7, element.scale);
    out.int32(8, element.precision);
  }
  if (element.field_id) out.int32(9, *element.field_id);
  write_logical(out, element.logical);
  out.end();
}

void write_statistics(ThriftWriter& out, int16_t id, const Statistics& statistics) {
  out.begin(id);
  if (statistics.null_count) out.int64(3, *statistics.null_count);
  if (statistics.max_value) out.binary(5, *statistics.max_value);
  if (statistics.min_value) out.binary(6, *statistics.min_value);
  if (statistics.max_value) out.boolean(7, statistics.is_max_exact);
  if (statistics.min_value) out.boolean(8, statistics.is_min_exact);
  if (statistics.nan_count) out.int64(9, *statistics.nan_count);
  out.end();
}

void write_encoding_stats(ThriftWriter& out, const std::vector<PageEncodingStats>& stats) {
  if (stats.empty()) return;
  out.list(13, ThriftType::structure, stats.size());
  for (const PageEncodingStats& stat : stats) {
    out.begin_element();
    out.int32(1, number(stat.page_type));
    out.int32(2, number(stat.encoding));
    out.int32(3, stat.count);
    out.end();
  }
}

void write_sizes(ThriftWriter& out, const SizeStatistics& sizes) {
  if (!sizes.unencoded_byte_array_bytes && sizes.repetition_histogram.empty() && sizes.definition_histogram.empty())
    return;
  out.begin(16);
  if (sizes.unencoded_byte_array_bytes) out.int64(1, *sizes.unencoded_byte_array_bytes);
  write_list(out, 2, sizes.repetition_histogram);
  write_list(out, 3, sizes.definition_histogram);
  out.end();
}

void write_column_metadata(ThriftWriter& out, const ColumnChunk& chunk) {
  out.begin(3);
  out.int32(1, number(chunk.type));
  out.list(2, ThriftType::int32, chunk.encodings.size());
  for (const Encoding encoding : chunk.encodings) out.element(number(encoding));
  out.list(3, ThriftType::binary, chunk.path.size());
  for (const std::string& name : chunk.path) out.element(std::string_view(name));
  out.int32(4, number(chunk.codec));
  out.int64(5, chunk.values);
  out.int64(6, chunk.uncompressed_bytes);
  out.int64(7, chunk.compressed_bytes);
  out.int64(9, chunk.data_page_offset);
  if (chunk.dictionary_page_offset) out.int64(11, *chunk.dictionary_page_offset);
  write_statistics(out, 12, chunk.statistics);
  write_encoding_stats(out, chunk.encoding_stats);
  write_sizes(out, chunk.sizes);
  out.end();
}

void write_column_chunk(ThriftWriter& out, const ColumnChunk& chunk) {
  out.begin_element();
  out.int64(2, 0);  // file_offset: deprecated, to be 0
  write_column_metadata(out, chunk);
  if (chunk.offset_index.length != 0) {
    out.int64(4, chunk.offset_index.offset);
    out.int32(5, chunk.offset_index.length);
  }
  if (chunk.column_index.length != 0) {
    out.int64(6, chunk.column_index.offset);
    out.int32(7, chunk.column_index.length);
  }
  out.end();
}

void write_row_group(ThriftWriter& out, const RowGroup& group, size_t ordinal) {
  out.begin_element();
  out.list(1, ThriftType::structure, group.columns.size());
  for (const ColumnChunk& chunk : group.columns) write_column_chunk(out, chunk);
  out.int64(2, group.uncompressed_bytes);
  out.int64(3, group.rows);
  if (!group.sorting.empty()) {
    out.list(4, ThriftType::structure, group.sorting.size());
    for (const SortingColumn& column : group.sorting) {
      out.begin_element();
      out.int32(1, column.leaf);
      out.boolean(2, column.descending);
      out.boolean(3, column.nulls_first);
      out.end();
    }
  }
  out.int64(5, group.file_offset);
  out.int64(6, group.compressed_bytes);
  if (ordinal <= INT16_MAX) out.int16(7, static_cast<int16_t>(ordinal));
  out.end();
}

}  // namespace

std::string to_bytes(const FileMetadata& metadata) {
  ThriftWriter out;
  out.begin_element();
  out.int32(1, kFormatVersion);
  out.list(2, ThriftType::structure, metadata.schema.size());
  size_t leaves = 0;
  for (const SchemaElement& element : metadata.schema) {
    write_element(out, element);
    leaves += element.type ? 1 : 0;
  }
  out.int64(3, metadata.rows);
  out.list(4, ThriftType::structure, metadata.row_groups.size());
  for (size_t i = 0; i < metadata.row_groups.size(); ++i) write_row_group(out, metadata.row_groups[i], i);
  if (!metadata.key_values.empty()) {
    out.list(5, ThriftType::structure, metadata.key_values.size());
    for (const KeyValue& entry : metadata.key_values) {
      out.begin_element();
      out.binary(1, entry.key);
      out.binary(2, entry.value);
      out.end();
    }
  }
  out.binary(6, metadata.created_by);
  out.list(7, ThriftType::structure, leaves);
  for (size_t i = 0; i < leaves; ++i) {
    out.begin_element();
    out.begin(1);  // TYPE_ORDER
    out.end();
    out.end();
  }
  out.end();
  return std::move(out).release();
}

std::string to_bytes(const PageHeader& header) {
  ThriftWriter out;
  out.begin_element();
  out.int32(1, number(header.type));
  out.int32(2, header.uncompressed_bytes);
  out.int32(3, header.compressed_bytes);
  if (header.crc) out.int32(4, static_cast<int32_t>(*header.crc));
  if (header.type == PageType::data) {
    out.begin(5);
    out.int32(1, header.values);
    out.int32(2, number(header.encoding));
    out.int32(3, number(header.definition_encoding));
    out.int32(4, number(header.repetition_encoding));
    out.end();
  } else {
    WEIR_CHECK(header.type == PageType::dictionary);
    out.begin(7);
    out.int32(1, header.values);
    out.int32(2, number(header.encoding));
    out.end();
  }
  out.end();
  return std::move(out).release();
}

std::string to_bytes(const OffsetIndex& index) {
  ThriftWriter out;
  out.begin_element();
  out.list(1, ThriftType::structure, index.pages.size());
  for (const PageLocation& page : index.pages) {
    out.begin_element();
    out.int64(1, page.offset);
    out.int32(2, page.compressed_bytes);
    out.int64(3, page.first_row);
    out.end();
  }
  write_list(out, 2, index.unencoded_byte_array_bytes);
  out.end();
  return std::move(out).release();
}

std::string to_bytes(const ColumnIndex& index) {
  ThriftWriter out;
  out.begin_element();
  out.list(1, ThriftType::boolean_true, index.null_pages.size());
  for (const bool is_null : index.null_pages) out.element(is_null);
  out.list(2, ThriftType::binary, index.min_values.size());
  for (const std::string& value : index.min_values) out.element(std::string_view(value));
  out.list(3, ThriftType::binary, index.max_values.size());
  for (const std::string& value : index.max_values) out.element(std::string_view(value));
  out.int32(4, number(index.order));
  write_list(out, 5, index.null_counts);
  write_list(out, 6, index.repetition_histograms);
  write_list(out, 7, index.definition_histograms);
  write_list(out, 8, index.nan_counts);
  out.end();
  return std::move(out).release();
}

}  // namespace weir::parquet

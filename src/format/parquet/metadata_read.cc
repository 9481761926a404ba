#include "format/parquet/metadata.h"
#include "format/parquet/thrift.h"

namespace weir::parquet {
namespace {

template <typename Enum>
Enum to_enum(ThriftReader& in, int32_t last) {
  const int32_t value = in.int32();
  if (value < 0 || value > last) in.fail();
  return static_cast<Enum>(in.failed() ? 0 : value);
}

/// Calls `read(id)` for each field of a struct; `read` returns false for a field that it does not take.
template <typename Read>
void read_struct(ThriftReader& in, Read read) {
  in.begin();
  for (int16_t id = in.next_field(); id != 0; id = in.next_field()) {
    if (!read(id)) in.skip();
  }
}

template <typename T, typename Read>
void read_structs(ThriftReader& in, std::vector<T>& values, Read read) {
  values.clear();
  for (size_t left = in.list(ThriftType::structure); left > 0 && !in.failed(); --left) read(values.emplace_back());
}

void read_int64s(ThriftReader& in, std::vector<int64_t>& values) {
  values.clear();
  for (size_t left = in.list(ThriftType::int64); left > 0 && !in.failed(); --left) values.push_back(in.int64_element());
}

void read_binaries(ThriftReader& in, std::vector<std::string>& values) {
  values.clear();
  for (size_t left = in.list(ThriftType::binary); left > 0 && !in.failed(); --left)
    values.emplace_back(in.binary_element());
}

void read_time_unit(ThriftReader& in, LogicalType& logical) {
  read_struct(in, [&](int16_t id) {
    if (id > static_cast<int16_t>(TimeUnit::nanos)) return false;
    logical.unit = static_cast<TimeUnit>(id);
    return false;
  });
}

void read_logical(ThriftReader& in, LogicalType& logical) {
  read_struct(in, [&](int16_t kind) {
    logical.kind = static_cast<LogicalKind>(kind);
    if (in.type() != ThriftType::structure) return false;
    const bool is_decimal = logical.kind == LogicalKind::decimal;
    const bool is_time = logical.kind == LogicalKind::time || logical.kind == LogicalKind::timestamp;
    read_struct(in, [&](int16_t id) {
      if (is_decimal && id == 1) return logical.scale = in.int32(), true;
      if (is_decimal && id == 2) return logical.precision = in.int32(), true;
      if (is_time && id == 1) return logical.is_utc = in.boolean(), true;
      if (is_time && id == 2 && in.type() == ThriftType::structure) return read_time_unit(in, logical), true;
      return false;
    });
    return true;
  });
}

void read_element(ThriftReader& in, SchemaElement& element) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: element.type = to_enum<PhysicalType>(in, 7); return true;
      case 2: element.type_length = in.int32(); return true;
      case 3: element.repetition = to_enum<Repetition>(in, 2); return true;
      case 4: element.name = in.binary(); return true;
      case 5: element.children = in.int32(); return true;
      case 6: element.converted_type = in.int32(); return true;
      case 7: element.scale = in.int32(); return true;
      case 8: element.precision = in.int32(); return true;
      case 9: element.field_id = in.int32(); return true;
      case 10:
        if (in.type() != ThriftType::structure) return false;
        read_logical(in, element.logical);
        return true;
      default: return false;
    }
  });
}

void read_statistics(ThriftReader& in, Statistics& statistics) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 3: statistics.null_count = in.int64(); return true;
      case 5: statistics.max_value = in.binary(); return true;
      case 6: statistics.min_value = in.binary(); return true;
      case 7: statistics.is_max_exact = in.boolean(); return true;
      case 8: statistics.is_min_exact = in.boolean(); return true;
      case 9: statistics.nan_count = in.int64(); return true;
      default: return false;
    }
  });
}

void read_sizes(ThriftReader& in, SizeStatistics& sizes) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: sizes.unencoded_byte_array_bytes = in.int64(); return true;
      case 2: read_int64s(in, sizes.repetition_histogram); return true;
      case 3: read_int64s(in, sizes.definition_histogram); return true;
      default: return false;
    }
  });
}

void read_encoding_stat(ThriftReader& in, PageEncodingStats& stat) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: stat.page_type = to_enum<PageType>(in, 3); return true;
      case 2: stat.encoding = to_enum<Encoding>(in, 9); return true;
      case 3: stat.count = in.int32(); return true;
      default: return false;
    }
  });
}

void read_column_metadata(ThriftReader& in, ColumnChunk& chunk) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: chunk.type = to_enum<PhysicalType>(in, 7); return true;
      case 2:
        for (size_t left = in.list(ThriftType::int32); left > 0 && !in.failed(); --left)
          chunk.encodings.push_back(static_cast<Encoding>(in.int32_element()));
        return true;
      case 3: read_binaries(in, chunk.path); return true;
      case 4: chunk.codec = to_enum<Codec>(in, 7); return true;
      case 5: chunk.values = in.int64(); return true;
      case 6: chunk.uncompressed_bytes = in.int64(); return true;
      case 7: chunk.compressed_bytes = in.int64(); return true;
      case 9: chunk.data_page_offset = in.int64(); return true;
      case 11: chunk.dictionary_page_offset = in.int64(); return true;
      case 12: read_statistics(in, chunk.statistics); return true;
      case 13:
        read_structs(in, chunk.encoding_stats, [&](PageEncodingStats& stat) { read_encoding_stat(in, stat); });
        return true;
      case 16: read_sizes(in, chunk.sizes); return true;
      default: return false;
    }
  });
}

void read_column_chunk(ThriftReader& in, ColumnChunk& chunk) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 3: read_column_metadata(in, chunk); return true;
      case 4: chunk.offset_index.offset = in.int64(); return true;
      case 5: chunk.offset_index.length = in.int32(); return true;
      case 6: chunk.column_index.offset = in.int64(); return true;
      case 7: chunk.column_index.length = in.int32(); return true;
      default: return false;
    }
  });
}

void read_sorting(ThriftReader& in, SortingColumn& column) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: column.leaf = in.int32(); return true;
      case 2: column.descending = in.boolean(); return true;
      case 3: column.nulls_first = in.boolean(); return true;
      default: return false;
    }
  });
}

void read_row_group(ThriftReader& in, RowGroup& group) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: read_structs(in, group.columns, [&](ColumnChunk& chunk) { read_column_chunk(in, chunk); }); return true;
      case 2: group.uncompressed_bytes = in.int64(); return true;
      case 3: group.rows = in.int64(); return true;
      case 4: read_structs(in, group.sorting, [&](SortingColumn& column) { read_sorting(in, column); }); return true;
      case 5: group.file_offset = in.int64(); return true;
      case 6: group.compressed_bytes = in.int64(); return true;
      default: return false;
    }
  });
}

void read_data_page(ThriftReader& in, PageHeader& header) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: header.values = in.int32(); return true;
      case 2: header.encoding = to_enum<Encoding>(in, 9); return true;
      case 3: header.definition_encoding = to_enum<Encoding>(in, 9); return true;
      case 4: header.repetition_encoding = to_enum<Encoding>(in, 9); return true;
      default: return false;
    }
  });
}

void read_dictionary_page(ThriftReader& in, PageHeader& header) {
  read_struct(in, [&](int16_t id) {
    if (id == 1) return header.values = in.int32(), true;
    if (id == 2) return header.encoding = to_enum<Encoding>(in, 9), true;
    return false;  // is_sorted, which Arrow writes
  });
}

void read_data_page_v2(ThriftReader& in, PageHeader& header) {
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: header.values = in.int32(); return true;
      case 2: header.nulls = in.int32(); return true;
      case 3: header.rows = in.int32(); return true;
      case 4: header.encoding = to_enum<Encoding>(in, 9); return true;
      case 5: header.definition_bytes = in.int32(); return true;
      case 6: header.repetition_bytes = in.int32(); return true;
      case 7: header.is_compressed = in.boolean(); return true;
      default: return false;
    }
  });
}

template <typename T>
Result<T> checked(const ThriftReader& in, T value, const char* what) {
  if (in.failed()) return Error(ErrorKind::corrupt, std::string("Parquet: ") + what + " cannot be read");
  return value;
}

}  // namespace

Result<FileMetadata> read_file_metadata(std::string_view bytes) {
  ThriftReader in(bytes);
  FileMetadata metadata;
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 2:
        read_structs(in, metadata.schema, [&](SchemaElement& element) { read_element(in, element); });
        return true;
      case 3: metadata.rows = in.int64(); return true;
      case 4: read_structs(in, metadata.row_groups, [&](RowGroup& group) { read_row_group(in, group); }); return true;
      case 5:
        read_structs(in, metadata.key_values, [&](KeyValue& entry) {
          read_struct(in, [&](int16_t part) {
            if (part == 1) return entry.key = in.binary(), true;
            if (part == 2) return entry.value = in.binary(), true;
            return false;
          });
        });
        return true;
      case 6: metadata.created_by = in.binary(); return true;
      default: return false;
    }
  });
  return checked(in, std::move(metadata), "the footer");
}

Result<OffsetIndex> read_offset_index(std::string_view bytes) {
  ThriftReader in(bytes);
  OffsetIndex index;
  read_struct(in, [&](int16_t id) {
    if (id == 2) return read_int64s(in, index.unencoded_byte_array_bytes), true;
    if (id != 1) return false;
    read_structs(in, index.pages, [&](PageLocation& page) {
      read_struct(in, [&](int16_t part) {
        switch (part) {
          case 1: page.offset = in.int64(); return true;
          case 2: page.compressed_bytes = in.int32(); return true;
          case 3: page.first_row = in.int64(); return true;
          default: return false;
        }
      });
    });
    return true;
  });
  return checked(in, std::move(index), "an offset index");
}

Result<ColumnIndex> read_column_index(std::string_view bytes) {
  ThriftReader in(bytes);
  ColumnIndex index;
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1:
        for (size_t left = in.list(ThriftType::boolean_true); left > 0 && !in.failed(); --left)
          index.null_pages.push_back(in.boolean_element());
        return true;
      case 2: read_binaries(in, index.min_values); return true;
      case 3: read_binaries(in, index.max_values); return true;
      case 4: index.order = to_enum<BoundaryOrder>(in, 2); return true;
      case 5: read_int64s(in, index.null_counts); return true;
      case 6: read_int64s(in, index.repetition_histograms); return true;
      case 7: read_int64s(in, index.definition_histograms); return true;
      case 8: read_int64s(in, index.nan_counts); return true;
      default: return false;
    }
  });
  const size_t pages = index.null_pages.size();
  if (index.min_values.size() != pages || index.max_values.size() != pages) in.fail();
  return checked(in, std::move(index), "a column index");
}

Result<PageHeader> read_page_header(std::string_view bytes, size_t& size) {
  ThriftReader in(bytes);
  PageHeader header;
  read_struct(in, [&](int16_t id) {
    switch (id) {
      case 1: header.type = to_enum<PageType>(in, 3); return true;
      case 2: header.uncompressed_bytes = in.int32(); return true;
      case 3: header.compressed_bytes = in.int32(); return true;
      case 4: header.crc = static_cast<uint32_t>(in.int32()); return true;
      case 5: read_data_page(in, header); return true;
      case 7: read_dictionary_page(in, header); return true;
      case 8: read_data_page_v2(in, header); return true;
      default: return false;
    }
  });
  if (header.uncompressed_bytes < 0 || header.compressed_bytes < 0 || header.values < 0) in.fail();
  size = bytes.size() - in.remaining();
  return checked(in, header, "a page header");
}

}  // namespace weir::parquet

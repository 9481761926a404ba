/// \file
/// Statistics, page indexes and facts never exclude a value that is there.
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "format/parquet/metadata.h"
#include "format/parquet/tests/random_table.h"

namespace weir::parquet {
namespace {

const uint64_t kCases = case_count(1500);

FileMetadata footer_of(const std::string& file) {
  uint32_t size = 0;
  std::memcpy(&size, file.data() + file.size() - 8, sizeof size);
  return read_file_metadata(std::string_view(file).substr(file.size() - 8 - size, size)).value();
}

std::string_view slice(const std::string& file, const FileRange& range) {
  return std::string_view(file).substr(static_cast<size_t>(range.offset), static_cast<size_t>(range.length));
}

template <typename T>
T load(std::string_view bytes) {
  EXPECT_EQ(bytes.size(), sizeof(T));
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

Int128 big_endian(std::string_view bytes) {
  Int128 value = (bytes[0] & 0x80) != 0 ? -1 : 0;
  for (const char byte : bytes)
    value = static_cast<Int128>(static_cast<UInt128>(value) << 8 | static_cast<uint8_t>(byte));
  return value;
}

template <typename T>
bool is_within(T value, T lower, T upper) {
  return lower <= value && value <= upper;
}

/// True when row `i` of `column` lies between bounds as Parquet's statistics hold them.
bool is_within(const Column& column, int64_t i, std::string_view lower, std::string_view upper) {
  const auto row = static_cast<size_t>(i);
  switch (column.type->kind()) {
    case TypeKind::boolean: return is_within<int>(column.boolean_at(i), lower[0], upper[0]);
    case TypeKind::int32:
    case TypeKind::date: return is_within(column.values_as<int32_t>()[row], load<int32_t>(lower), load<int32_t>(upper));
    case TypeKind::float32: return is_within(column.values_as<float>()[row], load<float>(lower), load<float>(upper));
    case TypeKind::float64: return is_within(column.values_as<double>()[row], load<double>(lower), load<double>(upper));
    case TypeKind::decimal: {
      const auto value = column.values_as<Int128>()[row];
      if (column.type->precision() <= 9) return is_within<Int128>(value, load<int32_t>(lower), load<int32_t>(upper));
      if (column.type->precision() <= 18) return is_within<Int128>(value, load<int64_t>(lower), load<int64_t>(upper));
      return is_within(value, big_endian(lower), big_endian(upper));
    }
    case TypeKind::string:
    case TypeKind::binary:
    case TypeKind::uuid:
    case TypeKind::fixed: return is_within(column.bytes_at(i), lower, upper);
    default: return is_within(column.values_as<int64_t>()[row], load<int64_t>(lower), load<int64_t>(upper));
  }
}

/// A file of one optional primitive column, and its rows.
struct OneColumn {
  explicit OneColumn(uint64_t seed) {
    SeededRandom random(seed);
    SchemaPtr schema;
    do {
      schema = random_schema(random);
      schema = std::make_shared<const Schema>(std::vector<Field>{schema->field(0)});
    } while (schema->field(0).type->is_nested());
    batches.push_back(random_batch(schema, 700, random));
    const WriterOptions options = random_options(random);
    facts = write_all(*Writer::open(schema, options, sink), batches);
    footer = footer_of(sink.file);
  }
  const Column& column() const { return batches[0].column(0); }

  std::vector<Batch> batches;
  MemorySink sink;
  FileFacts facts;
  FileMetadata footer;
};

TEST(ParquetStatistics, ChunkBoundsAndCountsFitEveryRow) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const OneColumn file(seed);
    int64_t row = 0;
    for (const RowGroup& group : file.footer.row_groups) {
      const Statistics& statistics = group.columns[0].statistics;
      int64_t nulls = 0;
      for (int64_t end = row + group.rows; row < end; ++row) {
        nulls += file.column().is_null(row) ? 1 : 0;
        if (file.column().is_null(row) || !statistics.min_value) continue;
        ASSERT_TRUE(is_within(file.column(), row, *statistics.min_value, *statistics.max_value)) << "row " << row;
      }
      ASSERT_EQ(statistics.null_count, nulls);
    }
    ASSERT_EQ(row, file.column().length);
  }
}

TEST(ParquetStatistics, PageBoundsFitEveryRowAndAreInTheOrderTheyClaim) {
  int64_t pages_seen = 0;
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const OneColumn file(seed);
    int64_t group_row = 0;
    for (const RowGroup& group : file.footer.row_groups) {
      const ColumnChunk& chunk = group.columns[0];
      const OffsetIndex offsets = read_offset_index(slice(file.sink.file, chunk.offset_index)).value();
      if (chunk.column_index.length != 0) {
        const ColumnIndex index = read_column_index(slice(file.sink.file, chunk.column_index)).value();
        ASSERT_EQ(index.null_pages.size(), offsets.pages.size());
        for (size_t p = 0; p < offsets.pages.size(); ++p) {
          const int64_t end = p + 1 < offsets.pages.size() ? offsets.pages[p + 1].first_row : group.rows;
          int64_t nulls = 0;
          for (int64_t row = offsets.pages[p].first_row; row < end; ++row) {
            const bool is_null = file.column().is_null(group_row + row);
            nulls += is_null ? 1 : 0;
            ASSERT_TRUE(is_null || (!index.null_pages[p] && is_within(file.column(), group_row + row,
                                                                      index.min_values[p], index.max_values[p])));
          }
          ASSERT_EQ(index.null_counts[p], nulls);
          ++pages_seen;
        }
      }
      group_row += group.rows;
    }
  }
  EXPECT_GT(pages_seen, 5'000);
}

TEST(ParquetStatistics, FactsTellCountsAndNarrowBounds) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const OneColumn file(seed);
    ASSERT_EQ(file.facts.columns.size(), 1U);
    const ColumnStatistics& facts = file.facts.columns[0];
    const Column& column = file.column();
    ASSERT_EQ(facts.values, column.length);
    ASSERT_EQ(facts.nulls, column.null_count);
    if (column.type->kind() != TypeKind::float64) continue;
    int64_t nans = 0;
    double lower = INFINITY;
    double upper = -INFINITY;
    for (int64_t i = 0; i < column.length; ++i) {
      if (column.is_null(i)) continue;
      const double value = column.values_as<double>()[static_cast<size_t>(i)];
      nans += std::isnan(value) ? 1 : 0;
      lower = value < lower ? value : lower;
      upper = value > upper ? value : upper;
    }
    ASSERT_EQ(facts.nans, nans);
    ASSERT_EQ(facts.lower.has_value(), nans + facts.nulls < facts.values);
    if (!facts.lower) continue;
    ASSERT_EQ(load<double>(facts.lower->bytes), lower);
    ASSERT_EQ(load<double>(facts.upper->bytes), upper);
    ASSERT_TRUE(lower != 0 || std::signbit(load<double>(facts.lower->bytes)));
    ASSERT_TRUE(upper != 0 || !std::signbit(load<double>(facts.upper->bytes)));
  }
}

}  // namespace
}  // namespace weir::parquet

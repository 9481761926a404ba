/// \file
/// What was written is read; what was broken is refused, within bounds.
#include "format/parquet/reader.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "format/parquet/file_tree.h"
#include "format/parquet/tests/arrow_writer.h"
#include "format/parquet/tests/random_table.h"

namespace weir::parquet {
namespace {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string file) : file_(std::move(file)) {}
  int64_t size() const override { return static_cast<int64_t>(file_.size()); }
  Result<void> read(int64_t offset, std::span<uint8_t> out) override {
    WEIR_CHECK(offset >= 0 && static_cast<size_t>(offset) + out.size() <= file_.size());
    std::memcpy(out.data(), file_.data() + offset, out.size());
    return {};
  }

 private:
  std::string file_;
};

bool equal(const Column& a, int64_t i, const Column& b, int64_t j);

bool equal_elements(const Column& a, int64_t i, const Column& b, int64_t j) {
  const auto range = [](const Column& column, int64_t row) {
    const auto offsets = column.offsets_span();
    return std::pair(offsets[static_cast<size_t>(row)], offsets[static_cast<size_t>(row) + 1]);
  };
  const auto [begin_a, end_a] = range(a, i);
  const auto [begin_b, end_b] = range(b, j);
  if (end_a - begin_a != end_b - begin_b) return false;
  for (size_t c = 0; c < a.children.size(); ++c) {
    for (int32_t e = 0; e < end_a - begin_a; ++e) {
      if (!equal(*a.children[c], begin_a + e, *b.children[c], begin_b + e)) return false;
    }
  }
  return true;
}

bool equal(const Column& a, int64_t i, const Column& b, int64_t j) {
  if (a.is_null(i) || b.is_null(j)) return a.is_null(i) == b.is_null(j);
  switch (a.type->kind()) {
    case TypeKind::boolean: return a.boolean_at(i) == b.boolean_at(j);
    case TypeKind::list:
    case TypeKind::map: return equal_elements(a, i, b, j);
    case TypeKind::structure:
      for (size_t c = 0; c < a.children.size(); ++c) {
        if (!equal(*a.children[c], i, *b.children[c], j)) return false;
      }
      return true;
    default: return a.bytes_at(i) == b.bytes_at(j);
  }
}

TEST(ParquetReader, RandomTablesOfBothWritersComeBackBitForBit) {
  const uint64_t cases = case_count(1500);
  for (uint64_t seed = 1; seed <= cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const SchemaPtr schema = random_schema(random);
    const Batch batch = random_batch(schema, static_cast<int64_t>(1 + random.next_u64() % 600), random);
    MemorySink sink;
    const WriterOptions options = random_options(random);
    const bool is_ours = seed % 3 != 0;
    write_all(is_ours ? *Writer::open(schema, options, sink) : *arrow_oracle::open(schema, options, sink), {batch});
    MemorySource source(sink.file);
    const auto reader = Reader::open(source, schema);
    ASSERT_TRUE(reader.ok()) << reader.error().to_string();
    int64_t row = 0;
    for (size_t g = 0; g < (*reader)->metadata().row_groups.size(); ++g) {
      const Result<Batch> read = (*reader)->read_row_group(g);
      ASSERT_TRUE(read.ok()) << read.error().to_string();
      for (size_t c = 0; c < schema->size(); ++c) {
        for (int64_t i = 0; i < read->rows(); ++i)
          ASSERT_TRUE(equal(read->column(c), i, batch.column(c), row + i)) << "column " << c << " row " << row + i;
      }
      row += read->rows();
    }
    ASSERT_EQ(row, batch.rows());
  }
}

TEST(ParquetWriter, ARowGroupThatEndsEarlyGivesItsMemoryBack) {
  SeededRandom random(7);
  const SchemaPtr schema = std::make_shared<const Schema>(
      assign_ids(std::vector<Field>{{.name = "number", .type = Type::primitive(TypeKind::int64)},
                                    {.name = "text", .type = Type::primitive(TypeKind::string)}}));
  const Batch batch = random_batch(schema, 50'000, random);
  MemorySink sink;
  const auto writer = Writer::open(schema, {}, sink);
  ASSERT_TRUE(writer->write(batch).ok());
  const int64_t full = writer->memory_bytes();
  ASSERT_TRUE(writer->end_row_group().ok());
  EXPECT_LT(writer->memory_bytes(), full / 10);
  ASSERT_TRUE(writer->end_row_group().ok()) << "an empty one does not count";
  ASSERT_TRUE(writer->write(batch).ok());
  const FileFacts facts = writer->finish().value();
  EXPECT_EQ(facts.split_offsets.size(), 2U);
  MemorySource source(sink.file);
  const auto reader = Reader::open(source, schema).value();
  for (size_t group = 0; group < 2; ++group) {
    const Batch read = reader->read_row_group(group).value();
    ASSERT_EQ(read.rows(), batch.rows());
    for (size_t c = 0; c < schema->size(); ++c) {
      for (int64_t i = 0; i < read.rows(); ++i) ASSERT_TRUE(equal(read.column(c), i, batch.column(c), i));
    }
  }
}

TEST(ParquetReader, CopiedRowGroupsReadAsTheOriginals) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const SchemaPtr schema = random_schema(random);
    const Batch batch = random_batch(schema, static_cast<int64_t>(1 + random.next_u64() % 300), random);
    MemorySink original;
    write_all(*Writer::open(schema, random_options(random), original), {batch});
    MemorySource source(original.file);
    const auto metadata = Reader::open(source, schema).value()->metadata();

    MemorySink copy;
    const auto writer = Writer::open(schema, random_options(random), copy);
    ASSERT_TRUE(writer->write(batch).ok());  // moves all that follows
    for (size_t g = 0; g < metadata.row_groups.size(); ++g)
      ASSERT_TRUE(writer->copy_row_group(source, metadata, g).ok());
    const FileFacts facts = writer->finish().value();
    EXPECT_EQ(facts.rows, 2 * batch.rows());
    EXPECT_TRUE(facts.columns.empty());

    MemorySource copied(copy.file);
    const auto reader = Reader::open(copied, schema).value();
    int64_t row = 0;
    for (size_t g = 0; g < reader->metadata().row_groups.size(); ++g) {
      const Batch read = reader->read_row_group(g).value();
      for (size_t c = 0; c < schema->size(); ++c) {
        for (int64_t i = 0; i < read.rows(); ++i)
          ASSERT_TRUE(equal(read.column(c), i, batch.column(c), (row + i) % batch.rows()));
        const ColumnChunk& chunk = reader->metadata().row_groups[g].columns[c];
        const auto offsets = read_offset_index(std::string_view(copy.file).substr(
            static_cast<size_t>(chunk.offset_index.offset), static_cast<size_t>(chunk.offset_index.length)));
        ASSERT_TRUE(offsets.ok());
        ASSERT_EQ(offsets->pages.front().offset, chunk.data_page_offset);
      }
      row += read.rows();
    }
    ASSERT_EQ(row, 2 * batch.rows());
  }
}

SchemaPtr schema_of(std::vector<Field> fields) {
  return std::make_shared<const Schema>(std::move(fields));
}

Field field_of(int32_t id, const char* name, const char* type, bool required = false) {
  return {.id = id, .name = name, .required = required, .type = Type::parse_primitive(type).value()};
}

/// A file of the columns a: int = 1, 2 and b: string = "x", null.
std::string small_file() {
  const SchemaPtr schema = schema_of({field_of(1, "a", "int"), field_of(2, "b", "string")});
  FixedBuilder<int32_t> a(schema->field(0).type);
  BytesBuilder b(schema->field(1).type);
  a.append(1);
  a.append(2);
  b.append("x");
  b.append_null();
  MemorySink sink;
  write_all(*Writer::open(schema, {}, sink), {Batch(schema, {a.finish(), b.finish()}, 2, nullptr)});
  return sink.file;
}

TEST(ParquetReader, FindsColumnsByIdWhateverTheyAreCalledAndWidensThem) {
  MemorySource source(small_file());
  const SchemaPtr wanted = schema_of({field_of(9, "new", "double"), field_of(1, "renamed", "long")});
  const Batch batch = Reader::open(source, wanted).value()->read_row_group(0).value();
  EXPECT_EQ(batch.column(0).null_count, 2);
  EXPECT_EQ(batch.column(1).values_as<int64_t>()[1], 2);
}

TEST(ParquetReader, RefusesATypeThatDoesNotFitAndARequiredColumnThatIsMissing) {
  MemorySource source(small_file());
  EXPECT_EQ(Reader::open(source, schema_of({field_of(2, "b", "int")})).error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(Reader::open(source, schema_of({field_of(3, "c", "int", true)})).error().kind(), ErrorKind::unsupported);
}

/// Reads as much as can be read; whatever happens must be an error with a reason.
void read_all(const std::string& file, const SchemaPtr& schema) {
  const ReaderLimits limits{.footer_bytes = 1 << 20,
                            .page_bytes = 1 << 20,
                            .chunk_bytes = 1 << 20,
                            .row_group_bytes = 4 << 20,
                            .row_group_rows = 1 << 18};
  MemorySource source(file);
  const auto reader = Reader::open(source, schema, limits);
  if (!reader.ok()) {
    ASSERT_NE(reader.error().kind(), ErrorKind::internal);
    return;
  }
  for (size_t g = 0; g < (*reader)->metadata().row_groups.size(); ++g) {
    const Result<Batch> batch = (*reader)->read_row_group(g);
    ASSERT_TRUE(batch.ok() || batch.error().kind() != ErrorKind::internal);
  }
}

TEST(ParquetReader, MutatedFilesAreReadOrRefused) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const SchemaPtr schema = random_schema(random);
    const Batch batch = random_batch(schema, 60, random);
    MemorySink sink;
    write_all(*Writer::open(schema, random_options(random), sink), {batch});
    for (int mutation = 0; mutation < 100; ++mutation) {
      std::string file = sink.file;
      for (uint64_t flips = 1 + random.next_u64() % 3; flips > 0; --flips)
        file[random.next_u64() % file.size()] = static_cast<char>(random.next_u64());
      if (mutation % 10 == 0) file.erase(random.next_u64() % file.size(), 1 + random.next_u64() % 16);
      read_all(file, schema);
    }
  }
}

/// Decodes every column of a file, whatever ids it has. Returns how many were read and how many refused.
std::pair<int, int> read_leaves(const std::string& file) {
  uint32_t size = 0;
  if (file.size() < 12) return {0, 1};
  std::memcpy(&size, file.data() + file.size() - 8, sizeof size);
  if (size > file.size() - 12) return {0, 1};
  const auto metadata = read_file_metadata(std::string_view(file).substr(file.size() - 8 - size, size));
  std::vector<LeafShape> leaves;
  if (!metadata.ok() || !build_tree(metadata->schema, leaves).ok()) return {0, 1};
  int read = 0;
  int refused = 0;
  for (const RowGroup& group : metadata->row_groups) {
    for (size_t i = 0; i < group.columns.size() && i < leaves.size(); ++i) {
      const ColumnChunk& chunk = group.columns[i];
      const int64_t begin = chunk.dictionary_page_offset.value_or(chunk.data_page_offset);
      LeafValues values;
      const bool fits = begin >= 0 && begin <= static_cast<int64_t>(file.size()) && chunk.compressed_bytes >= 0 &&
                        chunk.compressed_bytes <= static_cast<int64_t>(file.size()) - begin;
      const bool is_good = fits && read_leaf({reinterpret_cast<const uint8_t*>(file.data()) + begin,
                                              static_cast<size_t>(chunk.compressed_bytes)},
                                             leaves[i], chunk.codec, chunk.values,
                                             {.page_bytes = 1 << 24, .row_group_rows = 1 << 20}, values)
                                       .ok();
      ++(is_good ? read : refused);
    }
  }
  return {read, refused};
}

TEST(ParquetReader, ForeignBadFilesAreRefusedWithoutHarm) {
  const std::filesystem::path folder =
      std::filesystem::path(WEIR_SOURCE_DIR) / "../shared/data/parquet-avro-files/parquet-testing";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the data is not here";
  int refused_in_bad_data = 0;
  int read_in_data = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.file_size() > 4 << 20) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string file{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    SCOPED_TRACE(entry.path().string());
    const auto [read, refused] = read_leaves(file);
    if (entry.path().string().find("bad_data") != std::string::npos)
      refused_in_bad_data += refused;
    else
      read_in_data += read;
  }
  EXPECT_GT(refused_in_bad_data, 0);
  EXPECT_GT(read_in_data, 0);
}

}  // namespace
}  // namespace weir::parquet

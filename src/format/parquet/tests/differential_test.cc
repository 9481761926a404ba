/// \file
/// Random tables by our writer and by Arrow's, read by Arrow: equal row by row, and statistics that exclude no row.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include "format/parquet/tests/arrow_writer.h"
#include "format/parquet/tests/random_table.h"

namespace weir::parquet {
namespace {

std::shared_ptr<arrow::Table> read_by_arrow(const std::string& file) {
  auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(file));
  ::parquet::arrow::FileReaderBuilder builder;
  ::parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  if (const auto status = builder.Open(source, properties); !status.ok()) {
    ADD_FAILURE() << status.ToString();
    return nullptr;
  }
  std::unique_ptr<::parquet::arrow::FileReader> reader;
  if (const auto status = builder.Build(&reader); !status.ok()) {
    ADD_FAILURE() << status.ToString();
    return nullptr;
  }
  const arrow::Result<std::shared_ptr<arrow::Table>> table = reader->ReadTable();
  if (!table.ok()) {
    ADD_FAILURE() << table.status().ToString();
    return nullptr;
  }
  if (const auto status = (*table)->ValidateFull(); !status.ok()) ADD_FAILURE() << status.ToString();
  return (*table)->CombineChunks().ValueOrDie();
}

TEST(ParquetWriter, RandomTablesReadAsThoseOfArrowsWriter) {
  const uint64_t cases = case_count(1500);
  for (uint64_t seed = 1; seed <= cases; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    const SchemaPtr schema = random_schema(random);
    std::vector<Batch> batches;
    for (uint64_t i = 0; i <= random.next_u64() % 3; ++i)
      batches.push_back(random_batch(schema, static_cast<int64_t>(1 + random.next_u64() % 600), random));
    const WriterOptions options = random_options(random);

    MemorySink ours;
    const FileFacts facts = write_all(*Writer::open(schema, options, ours), batches);
    MemorySink theirs;
    const FileFacts expected = write_all(*arrow_oracle::open(schema, options, theirs), batches);
    EXPECT_EQ(facts.size_bytes, static_cast<int64_t>(ours.file.size()));
    EXPECT_EQ(facts.rows, expected.rows);

    const std::shared_ptr<arrow::Table> read = read_by_arrow(ours.file);
    const std::shared_ptr<arrow::Table> wanted = read_by_arrow(theirs.file);
    ASSERT_TRUE(read && wanted);
    ASSERT_TRUE(read->schema()->Equals(*wanted->schema(), true)) << read->schema()->ToString() << "\n"
                                                                 << wanted->schema()->ToString();
    const auto options_equal = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
    for (int c = 0; c < read->num_columns(); ++c) {
      ASSERT_TRUE(read->column(c)->Equals(*wanted->column(c), options_equal))
          << "column " << c << ": " << read->schema()->field(c)->ToString() << "\n"
          << read->column(c)->ToString().substr(0, 3000) << "\n----\n"
          << wanted->column(c)->ToString().substr(0, 3000);
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace weir::parquet

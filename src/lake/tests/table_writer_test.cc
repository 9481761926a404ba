#include "lake/table_writer.h"

#include <set>

#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

class TableWriterTest : public LakeTest {
 protected:
  LoadedTable partitioned(const iceberg::Transform& transform, int32_t column) {
    TableDefinition definition = LakeTest::definition("ops.t" + std::to_string(++tables_));
    definition.spec.fields.push_back({.source_id = column, .field_id = 1000, .name = "part", .transform = transform});
    auto created = catalog_->create(definition);
    EXPECT_TRUE(created.ok()) << created.error().to_string();
    return *std::move(created);
  }

  std::vector<iceberg::DataFile> write(const LoadedTable& table, TableWriterOptions options, int64_t count) {
    options.file_prefix = "w";
    auto writer = TableWriter::make(*store_, *table.metadata, options);
    EXPECT_TRUE(writer.ok());
    for (int64_t at = 0; at < count; at += 1000) {
      EXPECT_TRUE((*writer)->write(rows(at, std::min<int64_t>(1000, count - at))).ok());
      memory_max_ = std::max(memory_max_, (*writer)->memory_bytes());
    }
    const auto part = (*writer)->close_files();
    EXPECT_TRUE(part.ok());
    EXPECT_EQ((*writer)->memory_bytes(), 0);
    return files_of(*part);
  }

  static int64_t rows_of(const std::vector<iceberg::DataFile>& files) {
    int64_t count = 0;
    for (const auto& file : files) count += file.record_count;
    return count;
  }

  int tables_ = 0;
  int64_t memory_max_ = 0;
};

TEST_F(TableWriterTest, WritesOneFileForAnUnpartitionedTable) {
  const auto table = *catalog_->create(definition("ops.plain"));
  const auto files = write(table, {}, 2500);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].record_count, 2500);
  EXPECT_EQ(posix_file_env().stat(*file_path(files[0].path))->size_bytes, files[0].size_bytes);
  EXPECT_EQ(*files[0].value_counts->find(1), 2500);
}

TEST_F(TableWriterTest, WritesNothingForNoRows) {
  const auto table = *catalog_->create(definition("ops.plain"));
  EXPECT_TRUE(write(table, {}, 0).empty());
}

TEST_F(TableWriterTest, EachPartitionGetsItsOwnFiles) {
  const auto table = partitioned(*iceberg::Transform::parse("bucket[8]"), 1);
  const auto files = write(table, {}, 5000);
  EXPECT_EQ(rows_of(files), 5000);
  std::set<int32_t> buckets;
  for (const auto& file : files) buckets.insert(file.partition[0].as<int32_t>());
  EXPECT_EQ(buckets.size(), 8U);
  EXPECT_EQ(files.size(), 8U);
}

TEST_F(TableWriterTest, AValueThatIsTooLongForAFileNameIsAPartitionLikeAnyOther) {
  const auto table = partitioned(*iceberg::Transform::parse("identity"), 2);
  FixedBuilder<int64_t> ids(Type::primitive(TypeKind::int64));
  BytesBuilder names(Type::primitive(TypeKind::string));
  ids.append(1);
  names.append(std::string(5'000, 'x'));
  auto writer = *TableWriter::make(*store_, *table.metadata, {.file_prefix = "w"});
  const Result<void> written = writer->write(Batch(schema(), {ids.finish(), names.finish()}, 1, nullptr));
  ASSERT_TRUE(written.ok()) << written.error().to_string();
  const auto part = writer->close_files();
  ASSERT_TRUE(part.ok()) << part.error().to_string();
  EXPECT_EQ(files_of(*part).front().partition[0].as<std::string>(), std::string(5'000, 'x'));
}

TEST_F(TableWriterTest, ManyPartitionsStayWithinTheMemoryBudget) {
  const auto table = partitioned(*iceberg::Transform::parse("identity"), 1);
  TableWriterOptions options;
  options.memory_bytes_max = 2 * 1024 * 1024;
  const auto files = write(table, options, 8'000);
  EXPECT_EQ(rows_of(files), 8'000);
  EXPECT_LE(memory_max_, options.memory_bytes_max);
}

TEST_F(TableWriterTest, RollsFilesAtTheTargetSize) {
  const auto table = *catalog_->create(definition("ops.plain"));
  TableWriterOptions options;
  options.target_file_bytes = 64 * 1024;
  options.parquet.row_group_bytes = 64 * 1024;
  const auto files = write(table, options, 200'000);
  EXPECT_EQ(rows_of(files), 200'000);
  EXPECT_GT(files.size(), 1U);
  std::set<std::string> paths;
  for (const auto& file : files) paths.insert(file.path);
  EXPECT_EQ(paths.size(), files.size());
}

TEST_F(TableWriterTest, SelectedRowsOnlyAreWritten) {
  const auto table = *catalog_->create(definition("ops.plain"));
  auto writer = *TableWriter::make(*store_, *table.metadata, {.file_prefix = "w"});
  ASSERT_TRUE(writer->write(rows(0, 10).with_selection({1, 3})).ok());
  EXPECT_EQ(rows_of(files_of(*writer->close_files())), 2);
}

}  // namespace
}  // namespace weir::lake

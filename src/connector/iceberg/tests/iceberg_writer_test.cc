#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/file_env.h"
#include "columnar/column_builder.h"
#include "connector/iceberg/iceberg_sink.h"
#include "connector/iceberg/writer_context_internal.h"
#include "lake/catalog/sqlite_catalog.h"
#include "lake/scan.h"

namespace weir::connector {
namespace {

constexpr const char* kSink = "rows";

class IcebergWriterTest : public testing::Test {
 protected:
  IcebergWriterTest() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-writer-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    store_ = make_local_store(posix_file_env());
    catalog_ = *lake::open_sqlite_catalog({.directory = directory_}, *store_, posix_file_env(), clock_, random_);
  }
  ~IcebergWriterTest() override { std::filesystem::remove_all(directory_); }

  static SchemaPtr schema() {
    return std::make_shared<const Schema>(
        assign_ids(std::vector<Field>{{.name = "id", .type = Type::primitive(TypeKind::int64)}}));
  }
  static Batch rows(int64_t first, int64_t count) {
    FixedBuilder<int64_t> ids(Type::primitive(TypeKind::int64));
    for (int64_t id = first; id < first + count; ++id) ids.append(id);
    return Batch(schema(), {ids.finish()}, count, nullptr);
  }

  std::unique_ptr<SinkCommitter> committer() {
    IcebergSinkOptions options{.pipeline = "p", .targets = {}, .store_folder = file_uri(directory_, "/")};
    options.targets.push_back({.sink = kSink,
                               .definition = {.table = *lake::TableIdentifier::parse("t.rows"),
                                              .schema = schema(),
                                              .spec = {},
                                              .properties = {}},
                               .write_properties = {{"write.parquet.encodings", "modern"}}});
    return make_iceberg_committer(std::move(options), *catalog_, *store_, clock_, random_);
  }

  /// What a writer that has no more than `start` makes of some rows.
  std::string written(const WriterStart& start, int64_t first, int64_t count) {
    auto writer = make_iceberg_writer(start, *schema(), *store_);
    EXPECT_TRUE(writer.ok()) << writer.error().to_string();
    EXPECT_TRUE((*writer)->write(rows(first, count)).ok());
    auto part = (*writer)->prepare();
    EXPECT_TRUE(part.ok());
    return part->take()->value();
  }

  std::string directory_;
  ManualClock clock_{1'700'000'000'000};
  SeededRandom random_{42};
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<lake::Catalog> catalog_;
};

TEST_F(IcebergWriterTest, WritersOfAnyProcessNeedNoMoreThanTheContext) {
  const auto decides = committer();
  ASSERT_TRUE(decides->open().ok());
  const std::string context = decides->writer_context(kSink).value();
  EpochResult epoch{.epoch = 1, .commit_key = "k", .progress = {}, .parts = {}, .counters = {}};
  for (int task = 0; task < 2; ++task)
    epoch.parts[kSink].push_back(written({.context = context, .share = {.index = task, .count = 2}}, 10 * task, 10));
  const PreparedEpoch prepared = decides->prepare(epoch).value();
  EXPECT_EQ(decides->commit(prepared.bytes, {.uri = "p", .size_bytes = 1, .hash = 1})->outcome, CommitOutcome::applied);
  const auto files = lake::scan_files(catalog_->load(*lake::TableIdentifier::parse("t.rows")).value(), {}, *store_);
  ASSERT_TRUE(files.ok());
  int64_t landed = 0;
  for (const iceberg::ManifestEntry& entry : *files) landed += entry.file.record_count;
  EXPECT_EQ(landed, 20);
  EXPECT_EQ(files->size(), 2U) << "each under a name of its own";
}

TEST_F(IcebergWriterTest, ASinkThatIsNotTheCommittersNeedsNothing) {
  const auto decides = committer();
  ASSERT_TRUE(decides->open().ok());
  EXPECT_EQ(decides->writer_context("another").value(), "");
}

TEST_F(IcebergWriterTest, TheContextIsWhatItWasAndHasNoHistory) {
  const auto decides = committer();
  ASSERT_TRUE(decides->open().ok());
  const std::string context = decides->writer_context(kSink).value();
  const WriterContext read = WriterContext::from_bytes(context).value();
  EXPECT_EQ(read.to_bytes(), context);
  EXPECT_EQ(read.properties.at("write.parquet.encodings"), "modern");
  EXPECT_EQ(read.table.table_uuid, catalog_->load(*lake::TableIdentifier::parse("t.rows"))->metadata->table_uuid);
  EXPECT_TRUE(read.table.snapshots.empty());
  EXPECT_TRUE(read.table.snapshot_log.empty());
}

TEST_F(IcebergWriterTest, ADamagedContextIsAnError) {
  const auto decides = committer();
  ASSERT_TRUE(decides->open().ok());
  const std::string context = decides->writer_context(kSink).value();
  for (size_t length = 0; length < context.size(); ++length)
    EXPECT_FALSE(make_iceberg_writer({.context = context.substr(0, length)}, *schema(), *store_).ok()) << length;
  EXPECT_FALSE(make_iceberg_writer({.context = context + "x"}, *schema(), *store_).ok());
  std::string newer = context;
  newer[0] = 2;
  EXPECT_EQ(make_iceberg_writer({.context = newer}, *schema(), *store_).error().kind(), ErrorKind::unsupported);
}

}  // namespace
}  // namespace weir::connector

/// \file
/// A warehouse in a temporary folder, and small tables in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/file_env.h"
#include "columnar/column_builder.h"
#include "lake/catalog/sqlite_catalog.h"
#include "lake/commit/manifest_store_internal.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/file_part.h"
#include "lake/scan.h"
#include "lake/table_writer.h"

namespace weir::lake {

class LakeTest : public testing::Test {
 protected:
  LakeTest() {
    // A folder in memory where there is one: these tests sync thousands of small files, and what a disk does to that is
    // not their subject.
    const std::string parent =
        std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string();
    std::string pattern = parent + "/weir-lake-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    store_ = make_local_store(posix_file_env());
    catalog_ = open();
  }
  ~LakeTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Catalog> open() {
    auto catalog =
        open_sqlite_catalog({.directory = directory_, .busy_ms = 200}, *store_, posix_file_env(), clock_, random_);
    EXPECT_TRUE(catalog.ok()) << catalog.error().to_string();
    return *std::move(catalog);
  }

  static SchemaPtr schema() {
    return std::make_shared<const Schema>(
        assign_ids(std::vector<Field>{{.name = "id", .required = true, .type = Type::primitive(TypeKind::int64)},
                                      {.name = "name", .type = Type::primitive(TypeKind::string)}}));
  }
  static TableDefinition definition(const std::string& name) {
    return {.table = *TableIdentifier::parse(name), .schema = schema(), .spec = {}, .properties = {}};
  }

  static Batch rows(int64_t first, int64_t count) {
    FixedBuilder<int64_t> ids(Type::primitive(TypeKind::int64));
    BytesBuilder names(Type::primitive(TypeKind::string));
    for (int64_t i = first; i < first + count; ++i) {
      ids.append(i);
      names.append("row " + std::to_string(i));
    }
    return Batch(schema(), {ids.finish(), names.finish()}, count, nullptr);
  }

  /// Writes `count` rows to one file of the table; returns the writer's part.
  std::string write_file(const LoadedTable& table, int64_t first, int64_t count) {
    auto writer = TableWriter::make(*store_, *table.metadata, {.file_prefix = "t-" + std::to_string(++files_)});
    EXPECT_TRUE(writer.ok());
    EXPECT_TRUE((*writer)->write(fit(rows(first, count), table.metadata->current_schema().schema)).ok());
    auto part = (*writer)->close_files();
    EXPECT_TRUE(part.ok());
    return *std::move(part);
  }

  /// The files of a writer's part.
  static std::vector<iceberg::DataFile> files_of(const std::string& part) {
    std::vector<iceberg::DataFile> files;
    if (part.empty()) return files;
    FilePartReader reader = FilePartReader::open(part).value();
    for (FileChange change; reader.next(change).value();) files.push_back(change.file);
    return files;
  }
  static std::string part_of(const LoadedTable& table, const iceberg::DataFile& file) {
    FilePartWriter writer = FilePartWriter::make(*table.metadata).value();
    EXPECT_TRUE(writer.add(file).ok());
    return writer.finish();
  }

  std::vector<iceberg::ManifestEntry> entries_of(const iceberg::ManifestFile& manifest) {
    std::vector<iceberg::ManifestEntry> entries;
    StoredManifest stored = StoredManifest::open(*store_, manifest).value();
    for (iceberg::ManifestEntry entry; stored.next(entry).value();) entries.push_back(entry);
    return entries;
  }

  /// With nulls in columns that somebody has added to the table.
  static Batch fit(const Batch& batch, const SchemaPtr& table) {
    std::vector<ColumnPtr> columns = batch.columns();
    for (size_t i = columns.size(); i < table->size(); ++i)
      columns.push_back(null_column(table->field(i).type, batch.physical_rows()));
    return batch.with_columns(table, std::move(columns));
  }

  static Progress progress(int64_t next) {
    Progress progress;
    progress.sources["s"].partitions["p/0"] = {.next = next};
    return progress;
  }

  /// Rows in the live files of the current snapshot.
  int64_t live_rows(Catalog& catalog, const std::string& table) {
    auto loaded = catalog.load(*TableIdentifier::parse(table));
    EXPECT_TRUE(loaded.ok());
    auto files = scan_files(*loaded, std::nullopt, *store_);
    EXPECT_TRUE(files.ok()) << files.error().to_string();
    int64_t count = 0;
    for (const iceberg::ManifestEntry& entry : *files) count += entry.file.record_count;
    return count;
  }

  std::string directory_;
  ManualClock clock_{1'700'000'000'000};
  SeededRandom random_{42};
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<Catalog> catalog_;
  int files_ = 0;
};

}  // namespace weir::lake

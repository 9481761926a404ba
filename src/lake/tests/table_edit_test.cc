#include "lake/commit/table_edit.h"

#include <gmock/gmock.h>

#include "iceberg/metadata/metadata_update.h"
#include "lake/tests/lake_fixture.h"
#include "lake/tests/write_mask.h"

namespace weir::lake {
namespace {

const StoredObject kPlace = {.uri = "memory://prepared", .size_bytes = 1, .hash = 1};

/// A pipeline with a lead and another table, whose epochs change both.
class TableEditTest : public LakeTest {
 protected:
  TableEditTest() {
    for (const char* name : {"ops.lead", "ops.other"}) EXPECT_TRUE(catalog_->create(definition(name)).ok());
    committer_ = committer();
    EXPECT_TRUE(committer_->open().ok());
  }

  std::unique_ptr<PipelineCommitter> committer() {
    CommitterOptions options{.pipeline = "p", .targets = {}};
    for (const char* name : {"lead", "other"})
      options.targets.push_back({.sink = name, .table = *TableIdentifier::parse(std::string("ops.") + name)});
    options.key_resolvers["other"] = [this](const LoadedTable& table, std::span<const std::string> keys) {
      return resolve(table, keys);
    };
    return std::make_unique<PipelineCommitter>(std::move(options), *catalog_, *store_, clock_, random_);
  }

  /// Keys are the path's successor here: "rows 1 of whatever file took its place".
  Result<std::string> resolve(const LoadedTable& table, std::span<const std::string> keys) {
    resolved_.assign(keys.begin(), keys.end());
    FilePartWriter part = FilePartWriter::make(*table.metadata).value();
    for (const iceberg::DataFile& file : live(table)) {
      const iceberg::DataFile mask = write_mask(*store_, *table.metadata, file, {1});
      EXPECT_TRUE(part.add(mask, FileAction::mask).ok());
    }
    return part.finish();
  }

  LoadedTable load(const std::string& name) { return *catalog_->load(*TableIdentifier::parse("ops." + name)); }

  std::vector<iceberg::ManifestFile> manifests(const LoadedTable& table) {
    return scan_manifests(table, {}, *store_).value();
  }
  /// Live files of rows.
  std::vector<iceberg::DataFile> live(const LoadedTable& table) {
    std::vector<iceberg::DataFile> files;
    for (const iceberg::ManifestFile& manifest : manifests(table)) {
      if (manifest.content != iceberg::ManifestContent::data) continue;
      for (const iceberg::ManifestEntry& entry : entries_of(manifest)) {
        if (entry.is_live()) files.push_back(entry.file);
      }
    }
    return files;
  }
  std::vector<iceberg::DataFile> masks(const LoadedTable& table) {
    std::vector<iceberg::DataFile> files;
    for (const iceberg::ManifestFile& manifest : manifests(table)) {
      if (manifest.content != iceberg::ManifestContent::deletes) continue;
      for (const iceberg::ManifestEntry& entry : entries_of(manifest)) files.push_back(entry.file);
    }
    return files;
  }

  /// Prepares an epoch, and hands it back as a crash would leave it.
  Result<PreparedCommit> prepare(std::map<std::string, std::string> parts) {
    std::vector<EpochFiles> files;
    for (const auto& [sink, part] : parts) files.push_back({.sink = sink, .parts = {part}});
    auto prepared = committer_->prepare(files, progress(++epoch_), {});
    if (!prepared.ok()) return prepared;
    return PreparedCommit::from_bytes(prepared->to_bytes());
  }
  void commit(std::map<std::string, std::string> parts) {
    const auto prepared = prepare(std::move(parts));
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    const auto outcome = committer_->commit(*prepared, kPlace);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    ASSERT_EQ(*outcome, CommitOutcome::applied);
  }
  std::string part(const std::string& table, const std::function<void(FilePartWriter&)>& fill) {
    FilePartWriter writer = FilePartWriter::make(*load(table).metadata).value();
    fill(writer);
    return writer.finish();
  }

  /// As a compaction: one file of the same rows in the place of all.
  void compact(const std::string& name) {
    const LoadedTable table = load(name);
    const int64_t id = iceberg::new_snapshot_id(*table.metadata, random_);
    std::string swap = part(name, [&](FilePartWriter& writer) {
      for (const iceberg::DataFile& file : live(table)) EXPECT_TRUE(writer.add(file, FileAction::remove).ok());
      EXPECT_TRUE(writer.add(files_of(write_file(table, 0, 30)).front()).ok());
    });
    SnapshotWriter writer(*store_, clock_, random_);
    const WrittenEdit written = writer.write_edit(*table.metadata, id, {&swap, 1}).value();
    iceberg::Snapshot snapshot = writer.write_snapshot(*table.metadata, id, written.edit, {}).value();
    snapshot.operation = "replace";
    const TableChange change{.base = table,
                             .requirements = {},
                             .updates = {iceberg::AddSnapshot{std::move(snapshot)},
                                         iceberg::ref_to(*table.metadata, iceberg::kMainBranch, id)}};
    ASSERT_EQ(*catalog_->commit({&change, 1}, ""), CommitOutcome::applied);
  }

  std::unique_ptr<PipelineCommitter> committer_;
  int64_t epoch_ = 0;
  std::vector<std::string> resolved_;
};

TEST_F(TableEditTest, FilesThatAreRemovedLeaveAndTheOthersStay) {
  commit({{"lead", write_file(load("lead"), 0, 10)}});
  commit({{"lead", write_file(load("lead"), 10, 10)}});
  const std::vector<iceberg::DataFile> before = live(load("lead"));
  ASSERT_EQ(before.size(), 2U);
  commit({{"lead", part("lead", [&](FilePartWriter& writer) {
             EXPECT_TRUE(writer.add(before[1], FileAction::remove).ok());
             EXPECT_TRUE(writer.add(files_of(write_file(load("lead"), 20, 5)).front()).ok());
           })}});
  const LoadedTable table = load("lead");
  std::vector<int64_t> counts;
  for (const iceberg::DataFile& file : live(table)) counts.push_back(file.record_count);
  EXPECT_THAT(counts, testing::UnorderedElementsAre(10, 5));
  const iceberg::Snapshot& snapshot = *table.metadata->current_snapshot();
  EXPECT_EQ(snapshot.operation, "overwrite");
  EXPECT_EQ(snapshot.summary.at("deleted-data-files"), "1");
  EXPECT_EQ(snapshot.summary.at("deleted-records"), "10");
  EXPECT_EQ(snapshot.summary.at("total-records"), "15");
  int deleted = 0;
  for (const iceberg::ManifestFile& manifest : manifests(table)) {
    for (const iceberg::ManifestEntry& entry : entries_of(manifest)) {
      if (entry.is_live()) continue;
      EXPECT_EQ(entry.file.path, before[1].path);
      EXPECT_EQ(entry.snapshot_id, snapshot.id);
      ++deleted;
    }
  }
  EXPECT_EQ(deleted, 1) << "readers of changes find out what went";
}

TEST_F(TableEditTest, RowsThatAreMaskedAreSaidInAManifestOfTheirOwn) {
  commit({{"lead", write_file(load("lead"), 0, 10)}});
  const LoadedTable before = load("lead");
  const iceberg::DataFile mask = write_mask(*store_, *before.metadata, live(before).front(), {2, 4});
  commit(
      {{"lead", part("lead", [&](FilePartWriter& writer) { EXPECT_TRUE(writer.add(mask, FileAction::mask).ok()); })}});
  const LoadedTable table = load("lead");
  ASSERT_EQ(masks(table).size(), 1U);
  EXPECT_EQ(masks(table).front().referenced_data_file, live(table).front().path);
  const iceberg::Snapshot& snapshot = *table.metadata->current_snapshot();
  EXPECT_EQ(snapshot.operation, "delete");
  EXPECT_EQ(snapshot.summary.at("added-position-deletes"), "2");
  EXPECT_EQ(snapshot.summary.at("total-position-deletes"), "2");
  EXPECT_EQ(snapshot.summary.at("total-records"), "10");
  commit({{"lead", write_file(load("lead"), 10, 1)}});
  EXPECT_EQ(masks(load("lead")).size(), 1U) << "later commits keep it";
}

TEST_F(TableEditTest, WhatAnEditRemovesMustBeThere) {
  commit({{"lead", write_file(load("lead"), 0, 10)}});
  iceberg::DataFile unknown = live(load("lead")).front();
  unknown.path += ".gone";
  const auto prepared = prepare({{"lead", part("lead", [&](FilePartWriter& writer) {
                                    EXPECT_TRUE(writer.add(unknown, FileAction::remove).ok());
                                  })}});
  ASSERT_TRUE(prepared.ok());
  const auto outcome = committer_->commit(*prepared, kPlace);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::table_changed);
  EXPECT_THAT(outcome.error().message(), testing::HasSubstr(unknown.path));
}

TEST_F(TableEditTest, AForeignAppendDoesNotDisturbAnEdit) {
  commit({{"lead", write_file(load("lead"), 0, 10)}});
  const iceberg::DataFile old = live(load("lead")).front();
  const auto prepared = prepare(
      {{"lead", part("lead", [&](FilePartWriter& writer) { EXPECT_TRUE(writer.add(old, FileAction::remove).ok()); })}});
  ASSERT_TRUE(prepared.ok());
  auto others = std::make_unique<PipelineCommitter>(
      CommitterOptions{.pipeline = "others", .targets = {{.sink = "x", .table = *TableIdentifier::parse("ops.lead")}}},
      *catalog_, *store_, clock_, random_);
  ASSERT_TRUE(others->open().ok());
  const auto append = others->prepare({{.sink = "x", .parts = {write_file(load("lead"), 50, 7)}}}, progress(7), {});
  ASSERT_EQ(*others->commit(*append, kPlace), CommitOutcome::applied);
  ASSERT_EQ(*committer_->commit(*prepared, kPlace), CommitOutcome::applied);
  ASSERT_EQ(live(load("lead")).size(), 1U);
  EXPECT_EQ(live(load("lead")).front().record_count, 7);
}

TEST_F(TableEditTest, ADecidedEpochFindsItsRowsAgainByKeyAfterAForeignCompaction) {
  commit({{"lead", write_file(load("lead"), 0, 10)}, {"other", write_file(load("other"), 0, 30)}});
  const iceberg::DataFile old = live(load("other")).front();
  const iceberg::DataFile mask = write_mask(*store_, *load("other").metadata, old, {1});
  const auto prepared =
      prepare({{"lead", write_file(load("lead"), 10, 10)}, {"other", part("other", [&](FilePartWriter& writer) {
                                                              EXPECT_TRUE(writer.add(mask, FileAction::mask).ok());
                                                              writer.delete_keys("row 1");
                                                            })}});
  ASSERT_TRUE(prepared.ok());
  compact("other");
  ASSERT_NE(live(load("other")).front().path, old.path);
  const auto outcome = committer_->commit(*prepared, kPlace);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  EXPECT_EQ(*outcome, CommitOutcome::applied);
  EXPECT_EQ(resolved_, std::vector<std::string>{"row 1"});
  ASSERT_EQ(masks(load("other")).size(), 1U);
  EXPECT_EQ(masks(load("other")).front().referenced_data_file, live(load("other")).front().path);
}

TEST_F(TableEditTest, WithoutKeysAForeignCompactionOfMaskedRowsHalts) {
  commit({{"lead", write_file(load("lead"), 0, 30)}});
  const iceberg::DataFile old = live(load("lead")).front();
  const iceberg::DataFile mask = write_mask(*store_, *load("lead").metadata, old, {1});
  const auto prepared = prepare(
      {{"lead", part("lead", [&](FilePartWriter& writer) { EXPECT_TRUE(writer.add(mask, FileAction::mask).ok()); })}});
  ASSERT_TRUE(prepared.ok());
  compact("lead");
  const auto outcome = committer_->commit(*prepared, kPlace);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::table_changed);
  EXPECT_THAT(outcome.error().message(), testing::HasSubstr(old.path));
  // The next process finds it undecided and void: its positions are read again.
  committer_ = committer();
  const Unfinished left = committer_->open().value();
  EXPECT_EQ(*committer_->recover(*prepared, kPlace), CommitOutcome::refused);
}

}  // namespace
}  // namespace weir::lake

#include "lake/commit/manifest_merge.h"

#include <fstream>

#include <gmock/gmock.h>

#include "iceberg/schema/schema_json.h"
#include "lake/commit/manifest_store_internal.h"
#include "lake/commit/snapshot_writer.h"
#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

bool every_spec(int32_t) {
  return true;
}

iceberg::ManifestFile listed(int64_t length_bytes, int32_t files, int32_t spec_id = 0) {
  iceberg::ManifestFile manifest;
  manifest.length_bytes = length_bytes;
  manifest.spec_id = spec_id;
  manifest.added_files = files;
  manifest.existing_files = 0;
  manifest.deleted_files = 0;
  return manifest;
}

TEST(PickManifests, TakesAFullWidthOfSmallOnes) {
  std::vector<iceberg::ManifestFile> manifests(kMergeWidth - 1, listed(1'000, 1));
  EXPECT_THAT(pick_manifests_to_merge(manifests, every_spec), IsEmpty());
  manifests.push_back(listed(1'000, 1));
  manifests.push_back(listed(1'000, 1));
  EXPECT_THAT(pick_manifests_to_merge(manifests, every_spec), SizeIs(kMergeWidth));
}

TEST(PickManifests, TakesNoMoreThanAMergeMayHold) {
  const std::vector<iceberg::ManifestFile> long_ones(kMergeWidth, listed(800 * 1024, 300));
  EXPECT_THAT(pick_manifests_to_merge(long_ones, every_spec), SizeIs(10)) << "8 MiB";
  const std::vector<iceberg::ManifestFile> full_ones(kMergeWidth, listed(1'000, 3'000));
  EXPECT_THAT(pick_manifests_to_merge(full_ones, every_spec), SizeIs(6)) << "20,000 files";
  std::vector<iceberg::ManifestFile> emptied(kMergeWidth, listed(1'000, 1));
  for (iceberg::ManifestFile& manifest : emptied) manifest.deleted_files = 2'999;
  EXPECT_THAT(pick_manifests_to_merge(emptied, every_spec), SizeIs(6)) << "they are read too";
  const std::vector<iceberg::ManifestFile> large(kMergeWidth, listed(4 * 1024 * 1024, 900));
  EXPECT_THAT(pick_manifests_to_merge(large, every_spec), IsEmpty());
}

TEST(PickManifests, PassesOverSpecsThatAreNotUsable) {
  std::vector<iceberg::ManifestFile> manifests(kMergeWidth, listed(1'000, 1, 0));
  EXPECT_THAT(pick_manifests_to_merge(manifests, [](int32_t spec) { return spec == 1; }), IsEmpty());
  manifests.insert(manifests.end(), kMergeWidth, listed(1'000, 1, 1));
  const std::vector<size_t> picked = pick_manifests_to_merge(manifests, [](int32_t spec) { return spec == 1; });
  ASSERT_THAT(picked, SizeIs(kMergeWidth));
  EXPECT_EQ(picked[0], kMergeWidth);
}

// However the sizes fall: what is merged once is not merged again at each commit, and few are left.
TEST(PickManifests, EveryFileIsRewrittenAFewTimesOnly) {
  for (const int32_t files : {1, 40, 700, 3'000, 9'999, 12'000}) {
    std::vector<iceberg::ManifestFile> manifests;
    int64_t rewritten = 0;
    constexpr int kCommits = 2'000;
    for (int commit = 0; commit < kCommits; ++commit) {
      manifests.insert(manifests.begin(), listed(files * int64_t{270}, files));
      const std::vector<size_t> picked = pick_manifests_to_merge(manifests, every_spec);
      iceberg::ManifestFile merged = listed(0, 0);
      for (const size_t i : picked) {
        merged.length_bytes += manifests[i].length_bytes;
        *merged.existing_files += *manifests[i].added_files + *manifests[i].existing_files;
      }
      rewritten += *merged.existing_files;
      for (size_t i = picked.size(); i-- > 0;) manifests.erase(manifests.begin() + static_cast<ptrdiff_t>(picked[i]));
      if (!picked.empty()) manifests.insert(manifests.begin(), merged);
    }
    const auto all = static_cast<size_t>(files) * kCommits;
    EXPECT_LE(manifests.size(), all / 10'000 + 3 * kMergeWidth) << files;
    EXPECT_LE(rewritten, static_cast<int64_t>(4 * all)) << files;
  }
}

class ManifestMergeTest : public LakeTest {
 protected:
  ManifestMergeTest() {
    TableDefinition wanted = definition("ops.a");
    wanted.spec.fields = {{.source_id = 2, .field_id = 1000, .name = "name", .transform = {}}};
    table_ = *catalog_->create(wanted);
    const std::vector<iceberg::DataFile> files = files_of(write_file(table_, 0, 1));
    SnapshotWriter writer(*store_, clock_, random_);
    for (size_t i = 0; i < kMergeWidth; ++i) {
      iceberg::DataFile file = files[0];
      file.path += "-" + std::to_string(i);
      const std::string part = part_of(table_, file);
      auto written = writer.write_edit(*table_.metadata, static_cast<int64_t>(i) + 1, {&part, 1});
      manifests_.push_back(std::move(written->edit.added.at(0)));
      manifests_.back().sequence_number = static_cast<int64_t>(i) + 1;
    }
  }

  Result<std::vector<iceberg::ManifestFile>> merge(const iceberg::TableMetadata& table) {
    return merge_manifests(manifests_, table, 99, *store_, [&] { return table.location + "/metadata/merged.avro"; });
  }

  /// Makes a manifest of other entries in the place of `manifest`.
  void write_again(iceberg::ManifestFile& manifest, const std::vector<iceberg::ManifestEntry>& entries) {
    const iceberg::StoredSchema& schema = table_.metadata->current_schema();
    const auto format = *iceberg::ManifestFormat::make(*schema.schema, schema.json, table_.metadata->default_spec());
    auto written =
        *iceberg::write_manifest(format, iceberg::ManifestContent::data, manifest.added_snapshot_id, entries);
    written.file.path = manifest.path + "-again";
    written.file.sequence_number = manifest.sequence_number;
    ASSERT_TRUE(store_->put(written.file.path, written.bytes).ok());
    manifest = written.file;
  }

  LoadedTable table_;
  std::vector<iceberg::ManifestFile> manifests_;
};

TEST_F(ManifestMergeTest, MergesIntoOneThatReads) {
  const auto merged = merge(*table_.metadata);
  ASSERT_TRUE(merged.ok()) << merged.error().to_string();
  ASSERT_THAT(*merged, SizeIs(1));
  EXPECT_THAT(entries_of(merged->front()), SizeIs(kMergeWidth));
}

// Deleted rows would come back.
TEST_F(ManifestMergeTest, EntriesOfDeletedFilesAreLeftOut) {
  auto entries = entries_of(manifests_[3]);
  entries.push_back(entries[0]);
  entries[0].status = iceberg::EntryStatus::deleted;
  entries[1].file.path += "-live";
  write_again(manifests_[3], entries);
  const auto merged = merge(*table_.metadata);
  ASSERT_TRUE(merged.ok()) << merged.error().to_string();
  const auto kept = entries_of(merged->front());
  EXPECT_THAT(kept, SizeIs(kMergeWidth));
  for (const iceberg::ManifestEntry& entry : kept) {
    EXPECT_TRUE(entry.is_live());
    EXPECT_NE(entry.file.path, entries[0].file.path);
  }
}

// PyIceberg takes the field out of the spec, then drops the column: manifests of the old spec stay.
TEST_F(ManifestMergeTest, ASpecWhoseColumnWasDroppedIsLeftAsItIs) {
  iceberg::TableMetadata table = *table_.metadata;
  const auto schema = std::make_shared<const Schema>(std::vector<Field>{table.current_schema().schema->field(0)});
  table.schemas[0] = std::make_shared<iceberg::StoredSchema>(
      iceberg::StoredSchema{.id = 0, .schema = schema, .json = iceberg::schema_to_json(*schema)});
  const auto merged = merge(table);
  ASSERT_TRUE(merged.ok()) << merged.error().to_string();
  EXPECT_EQ(*merged, manifests_);
  table.specs.clear();
  EXPECT_EQ(*merge(table), manifests_) << "an unknown spec";
}

TEST_F(ManifestMergeTest, AManifestThatCannotBeReadStaysAndTheOthersAreMerged) {
  std::ofstream(*file_path(manifests_[3].path), std::ios::trunc) << "damaged";
  const auto merged = merge(*table_.metadata);
  ASSERT_TRUE(merged.ok()) << merged.error().to_string();
  ASSERT_THAT(*merged, SizeIs(2));
  EXPECT_EQ(merged->back(), manifests_[3]);
}

// A file that two manifests name is found only when part of the second is written.
TEST_F(ManifestMergeTest, AManifestThatCannotBeMergedInTheMiddleStaysWhole) {
  auto entries = entries_of(manifests_[3]);
  entries.push_back(entries_of(manifests_[0])[0]);
  write_again(manifests_[3], entries);
  const auto merged = merge(*table_.metadata);
  ASSERT_TRUE(merged.ok()) << merged.error().to_string();
  ASSERT_THAT(*merged, SizeIs(2));
  EXPECT_EQ(merged->back(), manifests_[3]);
  const auto kept = entries_of(merged->front());
  EXPECT_THAT(kept, SizeIs(kMergeWidth - 1));
  for (const iceberg::ManifestEntry& entry : kept) EXPECT_NE(entry.file.path, entries[0].file.path);
}

TEST_F(ManifestMergeTest, WhatTheStoreRefusesIsAnError) {
  std::filesystem::remove(*file_path(manifests_[3].path));
  EXPECT_EQ(merge(*table_.metadata).error().kind(), ErrorKind::not_found);
}

// A foreign client may remove a spec that no file uses yet.
TEST_F(ManifestMergeTest, FilesOfASpecThatWasRemovedAreNotCommitted) {
  const std::string part = write_file(table_, 0, 1);
  iceberg::TableMetadata table = *table_.metadata;
  table.specs.clear();
  SnapshotWriter writer(*store_, clock_, random_);
  const auto written = writer.write_edit(table, 1, {&part, 1});
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind(), ErrorKind::table_changed);
  EXPECT_EQ(writer.write_snapshot(table, 1, {.added = {manifests_[0]}}, {}).error().kind(), ErrorKind::table_changed);
}

TEST_F(ManifestMergeTest, ErrorsNameTheTableAndTheFile) {
  SnapshotWriter writer(*store_, clock_, random_);
  iceberg::ManifestFile first = manifests_[0];
  first.added_snapshot_id = 1;
  auto snapshot = *writer.write_snapshot(*table_.metadata, 1, {.added = {first}}, {});
  const std::string list = snapshot.manifest_list;
  const TableChange change{.base = table_,
                           .requirements = {},
                           .updates = {iceberg::AddSnapshot{std::move(snapshot)},
                                       iceberg::ref_to(*table_.metadata, iceberg::kMainBranch, 1)}};
  ASSERT_EQ(*catalog_->commit({&change, 1}, ""), CommitOutcome::applied);
  const LoadedTable table = *catalog_->load(table_.table);
  for (const std::string& damaged : {manifests_[0].path, list}) {
    std::ofstream(*file_path(damaged), std::ios::trunc) << "damaged";
    const auto files = scan_files(table, std::nullopt, *store_);
    ASSERT_FALSE(files.ok());
    EXPECT_THAT(files.error().message(), ::testing::HasSubstr("table 'ops.a': manifest"));
    EXPECT_THAT(files.error().message(), ::testing::HasSubstr(damaged));
  }
}

}  // namespace
}  // namespace weir::lake

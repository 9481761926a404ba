// Files that PyIceberg 0.12 has written: read, written again, and damaged in many ways.

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "iceberg/manifest/manifest_avro.h"
#include "iceberg/metadata/metadata_update.h"

namespace weir::iceberg {
namespace {

using Json = nlohmann::json;

std::string load(const std::string& name) {
  std::ifstream in(std::string(WEIR_SOURCE_DIR) + "/src/iceberg/tests/data/" + name, std::ios::binary);
  EXPECT_TRUE(in.good()) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr int64_t kFirst = 7451920296445680597;
constexpr int64_t kThird = 8510831139032417692;

TEST(ForeignFiles, MetadataIsReadAndWrittenBackWhole) {
  for (const char* name : {"pyiceberg_v2.metadata.json", "pyiceberg_v2_empty.metadata.json"}) {
    const std::string text = load(name);
    const Result<TableMetadata> metadata = table_metadata_from_json(text);
    ASSERT_TRUE(metadata.ok()) << metadata.error().to_string();
    Json expected = Json::parse(text);
    if (!expected.contains("current-snapshot-id") || expected["current-snapshot-id"].is_null())
      expected["current-snapshot-id"] = -1;
    EXPECT_EQ(Json::parse(table_metadata_to_json(*metadata)), expected) << name;
    EXPECT_TRUE(check_writable(*metadata).ok());
  }
}

TEST(ForeignFiles, MetadataTakesAnotherSnapshot) {
  const TableMetadata base = *table_metadata_from_json(load("pyiceberg_v2.metadata.json"));
  EXPECT_EQ(base.current_snapshot_id, kThird);
  EXPECT_EQ(base.find_ref("first")->snapshot_id, kFirst);
  EXPECT_EQ(base.current_schema().schema->find_by_path("attrs.value")->id, 12);
  const SnapshotSlot slot = next_snapshot_slot(base, kMainBranch, 0);
  EXPECT_EQ(slot.parent_id, kThird);
  EXPECT_EQ(slot.sequence_number, 4);
  EXPECT_EQ(slot.timestamp_ms, base.last_updated_ms);
  const MetadataUpdate updates[] = {AddSnapshot{{.id = 5,
                                                 .parent_id = slot.parent_id,
                                                 .sequence_number = 4,
                                                 .timestamp_ms = slot.timestamp_ms,
                                                 .manifest_list = "l"}},
                                    ref_to(base, kMainBranch, 5)};
  const TableMetadata next = *apply_updates(base, "s3://warehouse/ns/t/metadata/4.json", updates, 0);
  Json before = Json::parse(load("pyiceberg_v2.metadata.json"));
  Json after = Json::parse(table_metadata_to_json(next));
  EXPECT_EQ(after["snapshots"].size(), 4U);
  EXPECT_EQ(after["metadata-log"].size(), 5U);
  for (const char* key :
       {"snapshots", "snapshot-log", "metadata-log", "current-snapshot-id", "refs", "last-sequence-number"}) {
    before.erase(key);
    after.erase(key);
  }
  EXPECT_EQ(after, before) << "everything else stays";
}

TEST(ForeignFiles, MetadataOfVersion1IsRead) {
  const Result<TableMetadata> metadata = table_metadata_from_json(load("pyiceberg_v1.metadata.json"));
  ASSERT_TRUE(metadata.ok()) << metadata.error().to_string();
  EXPECT_EQ(metadata->current_snapshot()->sequence_number, 0);
  EXPECT_EQ(metadata->default_spec().fields[0].transform.to_string(), "month");
}

TEST(ForeignFiles, ManifestListIsReadAndWrittenAgain) {
  const Result<std::vector<ManifestFile>> lines = read_manifest_list(load("pyiceberg_v2.list.avro"));
  ASSERT_TRUE(lines.ok()) << lines.error().to_string();
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ((*lines)[0].deleted_files, 1);
  EXPECT_EQ((*lines)[1].min_sequence_number, 2);
  const ManifestFile& oldest = (*lines)[2];
  EXPECT_EQ(oldest.added_snapshot_id, kFirst);
  EXPECT_EQ(oldest.added_rows, 4);
  EXPECT_EQ((*oldest.partitions)[2].contains_null, true);
  EXPECT_EQ((*oldest.partitions)[3].lower_bound, "\xf4H");
  EXPECT_EQ(*read_manifest_list(*write_manifest_list({kThird, kFirst, 3}, *lines)), *lines);
}

TEST(ForeignFiles, ManifestIsReadAndWrittenAgain) {
  const TableMetadata table = *table_metadata_from_json(load("pyiceberg_v2.metadata.json"));
  const ManifestFormat format =
      *ManifestFormat::make(*table.current_schema().schema, table.current_schema().json, table.default_spec());
  const ManifestFile line = (*read_manifest_list(load("pyiceberg_v2.list.avro")))[2];
  const Result<std::vector<ManifestEntry>> entries =
      read_manifest(load("pyiceberg_v2_added.manifest.avro"), line, {.partition_fields = &format.partition_fields()});
  ASSERT_TRUE(entries.ok()) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 4U);
  const ManifestEntry& last = (*entries)[3];
  EXPECT_EQ(last.sequence_number, 1);
  EXPECT_EQ(last.snapshot_id, kFirst);
  EXPECT_EQ(last.file.partition,
            (std::vector<Value>{Value(int32_t{17487}), Value(int32_t{3}), Value(), Value(Int128{15})}));
  EXPECT_EQ(partition_path(table.default_spec(), *table.current_schema().schema, last.file.partition),
            "ts_day=2017-11-17/id_bucket=3/name_trunc=null/price=0.15");
  EXPECT_EQ(*last.file.column_sizes->find(12), 98);
  EXPECT_EQ(*last.file.null_value_counts->find(2), 1);
  EXPECT_EQ(*last.file.upper_bounds->find(4), "\x0f");
  EXPECT_EQ(last.file.split_offsets, std::vector<int64_t>{4});
  for (const ManifestEntry& entry : *entries) {
    const Value id = *value_from_bytes(*Type::primitive(TypeKind::int64), *entry.file.lower_bounds->find(1));
    EXPECT_EQ(Transform::parse("bucket[4]")->apply(Type::primitive(TypeKind::int64), id), entry.file.partition[1])
        << "PyIceberg and we agree";
  }
  std::vector<ManifestEntry> again = *entries;
  for (ManifestEntry& entry : again) entry.status = EntryStatus::existing;
  const WrittenManifest written = *write_manifest(format, ManifestContent::data, 5, again);
  EXPECT_EQ(*written.file.partitions, *line.partitions) << "the same summaries as PyIceberg's";
  EXPECT_EQ(written.file.min_sequence_number, 1);
  ManifestFile new_line = written.file;
  new_line.sequence_number = 9;
  EXPECT_EQ(*read_manifest(written.bytes, new_line, {.partition_fields = &format.partition_fields()}), again);
}

TEST(ForeignFiles, DeletedEntriesAreSeen) {
  const ManifestFile line = (*read_manifest_list(load("pyiceberg_v2.list.avro")))[0];
  const std::vector<ManifestEntry> entries = *read_manifest(load("pyiceberg_v2_deleted.manifest.avro"), line);
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_FALSE(entries[0].is_live());
  EXPECT_EQ(entries[0].snapshot_id, kThird);
  EXPECT_EQ(entries[0].sequence_number, 2);
}

TEST(ForeignFiles, ManifestsOfVersion1InheritZero) {
  const std::vector<ManifestFile> lines = *read_manifest_list(load("pyiceberg_v1.list.avro"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].sequence_number, 0);
  EXPECT_EQ(lines[0].content, ManifestContent::data);
  const Result<std::vector<ManifestEntry>> entries = read_manifest(load("pyiceberg_v1.manifest.avro"), lines[0]);
  ASSERT_TRUE(entries.ok()) << entries.error().to_string();
  EXPECT_EQ((*entries)[0].sequence_number, 0);
  EXPECT_EQ((*entries)[0].file_sequence_number, 0);
  EXPECT_EQ((*entries)[0].file.partition, std::vector<Value>{Value(int32_t{600})});
  EXPECT_TRUE((*entries)[1].file.partition[0].is_null());
}

/// Calls `read` with many damaged forms of `bytes`. Nothing is asked of the outcome but that there is one.
template <typename Read>
void damage(const std::string& bytes, uint64_t seed, int rounds, Read read) {
  const char* other_seed = std::getenv("WEIR_TEST_SEED");
  SeededRandom random(seed + 1000 * (other_seed == nullptr ? 0 : std::strtoull(other_seed, nullptr, 10)));
  for (int round = 0; round < rounds; ++round) {
    std::string damaged = bytes;
    for (uint64_t flips = 1 + random.next_u64() % 6; flips > 0; --flips) {
      const size_t at = random.next_u64() % damaged.size();
      switch (random.next_u64() % 4) {
        case 0: damaged[at] = static_cast<char>(random.next_u64()); break;
        case 1: damaged[at] = static_cast<char>(damaged[at] ^ (1 << (random.next_u64() % 8))); break;
        case 2: damaged.erase(at, random.next_u64() % 8); break;
        default: damaged.insert(at, std::string(random.next_u64() % 8, static_cast<char>(random.next_u64()))); break;
      }
      if (damaged.empty()) break;
    }
    read(damaged);
  }
}

/// The same file without compression, so that damage reaches the decoders.
std::string without_codec(const std::string& bytes) {
  avro::ContainerReader container = *avro::ContainerReader::open(bytes);
  std::vector<std::pair<std::string_view, std::string_view>> metadata;
  for (const auto& [key, value] : container.metadata()) {
    if (!key.starts_with("avro.")) metadata.emplace_back(key, value);
  }
  avro::ContainerWriter writer(*container.metadata("avro.schema"), metadata, avro::Codec::null);
  avro::Block block;
  std::string out;
  // Blocks are copied as raw values: one call of end_value() for each.
  while (*container.next_block(block)) {
    writer.encoder().fixed(block.payload);
    for (int64_t i = 0; i < block.count; ++i) writer.end_value();
  }
  return std::move(writer).finish();
}

TEST(ForeignFiles, DamageNeverCrashes) {
  const TableMetadata table = *table_metadata_from_json(load("pyiceberg_v2.metadata.json"));
  const std::vector<Field> partition = *partition_fields(table.default_spec(), *table.current_schema().schema);
  const ManifestFile line = (*read_manifest_list(load("pyiceberg_v2.list.avro")))[2];
  const auto read_entries = [&](const std::string& bytes) {
    (void)read_manifest(bytes, line, {.partition_fields = &partition});
    (void)read_manifest(bytes, line);
  };
  const auto read_lines = [](const std::string& bytes) { (void)read_manifest_list(bytes); };
  const auto read_table = [](const std::string& text) {
    const Result<TableMetadata> metadata = table_metadata_from_json(text);
    if (metadata.ok()) (void)table_metadata_to_json(*metadata);
  };
  for (const char* name : {"pyiceberg_v2_added.manifest.avro", "pyiceberg_v1.manifest.avro"}) {
    damage(load(name), 1, 1000, read_entries);
    damage(without_codec(load(name)), 2, 3000, read_entries);
  }
  for (const char* name : {"pyiceberg_v2.list.avro", "pyiceberg_v1.list.avro"}) {
    damage(load(name), 3, 1000, read_lines);
    damage(without_codec(load(name)), 4, 3000, read_lines);
  }
  for (const char* name : {"pyiceberg_v2.metadata.json", "pyiceberg_v1.metadata.json"})
    damage(load(name), 5, 3000, read_table);
}

TEST(ForeignFiles, ACutManifestIsCorrupt) {
  const ManifestFile line = (*read_manifest_list(load("pyiceberg_v2.list.avro")))[2];
  const std::string bytes = without_codec(load("pyiceberg_v2_added.manifest.avro"));
  for (size_t size = bytes.size() - 1; size > bytes.size() - 500; --size) {
    const auto entries = read_manifest(std::string_view(bytes).substr(0, size), line);
    ASSERT_FALSE(entries.ok());
    ASSERT_EQ(entries.error().kind(), ErrorKind::corrupt);
  }
}

}  // namespace
}  // namespace weir::iceberg

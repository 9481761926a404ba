#include "state/part.h"

#include <cstring>
#include <map>

#include <gmock/gmock.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/file_env.h"
#include "base/hash.h"
#include "state/manifest.h"
#include "state/tests/key_batches.h"

namespace weir::state {
namespace {

class CollectedParts final : public PartSink {
 public:
  struct Part {
    std::string bytes;
    PartHeader header;
    uint64_t size = 0;
    uint64_t checksum = 0;
  };
  std::vector<Part> parts;

  Result<void> begin() override {
    parts.emplace_back();
    return {};
  }
  Result<void> append(std::string_view bytes) override {
    parts.back().bytes.append(bytes);
    return {};
  }
  Result<void> end(const PartHeader& header, uint64_t size_bytes, uint64_t checksum) override {
    parts.back().header = header;
    parts.back().size = size_bytes;
    parts.back().checksum = checksum;
    return {};
  }
};

std::vector<StateTableSpec> specs() {
  return {{.name = "counts",
           .codec = "test.count",
           .codec_version = 3,
           .key_layout = "s",
           .value_bytes = 8,
           .has_payload = true,
           .is_windowed = true,
           .expires = true},
          {.name = "cursor", .kind = TableKind::dealt, .codec = "test.cursor"}};
}

Tables some_tables(const std::vector<std::string>& keys) {
  const auto all = specs();
  Tables tables = *Tables::make(all, {}, int64_t{1} << 40);
  const std::vector<int64_t> windows(keys.size(), 60'000'000);
  std::vector<Entry> entries;
  EXPECT_TRUE(tables.keyed(0).find_or_insert(keys_of(keys), {.windows = windows}, entries).ok());
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto value = static_cast<int64_t>(i + 1);
    std::memcpy(entries[i].value, &value, 8);
    tables.keyed(0).set_expiry(entries[i], 120'000'000);
    EXPECT_TRUE(tables.keyed(0).set_payload(entries[i], "payload of " + keys[i]).ok());
  }
  EXPECT_TRUE(tables.list(1).put("topic/3", "next 7").ok());
  return tables;
}

std::vector<CollectedParts::Part> parts_of(Tables& tables, uint64_t aim = kPartBytesAim) {
  CollectedParts sink;
  EXPECT_TRUE(write_parts("once", tables.place(), tables.freeze(), sink, aim).ok());
  return std::move(sink.parts);
}

/// All entries as text; a part that is damaged anywhere gives an error.
Result<std::vector<std::string>> read_all(std::string_view part) {
  WEIR_ASSIGN(const PartHeader header, read_part_header(part));
  std::vector<std::string> found;
  for (const Section& section : header.sections) {
    WEIR_TRY(visit_entries(part, header, section, [&](const EntryView& entry) -> Result<void> {
      found.push_back(hex_encode(entry.key) + " " + std::to_string(entry.window) + " " +
                      std::to_string(entry.expires_at_us) + " " + hex_encode(entry.value) + " " +
                      std::string(entry.payload));
      return {};
    }));
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Part, HoldsWhatTheTablesHeld) {
  Tables tables = some_tables({"ab", "c"});
  const auto parts = parts_of(tables);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].size, parts[0].bytes.size());
  EXPECT_EQ(*part_checksum(parts[0].bytes), parts[0].checksum);
  EXPECT_EQ(*read_part_header(parts[0].bytes), parts[0].header);
  EXPECT_EQ(parts[0].header.step, "once");
  EXPECT_THAT(*read_all(parts[0].bytes),
              testing::ElementsAre("010000000163 60000000 120000000 0200000000000000 payload of c",
                                   "01000000026162 60000000 120000000 0100000000000000 payload of ab",
                                   "746f7069632f33 0 9223372036854775807  next 7"));
}

TEST(Part, EmptyTablesMakeOnePart) {
  Tables tables = *Tables::make(specs(), {}, int64_t{1} << 40);
  const auto parts = parts_of(tables);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(read_part_header(parts[0].bytes)->sections.empty());
  EXPECT_EQ(read_part_header(parts[0].bytes)->tables.size(), 2U);
}

TEST(Part, LargeStateIsCutIntoPartsThatStandAlone) {
  std::vector<std::string> keys;
  for (int i = 0; i < 20'000; ++i) keys.push_back(std::to_string(i));
  Tables tables = some_tables(keys);
  const auto parts = parts_of(tables, 100'000);
  EXPECT_GT(parts.size(), 5U);
  size_t entries = 0;
  for (const auto& part : parts) {
    EXPECT_LT(part.bytes.size(), 200'000U);
    entries += read_all(part.bytes)->size();
  }
  EXPECT_EQ(entries, 20'001U);
}

/// The bytes of version 1, as they were first written: they are read for ever.
TEST(Part, VersionOneIsReadAsItWasWritten) {
  const std::string folder = std::string(WEIR_SOURCE_DIR) + "/src/state/tests/data/";
  Tables tables = some_tables({"ab", "c"});
  const auto parts = parts_of(tables);
  const auto fixture = read_file(posix_file_env(), folder + "part-v1.bin", 1 << 20);
  ASSERT_TRUE(fixture.ok()) << hex_encode(parts[0].bytes);
  EXPECT_EQ(hex_encode(*fixture), hex_encode(parts[0].bytes));
  EXPECT_EQ(read_all(*fixture)->size(), 3U);
}

TEST(Part, EveryDamagedByteIsFound) {
  Tables tables = some_tables({"ab", "c"});
  const std::string good = parts_of(tables)[0].bytes;
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    const auto read = read_all(bad);
    ASSERT_FALSE(read.ok()) << "byte " << i;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    ASSERT_FALSE(read_part_header(std::string_view(good).substr(0, size)).ok()) << size;
  }
}

TEST(Part, ANewerVersionIsNotDamage) {
  Tables tables = *Tables::make(specs(), {}, int64_t{1} << 40);
  std::string part = parts_of(tables)[0].bytes;
  std::string header = part.substr(8, part.size() - 8 - 20);
  header[0] = 2;
  ByteWriter again;
  again.raw("WEIRSTAT");
  again.raw(header);
  again.fixed(static_cast<uint32_t>(header.size()));
  again.fixed(hash64(header));
  again.raw("WEIRSTAT");
  EXPECT_EQ(read_part_header(again.view()).error().kind(), ErrorKind::unsupported);
}

Manifest some_manifest() {
  Manifest manifest;
  manifest.pipeline = "flights";
  manifest.commit_key = "7-0193";
  manifest.steps.push_back({.name = "once", .tasks = 2, .tables = {}});
  for (const StateTableSpec& spec : specs()) manifest.steps[0].tables.push_back(TableDescription::of(spec));
  manifest.parts.push_back({.name = "state/7-0193/a-0-1-000000.part",
                            .size_bytes = 1'234,
                            .checksum = 0x0102030405060708,
                            .step = 0,
                            .task = 1,
                            .groups = {64, 128},
                            .has_lists = true});
  return manifest;
}

TEST(Manifest, SurvivesWritingAndReading) {
  EXPECT_EQ(*Manifest::from_bytes(some_manifest().to_bytes()), some_manifest());
  EXPECT_EQ(*Manifest::from_bytes(Manifest().to_bytes()), Manifest());
}

TEST(Manifest, VersionOneIsReadAsItWasWritten) {
  const auto fixture =
      read_file(posix_file_env(), std::string(WEIR_SOURCE_DIR) + "/src/state/tests/data/manifest-v1.bin", 1 << 20);
  ASSERT_TRUE(fixture.ok()) << hex_encode(some_manifest().to_bytes());
  EXPECT_EQ(hex_encode(*fixture), hex_encode(some_manifest().to_bytes()));
}

TEST(Manifest, EveryDamagedByteIsFound) {
  const std::string good = some_manifest().to_bytes();
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    ASSERT_FALSE(Manifest::from_bytes(bad).ok()) << "byte " << i;
    ASSERT_FALSE(Manifest::from_bytes(std::string_view(good).substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace weir::state

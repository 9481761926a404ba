#include "event/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/random.h"

namespace weir {
namespace {

using testing::HasSubstr;

Progress of_partition(const std::string& partition, int64_t next) {
  Progress progress;
  progress.sources["feed"].partitions[partition].next = next;
  return progress;
}

TEST(Progress, TextGoesThereAndBack) {
  Progress progress;
  SourceProgress& kafka = progress.sources["feed"];
  kafka.identity = "cluster-1";
  kafka.partitions["clicks/0"] = {.next = 10, .next_byte = 0, .identity = "topic-id"};
  kafka.partitions["clicks/1"] = {.next = INT64_MAX, .next_byte = 0, .identity = ""};
  SourceProgress& files = progress.sources["files"];
  files.partitions["dir/a \"quoted\" \xc3\xa9.json"] = {.next = 5, .next_byte = 1000, .identity = "7:8:9"};
  files.partitions["done.json"] = {.next = 5, .next_byte = 10, .identity = "1:2:3"};
  files.finish("done.json");
  progress.sources["empty"];
  const auto back = Progress::from_text(progress.to_text());
  ASSERT_TRUE(back.ok()) << back.error().to_string();
  EXPECT_EQ(*back, progress);
  EXPECT_EQ(back->to_text(), progress.to_text());
}

TEST(Progress, TextIsOneLineThatDoesNotChange) {
  Progress progress = of_partition("clicks/3", 42);
  progress.sources["feed"].identity = "c";
  progress.sources["feed"].partitions["f"] = {.next = 1, .next_byte = 2, .identity = "i"};
  EXPECT_EQ(progress.to_text(), R"({"v":2,"sources":{"feed":{"id":"c","p":{"clicks/3":[42],"f":[1,2,"i"]}}}})");
  EXPECT_EQ(Progress().to_text(), R"({"v":2,"sources":{}})");
  EXPECT_TRUE(Progress::from_text(R"({"v":2,"sources":{}})")->empty());
}

TEST(Progress, DamagedTextIsCorrupt) {
  for (const char* text : {"",
                           "{",
                           "[]",
                           "null",
                           "{}",
                           R"({"v":"1","sources":{}})",
                           R"({"v":1})",
                           R"({"v":1,"sources":[]})",
                           R"({"v":1,"sources":{"a":[]}})",
                           R"({"v":1,"sources":{"a":{"x":1}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[1.5]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[-1]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[1,2,3]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[1,2,"i",-1]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[1,-2]}}}})",
                           R"({"v":1,"sources":{"a":{"p":{"k":[18446744073709551615]}}}})",
                           R"({"v":1,"sources":{"a":{"done":"x"}}})",
                           R"({"v":1,"sources":{"a":{"done":"AAAA"}}})",
                           R"({"v":1,"sources":{"a":{"p":[]}}})",
                           R"({"v":1,"sources":{}}x)",
                           R"({"v":1,"sources":{},"more":1})"}) {
    const auto progress = Progress::from_text(text);
    ASSERT_FALSE(progress.ok()) << text;
    EXPECT_EQ(progress.error().kind(), ErrorKind::corrupt) << text;
  }
}

TEST(Progress, FinishedPartitionsMustBeSortedAndUnique) {
  const auto text = [](std::initializer_list<uint64_t> names) {
    ByteWriter entries;
    for (const uint64_t name : names) {
      entries.fixed(name);
      entries.raw(std::string(27, '\0'));
    }
    return R"({"v":2,"sources":{"f":{"files":")" + base64_encode(entries.view()) + R"("}}})";
  };
  ASSERT_TRUE(Progress::from_text(text({1, 2})).ok());
  EXPECT_EQ(Progress::from_text(text({2, 1})).error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(Progress::from_text(text({1, 1})).error().kind(), ErrorKind::corrupt);
}

TEST(Progress, Version1IsRead) {
  const auto progress =
      Progress::from_text(R"({"v":1,"sources":{"feed":{"id":"c","p":{"t/0":[5,0,"id"]},"done":"AQAAAAAAAAAHAAAA"}}})");
  ASSERT_TRUE(progress.ok()) << progress.error().to_string();
  const SourceProgress& feed = progress->sources.at("feed");
  EXPECT_EQ(feed.partitions.at("t/0"), (PartitionProgress{.next = 5, .identity = "id"}));
  ASSERT_NE(feed.finished.find(1), nullptr);
  EXPECT_EQ(feed.finished.find(1)->content.low, 7U);
  EXPECT_EQ(feed.finished.find(1)->state, FinishedPartition::State::of_version_1);
  EXPECT_EQ(*Progress::from_text(progress->to_text()), *progress);
}

TEST(Progress, ASummaryHasTheNamesOfFinishedFilesOnly) {
  Progress progress = of_partition("a.json", 5);
  progress.sources["feed"].finish("a.json", {.content = {.low = 1, .high = 2}, .facts_hash = 3});
  const auto summary = Progress::from_text(progress.to_summary());
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(*summary->sources.at("feed").find_finished("a.json"), FinishedPartition{.name_hash = name_hash("a.json")});
  EXPECT_LT(progress.to_summary().size(), progress.to_text().size());
}

TEST(Progress, KeepsTheLeaderEpochOfAPartition) {
  Progress progress = of_partition("t/0", 5);
  progress.sources["feed"].partitions["t/0"].leader_epoch = 3;
  const auto back = Progress::from_text(progress.to_text());
  ASSERT_TRUE(back.ok()) << back.error().to_string();
  EXPECT_EQ(back->sources.at("feed").partitions.at("t/0").leader_epoch, 3);
}

TEST(Progress, WhatIsForgottenIsPartOfAChangeAndGoneAfterIt) {
  Progress before = of_partition("a.json", 5);
  before.sources["feed"].finish("a.json");
  before.sources["feed"].finish("b.json");
  Progress after = before;
  after.sources["feed"].finished.erase(name_hash("a.json"));
  const Progress change = after.changes_since(before);
  ASSERT_EQ(change.sources.at("feed").forgotten, std::vector<uint64_t>{name_hash("a.json")});
  before.merge(*Progress::from_text(change.to_text()));
  EXPECT_EQ(before, after);
}

TEST(Progress, ANewerVersionIsUnsupported) {
  const auto progress = Progress::from_text(R"({"v":3,"sources":{}})");
  EXPECT_EQ(progress.error().kind(), ErrorKind::unsupported);
  EXPECT_THAT(progress.error().message(), HasSubstr("version 3"));
}

TEST(Progress, MergeTakesOverNewerPartitionsAndKeepsTheOthers) {
  Progress progress = of_partition("p/0", 5);
  progress.sources["feed"].partitions["p/1"].next = 7;
  progress.sources["feed"].identity = "old";
  progress.sources["other"].partitions["x"].next = 1;
  Progress newer = of_partition("p/0", 9);
  newer.sources["feed"].partitions["p/2"].next = 3;
  progress.merge(newer);
  const SourceProgress& feed = progress.sources["feed"];
  EXPECT_EQ(feed.partitions.at("p/0").next, 9);
  EXPECT_EQ(feed.partitions.at("p/1").next, 7);
  EXPECT_EQ(feed.partitions.at("p/2").next, 3);
  EXPECT_EQ(feed.identity, "old");
  EXPECT_EQ(progress.sources["other"].partitions.at("x").next, 1);
}

TEST(Progress, MergeMovesFinishedPartitions) {
  Progress progress = of_partition("a.json", 5);
  Progress newer = of_partition("a.json", 9);
  newer.sources["feed"].finish("a.json");
  progress.merge(newer);
  EXPECT_TRUE(progress.sources["feed"].partitions.empty());
  EXPECT_NE(progress.sources["feed"].find_finished("a.json"), nullptr);
  EXPECT_EQ(progress.sources["feed"].find_finished("b.json"), nullptr);
}

TEST(Progress, IsBehindWhenAPartitionIsLowerOrMissing) {
  EXPECT_TRUE(of_partition("p/0", 5).is_behind(of_partition("p/0", 6)));
  EXPECT_FALSE(of_partition("p/0", 6).is_behind(of_partition("p/0", 6)));
  EXPECT_FALSE(of_partition("p/0", 7).is_behind(of_partition("p/0", 6)));
  EXPECT_TRUE(of_partition("p/1", 9).is_behind(of_partition("p/0", 0)));
  EXPECT_TRUE(Progress().is_behind(of_partition("p/0", 0)));
  EXPECT_FALSE(of_partition("p/0", 0).is_behind(Progress()));
}

TEST(Progress, IsBehindCountsFinishedPartitions) {
  Progress finished = of_partition("a.json", 5);
  finished.sources["feed"].finish("a.json");
  EXPECT_TRUE(of_partition("a.json", 5).is_behind(finished));
  EXPECT_FALSE(finished.is_behind(of_partition("a.json", 5)));
  EXPECT_FALSE(finished.is_behind(finished));
}

TEST(Progress, RandomProgressGoesThereAndBack) {
  SeededRandom random(9);
  for (int round = 0; round < 200; ++round) {
    Progress progress;
    for (uint64_t s = random.next_u64() % 3; s > 0; --s) {
      SourceProgress& source = progress.sources["s" + std::to_string(s)];
      for (uint64_t p = random.next_u64() % 20; p > 0; --p) {
        const std::string name = "t/" + std::to_string(p);
        source.partitions[name] = {.next = static_cast<int64_t>(random.next_u64() >> 1),
                                   .next_byte = static_cast<int64_t>(random.next_u64() % 3),
                                   .identity = random.next_u64() % 2 == 0 ? "" : "id"};
        if (random.next_u64() % 3 == 0) source.finish(name);
      }
    }
    const auto back = Progress::from_text(progress.to_text());
    ASSERT_TRUE(back.ok());
    ASSERT_EQ(*back, progress);
    Progress merged;
    merged.merge(progress);
    EXPECT_FALSE(merged.is_behind(progress));
    EXPECT_FALSE(progress.is_behind(merged));
  }
}

}  // namespace
}  // namespace weir

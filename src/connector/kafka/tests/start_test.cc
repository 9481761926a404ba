#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/kafka/start_internal.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

PartitionFacts facts() {
  return {.partition = {"flights.v1", 3},
          .topic_id = "topic-id-1",
          .low = 100,
          .high = 200,
          .stable = 190,
          .at_timestamp = 150};
}

TEST(DecideStart, BeginsAtTheEarliestByDefault) {
  const Result<int64_t> start = decide_start({}, nullptr, facts());
  ASSERT_TRUE(start.ok());
  EXPECT_EQ(*start, 100);
}

TEST(DecideStart, BeginsAtTheTimeOrAtTheEndWhenAllIsOlder) {
  const KafkaStart at = {.at = KafkaStart::At::timestamp, .timestamp_ms = 5};
  PartitionFacts found = facts();
  EXPECT_EQ(*decide_start(at, nullptr, found), 150);
  found.at_timestamp = -1;
  EXPECT_EQ(*decide_start(at, nullptr, found), 190);
}

TEST(DecideStart, TakesExplicitOffsetsAndTheEarliestForOthers) {
  KafkaStart at = {.at = KafkaStart::At::offsets, .offsets = {{"flights.v1/3", 120}}};
  EXPECT_EQ(*decide_start(at, nullptr, facts()), 120);
  at.offsets = {{"flights.v1/3", 200}};
  EXPECT_EQ(*decide_start(at, nullptr, facts()), 200);
  at.offsets = {{"flights.v1/2", 120}};
  EXPECT_EQ(*decide_start(at, nullptr, facts()), 100);
}

TEST(DecideStart, RefusesExplicitOffsetsOutsideOfTheLog) {
  KafkaStart at = {.at = KafkaStart::At::offsets, .offsets = {{"flights.v1/3", 99}}};
  EXPECT_EQ(decide_start(at, nullptr, facts()).error().kind(), ErrorKind::position_lost);
  at.offsets = {{"flights.v1/3", 201}};
  EXPECT_EQ(decide_start(at, nullptr, facts()).error().kind(), ErrorKind::invalid_argument);
}

TEST(DecideStart, ProgressWinsOverTheStartSetting) {
  const PartitionProgress stored = {.next = 170, .next_byte = 0, .identity = "topic-id-1"};
  EXPECT_EQ(*decide_start({.at = KafkaStart::At::timestamp, .timestamp_ms = 5}, &stored, facts()), 170);
}

TEST(DecideStart, ProgressAtEitherEndIsFine) {
  PartitionProgress stored = {.next = 100, .next_byte = 0, .identity = "topic-id-1"};
  EXPECT_EQ(*decide_start({}, &stored, facts()), 100);
  stored.next = 200;
  EXPECT_EQ(*decide_start({}, &stored, facts()), 200);
}

TEST(DecideStart, NamesTheRangeThatRetentionRemoved) {
  const PartitionProgress stored = {.next = 70, .next_byte = 0, .identity = "topic-id-1"};
  const Result<int64_t> start = decide_start({}, &stored, facts());
  ASSERT_FALSE(start.ok());
  EXPECT_EQ(start.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(start.error().message(),
              AllOf(HasSubstr("flights.v1/3"), HasSubstr("offsets 70 to 99"),
                    HasSubstr("weir progress set PIPELINE.yaml --partition flights.v1/3 --next 100 ")));
}

TEST(DecideStart, NamesTheRangeThatTheLogLost) {
  const PartitionProgress stored = {.next = 230, .next_byte = 0, .identity = "topic-id-1"};
  const Result<int64_t> start = decide_start({}, &stored, facts());
  ASSERT_FALSE(start.ok());
  EXPECT_EQ(start.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(start.error().message(), AllOf(HasSubstr("ends at offset 200"), HasSubstr("200 to 229")));
}

TEST(DecideStart, RefusesATopicThatIsAnotherOne) {
  const PartitionProgress stored = {.next = 150, .next_byte = 0, .identity = "topic-id-0"};
  const Result<int64_t> start = decide_start({}, &stored, facts());
  ASSERT_FALSE(start.ok());
  EXPECT_EQ(start.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(start.error().message(), AllOf(HasSubstr("topic-id-0"), HasSubstr("topic-id-1")));
}

TEST(DecideStart, UnknownIdentitiesAreNotCompared) {
  const PartitionProgress stored = {.next = 150, .next_byte = 0, .identity = ""};
  EXPECT_TRUE(decide_start({}, &stored, facts()).ok());
  PartitionFacts old_broker = facts();
  old_broker.topic_id = "";
  const PartitionProgress with_id = {.next = 150, .next_byte = 0, .identity = "topic-id-1"};
  EXPECT_TRUE(decide_start({}, &with_id, old_broker).ok());
}

TEST(ParsePartition, TakesTopicAndNumberApart) {
  const std::optional<TopicPartition> partition = parse_partition("flights.v1/12");
  ASSERT_TRUE(partition);
  EXPECT_EQ(partition->topic, "flights.v1");
  EXPECT_EQ(partition->partition, 12);
  for (const char* name :
       {"", "/", "/1", "flights", "flights/", "flights/x", "flights/1x", "flights/-1", "flights/99999999999"}) {
    EXPECT_FALSE(parse_partition(name)) << name;
  }
}

TEST(RequireStored, MissesOnlyWhatIsSelected) {
  const TopicSelection selection = *TopicSelection::make({"flights.v1"});
  SourceProgress from;
  from.partitions["flights.v1/3"].next = 7;
  from.partitions["dropped/0"].next = 9;  // taken out of the settings
  from.partitions["/some/file.json"].next = 9;
  EXPECT_TRUE(require_stored(from, selection, {facts()}).ok());
  const Result<void> gone = require_stored(from, selection, {});
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(gone.error().message(), AllOf(HasSubstr("flights.v1/3"), HasSubstr("offset 7")));
}

TEST(RequireSameCluster, RefusesAnotherCluster) {
  EXPECT_TRUE(require_same_cluster("c1", "c1", "b:1").ok());
  EXPECT_TRUE(require_same_cluster("", "c1", "b:1").ok());
  const Result<void> other = require_same_cluster("c1", "c2", "b:1");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(other.error().message(), AllOf(HasSubstr("c1"), HasSubstr("c2"), HasSubstr("b:1")));
}

TEST(ReaderOf, DealsPartitionsEvenly) {
  for (const int count : {1, 2, 3, 7}) {
    for (const char* topic : {"a", "flights.v1"}) {
      std::vector<int> dealt(static_cast<size_t>(count), 0);
      for (int32_t partition = 0; partition < 21; ++partition)
        ++dealt.at(static_cast<size_t>(reader_of({topic, partition}, count)));
      for (const int share : dealt) EXPECT_NEAR(share, 21 / count, 1);
    }
  }
}

}  // namespace
}  // namespace weir::connector

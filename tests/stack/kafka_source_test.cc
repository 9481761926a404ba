// The Kafka source against a real broker. Run it by run_kafka_source_test.sh, which starts one.
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka_fixture.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(KafkaStack, ReadsCommittedRecordsOnlyAndEndsBehindATrailingAbort) {
  const std::string name = topic(2);
  StackProducer plain(kafka());
  StackProducer transactional(kafka(), name);
  std::vector<std::string> expected[2];
  for (int round = 0; round < 6; ++round) {
    for (int32_t partition = 0; partition < 2; ++partition) {
      const std::string tag = std::to_string(round) + "-" + std::to_string(partition) + "-";
      transactional.begin();
      transactional.send_many(name, partition, 50, "t" + tag);
      plain.send_many(name, partition, 20, "p" + tag);
      plain.flush();
      const bool aborts = round % 2 == 1;  // the last round, too
      if (aborts) {
        transactional.abort();
      } else {
        transactional.flush();
        transactional.commit();
      }
      // In the log, the two producers may lie in either order; within one they are in order.
      const auto committed = numbered("t" + tag, 0, 50);
      const auto always = numbered("p" + tag, 0, 20);
      if (!aborts) expected[partition].insert(expected[partition].end(), committed.begin(), committed.end());
      expected[partition].insert(expected[partition].end(), always.begin(), always.end());
    }
  }
  auto source = open(bounded({name}));
  ReadRun run = read_all(*source);
  EXPECT_TRUE(run.finished) << (run.error ? run.error->to_string() : "not finished");
  for (int32_t partition = 0; partition < 2; ++partition) {
    const std::string place = name + "/" + std::to_string(partition);
    EXPECT_THAT(values(run.of(place)), ::testing::UnorderedElementsAreArray(expected[partition]));
    const std::vector<int64_t> seen = offsets(run.of(place));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(source->progress().partitions.at(place).next, 6 * (50 + 20 + 1)) << "records, aborted ones and markers";
  }
  EXPECT_EQ(source->lag().events, 0);
}

TEST_F(KafkaStack, AnOpenTransactionIsNotReadPastAndIsReadOnceItIsCommitted) {
  const std::string name = topic(1);
  StackProducer plain(kafka());
  StackProducer transactional(kafka(), name);
  plain.send_many(name, 0, 5, "before");
  plain.flush();
  transactional.begin();
  transactional.send_many(name, 0, 5, "open");
  transactional.flush();
  plain.send_many(name, 0, 5, "after");
  plain.flush();

  SourceProgress progress;
  {
    auto source = open(bounded({name}));
    ReadRun run = read_all(*source);
    EXPECT_TRUE(run.finished);
    EXPECT_EQ(values(run.of(name + "/0")), numbered("before", 0, 5));
    progress = source->progress();
  }
  EXPECT_EQ(progress.partitions.at(name + "/0").next, 5);

  auto source = open(spec({name}), &progress);
  EXPECT_EQ(read_for(*source, 500).count, 0U);
  transactional.commit();
  ReadRun run = read_count(*source, 10);
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(5, 15));
  read_for(*source, 500);
  EXPECT_EQ(source->progress().partitions.at(name + "/0").next, 16) << "past the marker";
  EXPECT_EQ(source->lag().events, 0);
}

TEST_F(KafkaStack, WhatCompactionLeavesEmptyIsNoLoss) {
  const std::string name = topic(1, {{"cleanup.policy", "compact"},
                                     {"segment.ms", "500"},
                                     {"min.cleanable.dirty.ratio", "0.01"},
                                     {"max.compaction.lag.ms", "500"}});
  StackProducer producer(kafka());
  for (int i = 0; i < 1000; ++i) producer.send(name, 0, "v" + std::to_string(i), 0, "key" + std::to_string(i % 10));
  producer.flush();
  SourceProgress progress = open(spec({name}))->progress();
  progress.partitions[name + "/0"].next = 500;  // in the middle of what goes
  ReadRun run;
  for (int attempt = 0; attempt < 60 && (attempt == 0 || run.count >= 500); ++attempt) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    producer.send(name, 0, "tick", 0, "tick");  // a segment ends when a record comes after its time
    producer.flush();
    auto source = open(bounded({name}), &progress);
    run = read_all(*source);
    ASSERT_TRUE(run.finished);
    EXPECT_EQ(source->progress().partitions.at(name + "/0").next, 1001 + attempt);
  }
  EXPECT_LT(run.count, 500U) << "nothing was compacted within a minute";
  const std::vector<int64_t> seen = offsets(run.of(name + "/0"));
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_THAT(seen, Contains(999));
}

TEST_F(KafkaStack, StartsAtExplicitOffsets) {
  const std::string name = topic(2);
  StackProducer producer(kafka());
  for (int32_t partition = 0; partition < 2; ++partition) producer.send_many(name, partition, 20, "v");
  producer.flush();
  KafkaSpec later = bounded({name});
  later.start = {.at = KafkaStart::At::offsets, .offsets = {{name + "/1", 15}}};
  ReadRun run = read_all(*open(later));
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(0, 20));
  EXPECT_EQ(offsets(run.of(name + "/1")), run_of(15, 20));
  later.start.offsets = {{name + "/1", 21}};
  EXPECT_EQ(open_error(later).kind(), ErrorKind::invalid_argument);
}

TEST_F(KafkaStack, StartsAtATimestamp) {
  const std::string name = topic(2);
  StackProducer producer(kafka());
  const int64_t begin = system_clock_source().wall_ms() - 100'000;
  for (int i = 0; i < 100; ++i) producer.send(name, 0, "v" + std::to_string(i), begin + i * 1000);
  producer.send(name, 1, "old", begin);
  producer.flush();
  KafkaSpec later = bounded({name});
  later.start = {.at = KafkaStart::At::timestamp, .timestamp_ms = begin + 40'500};
  auto source = open(later);
  EXPECT_EQ(source->progress().partitions.at(name + "/0").next, 41);
  EXPECT_EQ(source->progress().partitions.at(name + "/1").next, 1) << "all is older: begins at the end";
  ReadRun run = read_all(*source);
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(41, 100));
  EXPECT_EQ(run.of(name + "/0").front().timestamp_ms, begin + 41'000);
  EXPECT_THAT(run.of(name + "/1"), IsEmpty());
}

TEST_F(KafkaStack, GoesOnFromProgressInPieces) {
  const std::string name = topic(3);
  StackProducer producer(kafka());
  StackProducer transactional(kafka(), name);
  for (int32_t partition = 0; partition < 3; ++partition) producer.send_many(name, partition, 3000, "v");
  transactional.begin();
  transactional.send_many(name, 1, 10, "aborted");
  transactional.abort();
  producer.flush();
  std::map<std::string, std::set<int64_t>> seen;
  std::optional<SourceProgress> progress;
  size_t events = 0;
  for (int piece = 0; piece < 50 && events < 9000; ++piece) {
    auto source = open(spec({name}), progress ? &*progress : nullptr);
    ReadRun run = read_count(*source, 500 + static_cast<size_t>(piece) * 37);
    for (const auto& [partition, of] : run.events) {
      for (const ReadEvent& event : of)
        EXPECT_TRUE(seen[partition].insert(event.offset).second) << partition << " " << event.offset << " twice";
    }
    events += run.count;
    progress = source->progress();
  }
  EXPECT_EQ(events, 9000U);
}

TEST_F(KafkaStack, DeletedRecordsHaltAtOpenWithTheRange) {
  const std::string name = topic_with(100);
  SourceProgress progress = open(spec({name}))->progress();
  progress.partitions[name + "/0"].next = 30;
  kafka().delete_records(name, 0, 60);
  const Error error = open_error(spec({name}), &progress);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(), AllOf(HasSubstr(name + "/0"), HasSubstr("offsets 30 to 59")));
  auto fresh = open(bounded({name}));
  EXPECT_EQ(fresh->progress().partitions.at(name + "/0").next, 60) << "earliest is what is left";
}

TEST_F(KafkaStack, DeletedRecordsHaltWhileRunning) {
  const std::string name = topic(1);
  StackProducer producer(kafka());
  const std::string value(10'000, 'x');
  for (int i = 0; i < 3000; ++i) producer.send(name, 0, value + std::to_string(i));
  producer.flush();
  KafkaSpec tight = spec({name});
  tight.fetch_budget_bytes = 1 << 20;
  auto source = open(tight);
  ReadRun run = read_count(*source, 10);
  kafka().delete_records(name, 0, 2900);
  read_on(*source, run, [](const ReadRun&) { return false; });
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->kind(), ErrorKind::position_lost);
  const int64_t next = source->progress().partitions.at(name + "/0").next;
  EXPECT_LT(next, 2900);
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(0, next)) << "all before was handed out, nothing behind";
  EXPECT_THAT(run.error->message(), HasSubstr("offsets " + std::to_string(next) + " to 2899"));
}

/// Of the only partition of `topic` on the only broker.
std::string log_file(const std::string& topic) {
  return kafka().folder() + "/data0/" + topic + "-0/00000000000000000000.log";
}

/// Cuts the log of `topic`'s only partition off to `bytes`, as an unclean election does, and lets the broker come back.
void cut_log(const std::string& topic, int64_t bytes) {
  kafka().script("kill 0");
  std::filesystem::resize_file(log_file(topic), static_cast<uintmax_t>(bytes));
  kafka().script("start --secure");
}

// B12 of the review: the log has grown past our position again, so its end says nothing.
TEST_F(KafkaStack, ALogThatDivergedAndGrewPastUsHaltsWithTheRange) {
  const std::string name = topic(1);
  StackProducer producer(kafka());
  producer.send_many(name, 0, 60, "kept");
  producer.flush();
  const auto kept = static_cast<int64_t>(std::filesystem::file_size(log_file(name)));
  producer.send_many(name, 0, 40, "lost");
  producer.flush();
  SourceProgress progress;
  {
    auto source = open(spec({name}));
    ASSERT_EQ(read_count(*source, 100).count, 100U);
    progress = source->progress();
  }
  ASSERT_GE(progress.partitions.at(name + "/0").leader_epoch, 0);
  cut_log(name, kept);
  StackProducer after(kafka());
  after.send_many(name, 0, 100, "other");
  after.flush();

  auto source = open(spec({name}), &progress);
  ReadRun run = read_for(*source, 40'000);
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->kind(), ErrorKind::position_lost);
  EXPECT_THAT(run.error->message(), AllOf(HasSubstr("the log has diverged"), HasSubstr("offsets 60 to 99"),
                                          HasSubstr("--next 60"), HasSubstr("--next 100")));
  EXPECT_EQ(run.count, 0U) << "nothing of the other records";

  progress.partitions.at(name + "/0") = {.next = 60};  // somebody has decided
  auto again = open(spec({name}), &progress);
  EXPECT_EQ(read_count(*again, 100).count, 100U);
}

// Progress of releases before has no leader epoch.
TEST_F(KafkaStack, ProgressWithoutALeaderEpochGoesOn) {
  const std::string name = topic_with(10);
  SourceProgress progress = open(spec({name}))->progress();
  progress.partitions.at(name + "/0").next = 4;
  progress.partitions.at(name + "/0").leader_epoch = -1;
  auto source = open(spec({name}), &progress);
  EXPECT_EQ(read_count(*source, 6).count, 6U);
  EXPECT_GE(source->progress().partitions.at(name + "/0").leader_epoch, 0);
}

TEST_F(KafkaStack, ARecreatedTopicHaltsAtOpen) {
  const std::string name = topic_with(10);
  const SourceProgress progress = open(spec({name}))->progress();
  kafka().delete_topic(name);
  kafka().create_topic(name, 1);
  const Error error = open_error(spec({name}), &progress);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(),
              AllOf(HasSubstr("created again"), HasSubstr(progress.partitions.at(name + "/0").identity)));
}

// librdkafka 2.15 goes on at the same offset of the new topic: without our own look at topic ids, records 0 to 9 of it
// were lost in silence.
TEST_F(KafkaStack, ARecreatedTopicWithMoreRecordsHaltsWhileRunning) {
  const std::string name = topic_with(10);
  KafkaSpec seldom = spec({name});
  seldom.discover_every_ms = 600'000;  // the periodic look is not what finds out
  auto source = open(seldom);
  EXPECT_EQ(read_count(*source, 10).count, 10U);
  kafka().delete_topic(name);
  kafka().create_topic(name, 1);
  StackProducer producer(kafka());
  producer.send_many(name, 0, 1000, "new");
  producer.flush();
  ReadRun run = read_for(*source, 40'000);
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->kind(), ErrorKind::position_lost);
  EXPECT_THAT(run.error->message(), HasSubstr("created again"));
  EXPECT_EQ(run.count, 0U) << "nothing of the new topic";
}

TEST_F(KafkaStack, ADeletedTopicHaltsWhileRunning) {
  const std::string name = topic_with(10);
  auto source = open(spec({name}));
  read_count(*source, 10);
  source->release(source->progress());
  kafka().delete_topic(name);
  ReadRun run = read_for(*source, 40'000);
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->kind(), ErrorKind::position_lost);
  EXPECT_THAT(run.error->message(), AllOf(HasSubstr("does not exist"), HasSubstr("offset 10")));
}

TEST_F(KafkaStack, AnotherClusterIsRefused) {
  const std::string name = topic_with(1);
  SourceProgress progress = open(spec({name}))->progress();
  progress.identity = "0000000000000000000000";
  EXPECT_EQ(open_error(spec({name}), &progress).kind(), ErrorKind::position_lost);
}

TEST_F(KafkaStack, ABrokerRestartLosesAndRepeatsNothing) {
  const std::string name = topic(2);
  StackProducer producer(kafka());
  for (int32_t partition = 0; partition < 2; ++partition) producer.send_many(name, partition, 30'000, "v");
  producer.flush();
  KafkaSpec tight = spec({name});
  tight.fetch_budget_bytes = 1 << 20;  // so that most of it is still to be fetched
  auto source = open(tight);
  ReadRun run = read_count(*source, 2000);
  kafka().script("kill 0");
  std::thread restart([] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    kafka().script("start --secure");
  });
  // Polling goes on all the time; it is idle while nobody answers.
  read_on(
      *source, run, [](const ReadRun& r) { return r.count >= 60'000; }, 60'000);
  restart.join();
  producer.send_many(name, 0, 1000, "late");
  producer.flush();
  read_on(
      *source, run, [](const ReadRun& r) { return r.count >= 61'000; }, 60'000);
  EXPECT_FALSE(run.error) << run.error->to_string();
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(0, 31'000));
  EXPECT_EQ(offsets(run.of(name + "/1")), run_of(0, 30'000));
  EXPECT_THAT(log_, Contains(HasSubstr("no broker answers")));
  EXPECT_THAT(log_, Contains(HasSubstr("answers again")));
}

TEST_F(KafkaStack, AMissingTopicIsNamedWithItsNearestNeighbour) {
  const std::string name = topic(1);
  const Error error = open_error(spec({name + "x"}));
  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), AllOf(HasSubstr(name + "x"), HasSubstr("did you mean '" + name)));
}

TEST_F(KafkaStack, TwoReadersShareThePartitions) {
  const std::string name = topic(4);
  StackProducer producer(kafka());
  for (int32_t partition = 0; partition < 4; ++partition) producer.send_many(name, partition, 500, "v");
  producer.flush();
  std::map<std::string, int> readers_of;
  size_t events = 0;
  for (int index = 0; index < 2; ++index) {
    auto source = open(bounded({name}), nullptr, {.index = index, .count = 2});
    events += read_all(*source).count;
    EXPECT_THAT(source->progress().partitions, SizeIs(2));
    for (const auto& [partition, progress] : source->progress().partitions) ++readers_of[partition];
  }
  EXPECT_EQ(events, 2000U);
  EXPECT_THAT(readers_of, SizeIs(4));
}

TEST_F(KafkaStack, FindsNewPartitionsAndTopicsWhileRunning) {
  const std::string stem = kafka().fresh_name("family");
  kafka().create_topic(stem + "-a", 1);
  KafkaSpec pattern = spec({"^" + stem + "-"});
  pattern.start = {.at = KafkaStart::At::timestamp, .timestamp_ms = 1};
  auto source = open(pattern);
  kafka().add_partitions(stem + "-a", 3);
  kafka().create_topic(stem + "-b", 1);
  StackProducer producer(kafka());
  producer.send_many(stem + "-a", 2, 100, "v");
  producer.send_many(stem + "-b", 0, 100, "v");
  producer.flush();
  ReadRun run = read_count(*source, 200);
  EXPECT_EQ(offsets(run.of(stem + "-a/2")), run_of(0, 100));
  EXPECT_EQ(offsets(run.of(stem + "-b/0")), run_of(0, 100));
  EXPECT_THAT(source->progress().partitions, SizeIs(4));
}

TEST_F(KafkaStack, TellsTheGroupHowFarTheTablesAre) {
  const std::string name = topic_with(100);
  KafkaSpec grouped = spec({name});
  grouped.group = kafka().fresh_name("group");
  {
    auto source = open(grouped);
    read_count(*source, 100);
    SourceProgress committed = source->progress();
    committed.partitions[name + "/0"].next = 40;
    source->release(committed);
  }
  EXPECT_EQ(kafka().committed(grouped.group, name, 0), 40);
}

TEST_F(KafkaStack, EveryCompression) {
  const std::string name = topic(1);
  int64_t count = 0;
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    StackProducer producer(kafka(), "", codec);
    producer.send_many(name, 0, 1000, std::string(codec) + "-" + std::string(200, 'x'));
    producer.flush();
    count += 1000;
  }
  ReadRun run = read_all(*open(bounded({name})));
  EXPECT_TRUE(run.finished);
  EXPECT_EQ(offsets(run.of(name + "/0")), run_of(0, count));
}

TEST_F(KafkaStack, RecordsLargerThanTheBudgetsShareStillCome) {
  const std::string name = topic(1);
  StackProducer producer(kafka(), "", "none");
  for (int i = 0; i < 20; ++i) producer.send(name, 0, std::string(900'000, 'x'));
  producer.flush();
  KafkaSpec tight = bounded({name});
  tight.fetch_budget_bytes = 1 << 20;
  tight.record_bytes_max = 1000;
  ReadRun run = read_all(*open(tight));
  EXPECT_TRUE(run.finished);
  ASSERT_EQ(run.count, 20U);
  EXPECT_TRUE(run.of(name + "/0").front().is_truncated);
}

int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

class KafkaStackMemory : public KafkaStack, public ::testing::WithParamInterface<size_t> {};

TEST_P(KafkaStackMemory, StaysWithinTheBudgetWhetherOrNotSomebodyPolls) {
  constexpr size_t kTotalBytes = 200'000'000;
  const size_t count = kTotalBytes / GetParam();
  const std::string name = topic(4);
  {
    StackProducer producer(kafka(), "", "none");
    const std::string value(GetParam(), 'x');
    for (size_t i = 0; i < count; ++i) producer.send(name, static_cast<int32_t>(i % 4), value);
    producer.flush();
  }
  KafkaSpec limited = bounded({name});
  limited.fetch_budget_bytes = 16 << 20;
  auto source = open(limited);
  const int64_t before = resident_bytes();
  size_t events = 0;
  Result<Poll> poll = source->poll(5000);
  ASSERT_TRUE(poll.ok());
  if (poll->state == Poll::State::events) events += poll->events->size();
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_LT(resident_bytes() - before, 3 * limited.fetch_budget_bytes / 2) << "200 MB are there to be fetched";
  int64_t most = 0;
  while (true) {
    poll = source->poll(1000);
    ASSERT_TRUE(poll.ok());
    if (poll->state == Poll::State::finished) break;
    if (poll->state == Poll::State::events) events += poll->events->size();
    most = std::max(most, resident_bytes());
  }
  EXPECT_EQ(events, count);
  EXPECT_LT(most - before, 2 * limited.fetch_budget_bytes);
}
INSTANTIATE_TEST_SUITE_P(ValueBytes, KafkaStackMemory, ::testing::Values(100, 1000, 50'000));

}  // namespace
}  // namespace weir::connector

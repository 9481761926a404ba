#include "connector/kafka/kafka_source.h"

#include <atomic>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/kafka/tests/kafka_mock.h"
#include "connector/kafka/tests/kafka_read.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const StopAsked kRunOn = [] { return false; };

class KafkaSourceTest : public ::testing::Test {
 protected:
  KafkaSpec spec(std::vector<std::string> topics) {
    KafkaSpec spec;
    spec.brokers = kafka_.bootstrap();
    spec.topics = std::move(topics);
    spec.open_timeout_ms = 10'000;
    spec.discover_every_ms = 200;
    return spec;
  }

  KafkaSpec bounded(std::vector<std::string> topics) {
    KafkaSpec one_pass = spec(std::move(topics));
    one_pass.bounded = true;
    return one_pass;
  }

  std::unique_ptr<SourceCursor> make(const KafkaSpec& of, TaskShare share = {}) {
    const auto log = [this](KafkaLogLevel, std::string_view line) { log_.emplace_back(line); };
    auto source = SourceCursor::make(make_kafka_source(of, system_clock_source(), log), system_clock_source(), share);
    EXPECT_TRUE(source.ok());
    return std::move(source).value();
  }

  std::unique_ptr<SourceCursor> open(const KafkaSpec& of, const SourceProgress* from = nullptr, TaskShare share = {}) {
    std::unique_ptr<SourceCursor> source = make(of, share);
    const Result<void> opened = source->open(from, kRunOn);
    EXPECT_TRUE(opened.ok()) << opened.error().to_string();
    return source;
  }

  Error open_error(const KafkaSpec& of, const SourceProgress* from = nullptr) {
    std::unique_ptr<SourceCursor> source = make(of);
    const Result<void> opened = source->open(from, kRunOn);
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? Error(ErrorKind::internal, "opened") : opened.error();
  }

  MockKafka kafka_;
  std::vector<std::string> log_;
};

std::vector<int64_t> offsets(const std::vector<ReadEvent>& events) {
  std::vector<int64_t> out;
  for (const ReadEvent& event : events) out.push_back(event.offset);
  return out;
}

std::vector<int64_t> run_of(int64_t begin, int64_t end) {
  std::vector<int64_t> out(static_cast<size_t>(end - begin));
  std::iota(out.begin(), out.end(), begin);
  return out;
}

TEST_F(KafkaSourceTest, ReadsEveryEventOnceAndInOrder) {
  kafka_.create_topic("flights", 3);
  for (int32_t partition = 0; partition < 3; ++partition)
    kafka_.produce_many("flights", partition, 5000, "p" + std::to_string(partition) + "-");
  auto source = make(bounded({"flights"}));
  ASSERT_TRUE(source->open(nullptr, kRunOn).ok());
  EXPECT_EQ(source->progress().partitions.size(), 3U);
  ReadRun run = read_all(*source);
  EXPECT_TRUE(run.finished) << (run.error ? run.error->to_string() : "");
  ASSERT_EQ(run.count, 15'000U);
  for (int32_t partition = 0; partition < 3; ++partition) {
    const std::vector<ReadEvent>& events = run.of("flights/" + std::to_string(partition));
    EXPECT_EQ(offsets(events), run_of(0, 5000));
    EXPECT_EQ(events[4711].value, "p" + std::to_string(partition) + "-4711");
    EXPECT_EQ(events[4711].key, events[4711].value);
  }
  EXPECT_TRUE(read_for(*source, 100).finished);
}

TEST_F(KafkaSourceTest, TellsTombstonesEmptyValuesAndMissingKeysApart) {
  kafka_.create_topic("flights", 1);
  kafka_.produce({.topic = "flights", .value = "v", .key = "k", .timestamp_ms = 1'700'000'000'123});
  kafka_.produce({.topic = "flights", .value = std::nullopt, .key = "k"});
  kafka_.produce({.topic = "flights", .value = "", .key = ""});
  kafka_.produce({.topic = "flights", .value = "v"});
  kafka_.flush();
  auto source = open(bounded({"flights"}));
  ReadRun run = read_all(*source);
  const std::vector<ReadEvent>& events = run.of("flights/0");
  ASSERT_THAT(events, SizeIs(4));
  EXPECT_EQ(events[0].timestamp_ms, 1'700'000'000'123);
  EXPECT_FALSE(events[0].is_null);
  EXPECT_TRUE(events[0].has_key);
  EXPECT_EQ(events[0].key, "k");
  EXPECT_TRUE(events[1].is_null);
  EXPECT_TRUE(events[1].has_key);
  EXPECT_FALSE(events[2].is_null);
  EXPECT_TRUE(events[2].has_key);
  EXPECT_EQ(events[2].value, "");
  EXPECT_FALSE(events[3].has_key);
}

TEST_F(KafkaSourceTest, KeepsOnlyTheBeginningOfALongRecord) {
  kafka_.create_topic("flights", 1);
  const std::string long_value(300, 'x');
  kafka_.produce({.topic = "flights", .value = std::string(100, 'y')});
  kafka_.produce({.topic = "flights", .value = long_value});
  kafka_.produce({.topic = "flights", .value = "v", .key = long_value});
  kafka_.flush();
  KafkaSpec limited = bounded({"flights"});
  limited.record_bytes_max = 100;
  auto source = open(limited);
  ReadRun run = read_all(*source);
  const std::vector<ReadEvent>& events = run.of("flights/0");
  ASSERT_THAT(events, SizeIs(3));
  EXPECT_FALSE(events[0].is_truncated);
  EXPECT_EQ(events[0].value, std::string(100, 'y'));
  EXPECT_TRUE(events[1].is_truncated);
  EXPECT_EQ(events[1].value, std::string(100, 'x'));
  EXPECT_TRUE(events[2].is_truncated);
  EXPECT_THAT(events[2].key, SizeIs(100));
}

TEST_F(KafkaSourceTest, ProgressHasEveryPartitionFromTheStart) {
  kafka_.create_topic("flights", 3);
  kafka_.produce_many("flights", 1, 10);
  auto source = open(spec({"flights"}));
  SourceProgress progress = source->progress();
  EXPECT_FALSE(progress.identity.empty());
  ASSERT_THAT(progress.partitions, SizeIs(3));
  for (const auto& [name, partition] : progress.partitions) {
    EXPECT_EQ(partition.next, 0);
    EXPECT_THAT(partition.identity, SizeIs(22)) << name;
  }
  read_count(*source, 10);
  progress = source->progress();
  EXPECT_EQ(progress.partitions.at("flights/1").next, 10);
  EXPECT_EQ(progress.partitions.at("flights/0").next, 0);
  read_for(*source, 300);
  EXPECT_EQ(source->lag().events, 0);
}

TEST_F(KafkaSourceTest, GoesOnWhereProgressSays) {
  kafka_.create_topic("flights", 2);
  for (int32_t partition = 0; partition < 2; ++partition) kafka_.produce_many("flights", partition, 100);
  SourceProgress progress;
  {
    auto source = open(spec({"flights"}));
    progress = source->progress();
  }
  progress.partitions["flights/0"].next = 60;
  progress.partitions["flights/1"].next = 100;
  KafkaSpec elsewhere = bounded({"flights"});
  elsewhere.start = {.at = KafkaStart::At::offsets, .offsets = {{"flights/0", 5}}};
  auto source = open(elsewhere, &progress);
  EXPECT_EQ(source->lag().events, 40);
  ReadRun run = read_all(*source);
  EXPECT_TRUE(run.finished);
  EXPECT_EQ(offsets(run.of("flights/0")), run_of(60, 100));
  EXPECT_THAT(run.of("flights/1"), IsEmpty());
}

TEST_F(KafkaSourceTest, ReadersShareAllPartitionsWithoutOverlap) {
  kafka_.create_topic("a", 5);
  kafka_.create_topic("b", 4);
  for (int32_t partition = 0; partition < 5; ++partition) kafka_.produce_many("a", partition, 10);
  for (int32_t partition = 0; partition < 4; ++partition) kafka_.produce_many("b", partition, 10);
  std::map<std::string, int> readers_of;
  size_t events = 0;
  for (int index = 0; index < 3; ++index) {
    auto source = open(bounded({"a", "b"}), nullptr, {.index = index, .count = 3});
    ReadRun run = read_all(*source);
    EXPECT_TRUE(run.finished);
    events += run.count;
    for (const auto& [name, partition] : source->progress().partitions) ++readers_of[name];
  }
  EXPECT_EQ(events, 90U);
  EXPECT_THAT(readers_of, SizeIs(9));
  for (const auto& [name, readers] : readers_of) EXPECT_EQ(readers, 1) << name;
}

TEST_F(KafkaSourceTest, AReaderWithoutPartitionsIsFinishedAtOnce) {
  kafka_.create_topic("flights", 1);
  int finished = 0;
  for (int index = 0; index < 2; ++index) {
    auto source = open(bounded({"flights"}), nullptr, {.index = index, .count = 2});
    finished += source->progress().partitions.empty() && source->poll(0)->state == Poll::State::finished ? 1 : 0;
  }
  EXPECT_EQ(finished, 1);
}

TEST_F(KafkaSourceTest, OnePassStopsAtTheEndsSeenAtOpen) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 100);
  auto source = open(bounded({"flights"}));
  kafka_.produce_many("flights", 0, 50);
  ReadRun run = read_all(*source);
  EXPECT_TRUE(run.finished);
  EXPECT_EQ(offsets(run.of("flights/0")), run_of(0, 100));
  EXPECT_EQ(source->progress().partitions.at("flights/0").next, 100);
}

TEST_F(KafkaSourceTest, PatternsSelectTopicsAndFindLaterOnes) {
  kafka_.create_topic("ops-a", 1);
  kafka_.create_topic("xops-b", 1);
  kafka_.produce_many("ops-a", 0, 5);
  auto source = open(spec({"^ops-"}));
  ReadRun run = read_count(*source, 5);
  kafka_.create_topic("ops-c", 2);
  kafka_.produce_many("ops-c", 1, 7);
  read_on(*source, run, [](const ReadRun& r) { return r.count >= 12; });
  EXPECT_EQ(offsets(run.of("ops-c/1")), run_of(0, 7));
  const SourceProgress progress = source->progress();
  EXPECT_THAT(progress.partitions, SizeIs(3));
  EXPECT_EQ(progress.partitions.at("ops-c/1").next, 7);
  EXPECT_THAT(log_, Contains(HasSubstr("ops-c/0")));
}

TEST_F(KafkaSourceTest, OnePassTakesNoLaterTopics) {
  kafka_.create_topic("ops-a", 1);
  auto source = open(bounded({"^ops-"}));
  kafka_.create_topic("ops-b", 1);
  EXPECT_TRUE(read_for(*source, 1000).finished);
  EXPECT_THAT(source->progress().partitions, SizeIs(1));
}

TEST_F(KafkaSourceTest, AMissingTopicIsNamedWithItsNearestNeighbour) {
  kafka_.create_topic("flights.v1", 1);
  const Error error = open_error(spec({"flights.v2"}));
  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("flights.v2"), HasSubstr("did you mean 'flights.v1'")));
}

TEST_F(KafkaSourceTest, ATopicThatIsMadeLaterIsWaitedFor) {
  kafka_.create_topic("other", 1);
  KafkaSpec patient = spec({"flights"});
  patient.wait_for_topics_ms = -1;
  const auto factory = make_kafka_source(patient, system_clock_source(), [](KafkaLogLevel, std::string_view) {});
  const auto splitter = std::move(factory->make_splitter(1)).value();
  ASSERT_TRUE(splitter->open(nullptr, kRunOn).ok());
  const Result<Discovery> missing = splitter->discover(false);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().retry(), RetryHint::backoff);
  EXPECT_THAT(missing.error().message(), HasSubstr("has no topic 'flights'"));
  kafka_.create_topic("flights", 2);
  const Result<Discovery> found = splitter->discover(false);
  ASSERT_TRUE(found.ok()) << found.error().to_string();
  EXPECT_THAT(found->splits, SizeIs(2));
}

TEST_F(KafkaSourceTest, APausedPartitionStandsStillWhileTheOthersGoOn) {
  kafka_.create_topic("flights", 2);
  auto source = open(spec({"flights"}));
  source->reader().pause("flights/0");
  read_for(*source, 200);
  kafka_.produce_many("flights", 0, 50);
  kafka_.produce_many("flights", 1, 50);
  ReadRun run = read_count(*source, 50);
  EXPECT_THAT(run.of("flights/0"), IsEmpty());
  EXPECT_EQ(offsets(run.of("flights/1")), run_of(0, 50));
  source->reader().resume("flights/0");
  run = read_count(*source, 50);
  EXPECT_EQ(offsets(run.of("flights/0")), run_of(0, 50));
}

// Without that, whoever polls would have to come by again and again.
TEST_F(KafkaSourceTest, WakesUpWhoeverPolls) {
  kafka_.create_topic("flights", 1);
  const auto factory =
      make_kafka_source(spec({"flights"}), system_clock_source(), [](KafkaLogLevel, std::string_view) {});
  const auto splitter = std::move(factory->make_splitter(1)).value();
  std::atomic<int> wake_ups = 0;
  const auto reader = std::move(factory->make_reader([&] { ++wake_ups; })).value();
  ASSERT_TRUE(splitter->open(nullptr, kRunOn).ok());
  ASSERT_TRUE(reader->add(splitter->discover(false)->splits).ok());
  const Deadline drained = Deadline::after_ms(system_clock_source(), 300);
  while (!drained.passed(system_clock_source())) ASSERT_TRUE(reader->poll().ok());
  const int before = wake_ups;
  kafka_.produce_many("flights", 0, 1);
  const Deadline end = Deadline::after_ms(system_clock_source(), 20'000);
  while (wake_ups == before && !end.passed(system_clock_source()))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GT(wake_ups, before);
}

TEST_F(KafkaSourceTest, APatternWithoutTopicsIsAnError) {
  kafka_.create_topic("flights", 1);
  const Error error = open_error(spec({"^ops-"}));
  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_THAT(error.message(), HasSubstr("^ops-"));
}

TEST_F(KafkaSourceTest, AForbiddenTopicIsNamed) {
  kafka_.create_topic("flights", 1);
  kafka_.fail_topic("flights", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const Error error = open_error(spec({"flights"}));
  EXPECT_EQ(error.kind(), ErrorKind::permission_denied);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("'flights'"), HasSubstr("Describe and Read")));
}

TEST_F(KafkaSourceTest, UnreachableBrokersAreNamedWithinTheTimeOut) {
  KafkaSpec nowhere = spec({"flights"});
  nowhere.brokers = "127.0.0.1:1";
  nowhere.open_timeout_ms = 500;
  const int64_t before = system_clock_source().monotonic_us();
  const Error error = open_error(nowhere);
  EXPECT_LT(system_clock_source().monotonic_us() - before, 3'000'000);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("refused")));
}

TEST_F(KafkaSourceTest, UnknownHostIsNamed) {
  KafkaSpec nowhere = spec({"flights"});
  nowhere.brokers = "no-such-host.invalid:9092";
  nowhere.open_timeout_ms = 500;
  const Error error = open_error(nowhere);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("no-such-host.invalid"));
}

TEST_F(KafkaSourceTest, AnAdvertisedAddressThatNobodyReachesIsNamed) {
  kafka_.create_topic("flights", 1);
  KafkaSpec behind_a_wall = spec({"flights"});
  kafka_.advertise("127.0.0.1", 1);
  behind_a_wall.open_timeout_ms = 800;
  const Error error = open_error(behind_a_wall);
  EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  EXPECT_THAT(error.message(), HasSubstr("127.0.0.1:1"));
}

TEST_F(KafkaSourceTest, AnotherClusterIsRefused) {
  kafka_.create_topic("flights", 1);
  SourceProgress from;
  from.identity = "some-other-cluster";
  from.partitions["flights/0"] = {.next = 0, .next_byte = 0, .identity = ""};
  const Error error = open_error(spec({"flights"}), &from);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(), HasSubstr("some-other-cluster"));
}

TEST_F(KafkaSourceTest, DeletedRecordsHaltWithTheRange) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 100);
  SourceProgress from = open(spec({"flights"}))->progress();
  from.partitions["flights/0"].next = 20;
  kafka_.delete_records("flights", 0, 50);
  const Error error = open_error(spec({"flights"}), &from);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(), HasSubstr("offsets 20 to 49"));
}

TEST_F(KafkaSourceTest, ProgressBeyondTheLogHalts) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 100);
  SourceProgress from = open(spec({"flights"}))->progress();
  from.partitions["flights/0"].next = 101;
  EXPECT_EQ(open_error(spec({"flights"}), &from).kind(), ErrorKind::position_lost);
}

TEST_F(KafkaSourceTest, ARecreatedTopicIsRefusedAtOpen) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 10);
  SourceProgress from = open(spec({"flights"}))->progress();
  kafka_.delete_topic("flights");
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 10);
  const Error error = open_error(spec({"flights"}), &from);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(), HasSubstr("created again"));
}

TEST_F(KafkaSourceTest, ADeletedTopicThatWasReadIsALostPosition) {
  kafka_.create_topic("flights", 1);
  kafka_.create_topic("other", 1);
  SourceProgress from = open(spec({"flights", "other"}))->progress();
  from.partitions["flights/0"].next = 7;
  kafka_.delete_topic("flights");
  const Error error = open_error(spec({"flights", "other"}), &from);
  EXPECT_EQ(error.kind(), ErrorKind::position_lost);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("flights/0"), HasSubstr("does not exist"), HasSubstr("offset 7")));
  EXPECT_TRUE(make(spec({"other"}))->open(&from, kRunOn).ok());
}

TEST_F(KafkaSourceTest, ADeletedTopicOfAPatternIsForgottenByACommand) {
  kafka_.create_topic("flights", 1);
  kafka_.create_topic("other", 1);
  const SourceProgress from = open(spec({"^[a-z]*$"}))->progress();
  kafka_.delete_topic("flights");
  EXPECT_THAT(open_error(spec({"^[a-z]*$"}), &from).message(),
              HasSubstr("`weir progress forget PIPELINE.yaml --partition flights/0 --reason TEXT`"));
}

TEST_F(KafkaSourceTest, AStopEndsTheWaitForBrokers) {
  KafkaSpec nobody = spec({"flights"});
  nobody.brokers = "127.0.0.1:1";
  nobody.open_timeout_ms = 20'000;
  const Clock& clock = system_clock_source();
  const int64_t begin = clock.monotonic_us();
  const Result<void> opened = make(nobody)->open(nullptr, [&] { return clock.monotonic_us() - begin > 300'000; });
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::cancelled);
  EXPECT_LT(clock.monotonic_us() - begin, 2'000'000);
}

TEST_F(KafkaSourceTest, AStopEndsTheWaitForATopic) {
  kafka_.create_topic("flights", 1);
  kafka_.fail_topic("flights", RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
  KafkaSpec patient = spec({"flights"});
  patient.open_timeout_ms = 20'000;
  const Clock& clock = system_clock_source();
  const int64_t begin = clock.monotonic_us();
  const Result<void> opened = make(patient)->open(nullptr, [&] { return clock.monotonic_us() - begin > 1'000'000; });
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::cancelled) << opened.error().to_string();
  EXPECT_LT(clock.monotonic_us() - begin, 5'000'000);
}

TEST_F(KafkaSourceTest, AStartOffsetOfNoPartitionIsRefused) {
  kafka_.create_topic("flights", 1);
  KafkaSpec wrong = spec({"flights"});
  wrong.start = {.at = KafkaStart::At::offsets, .offsets = {{"flights/1", 0}}};
  const Error error = open_error(wrong);
  EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(error.message(), HasSubstr("flights/1"));
}

TEST_F(KafkaSourceTest, AnOutageIsIdleAndLoggedAndEndsByItself) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 10);
  KafkaSpec patient = spec({"flights"});
  patient.properties = {{"reconnect.backoff.max.ms", "500"}};
  auto source = open(patient);
  ReadRun run = read_count(*source, 10);
  kafka_.set_down(true);
  ReadRun idle = read_for(*source, 1600);
  EXPECT_FALSE(idle.error) << idle.error->to_string();
  EXPECT_EQ(idle.count, 0U);
  EXPECT_THAT(log_, Contains(HasSubstr("no broker answers")));
  EXPECT_LE(log_.size(), 5U);
  kafka_.set_down(false);
  kafka_.produce_many("flights", 0, 10);
  read_on(*source, run, [](const ReadRun& r) { return r.count >= 20; });
  EXPECT_EQ(offsets(run.of("flights/0")), run_of(0, 20));
  EXPECT_THAT(log_, Contains(HasSubstr("answers again")));
}

TEST_F(KafkaSourceTest, PollWaitsForTheFirstEventAndNoLonger) {
  kafka_.create_topic("flights", 1);
  auto source = open(spec({"flights"}));
  read_for(*source, 300);
  const Clock& clock = system_clock_source();
  int64_t before = clock.monotonic_us();
  EXPECT_EQ(source->poll(400)->state, Poll::State::idle);
  EXPECT_GE(clock.monotonic_us() - before, 350'000);
  before = clock.monotonic_us();
  EXPECT_EQ(source->poll(0)->state, Poll::State::idle);
  EXPECT_LT(clock.monotonic_us() - before, 50'000);

  std::thread later([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    kafka_.produce_many("flights", 0, 3);
  });
  before = clock.monotonic_us();
  EXPECT_EQ(source->poll(10'000)->state, Poll::State::events);
  EXPECT_LT(clock.monotonic_us() - before, 3'000'000);
  later.join();
}

TEST_F(KafkaSourceTest, CommitsAreSentToTheGroup) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 10);
  KafkaSpec grouped = spec({"flights"});
  grouped.group = "weir-test";
  {
    auto source = open(grouped);
    read_count(*source, 10);
    source->release(source->progress());
  }  // the last one is waited for, a moment
  EXPECT_EQ(kafka_.committed("weir-test", "flights", 0), 10);
}

TEST_F(KafkaSourceTest, FailsOnceForAll) {
  kafka_.create_topic("flights", 1);
  kafka_.produce_many("flights", 0, 10);
  auto source = open(spec({"flights"}));
  read_count(*source, 10);
  kafka_.delete_topic("flights");
  ReadRun run = read_for(*source, 20'000);
  ASSERT_TRUE(run.error);
  EXPECT_EQ(run.error->kind(), ErrorKind::position_lost);
  EXPECT_FALSE(source->poll(0).ok());
  EXPECT_EQ(source->progress().partitions.at("flights/0").next, 10);
}

TEST_F(KafkaSourceTest, BatchesAreBoundedInEventsAndBytes) {
  kafka_.create_topic("small", 1);
  kafka_.create_topic("mixed", 1);
  kafka_.produce_many("small", 0, 20'000);
  // Sizes that change without warning: what the last batch was like says nothing.
  const std::string large(40'000, 'x');
  for (int i = 0; i < 2100; ++i)
    kafka_.produce({.topic = "mixed", .value = i % 700 < 600 ? std::string_view("tiny") : large});
  kafka_.flush();
  ReadRun run = read_all(*open(bounded({"small"})));
  EXPECT_EQ(run.count, 20'000U);
  EXPECT_EQ(run.most_events, 8192U);
  EXPECT_LE(run.batches, 10U);

  KafkaSpec tight = bounded({"mixed"});
  tight.fetch_budget_bytes = 1 << 20;  // batches of 64 KiB
  run = read_all(*open(tight));
  EXPECT_TRUE(run.finished);
  const std::vector<ReadEvent>& events = run.of("mixed/0");
  EXPECT_EQ(offsets(events), run_of(events.front().offset, 2100));
  EXPECT_LE(run.most_bytes, 65'536 + large.size());
  for (const ReadEvent& event : events) EXPECT_EQ(event.value.size(), event.offset % 700 < 600 ? 4U : large.size());
}

TEST_F(KafkaSourceTest, HoldsNoMoreThanItsBudgetWhenNobodyPolls) {
  kafka_.create_topic("flights", 1);
  const std::string value(1000, 'x');
  for (int i = 0; i < 4500; ++i) kafka_.produce({.topic = "flights", .value = value});
  kafka_.flush();
  KafkaSpec tight = bounded({"flights"});
  tight.fetch_budget_bytes = 1 << 20;
  auto source = open(tight);
  ASSERT_TRUE(source->poll(2000).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  // What the client has fetched ahead is one batch at most; the rest still comes once polling goes on.
  ReadRun run = read_all(*source);
  EXPECT_TRUE(run.finished);
  EXPECT_GE(run.count, 3000U);
  EXPECT_GE(run.batches, 4U);
}

}  // namespace
}  // namespace weir::connector

#include <gmock/gmock.h>

#include "operator/tests/operator_fixture.h"
#include "operator/tests/stateful_job.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3'600 * kSecond;

/// A watermark operator with its table and what it says.
class Clocked final : public Collector {
 public:
  explicit Clocked(const WatermarkSpec& spec) {
    auto made = make_watermark(spec, event_schema());
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    op = *std::move(made);
    tables = std::make_unique<state::Tables>(*state::Tables::make(op->tables(), {}, 1 << 20));
    op->attach(*tables);
  }

  Result<void> emit(OutputIndex, const Batch& batch) override {
    said.push_back("rows " + std::to_string(batch.rows()));
    last = batch;
    return {};
  }
  Result<void> reject(Rejects) override { return {}; }
  Result<void> advance(const StreamStatus& status) override {
    said.push_back(status.is_idle ? "idle" : std::to_string(status.watermark / kSecond));
    watermark = status.watermark;
    return {};
  }

  /// Rows of a split at the given seconds.
  void rows(int split, const std::vector<int64_t>& seconds) {
    std::vector<EventRow> events;
    for (const int64_t second : seconds) events.push_back({.id = "i", .ts_us = second * kSecond, .split = split});
    EXPECT_TRUE(op->process(0, batch_of(events), *this).ok());
  }

  std::unique_ptr<Operator> op;
  std::unique_ptr<state::Tables> tables;
  std::vector<std::string> said;
  EventTime watermark = kNoWatermark;
  Batch last;
};

TEST(Watermark, FollowsTheNewestRowLessTheDisorder) {
  Clocked clock({.name = "t", .time = "ts", .disorder_us = 5 * kSecond});
  clock.rows(0, {100, 103, 101});
  clock.rows(0, {99});
  clock.rows(0, {104});
  EXPECT_THAT(clock.said, ElementsAre("rows 3", "98", "rows 1", "rows 1", "99"));
  EXPECT_EQ(clock.last.event_time_us(0), 104 * kSecond);
}

TEST(Watermark, IsThatOfTheSlowestSplit) {
  Clocked clock({.name = "t", .time = "ts"});
  clock.rows(0, {100});
  clock.rows(1, {50});
  clock.rows(0, {200});
  clock.rows(1, {150});
  EXPECT_THAT(clock.said, ElementsAre("rows 1", "100", "rows 1", "rows 1", "rows 1", "150"))
      << "what was promised is not taken back";
}

TEST(Watermark, AnIdleSplitHoldsNobodyBack) {
  Clocked clock({.name = "t", .time = "ts", .idle_after_us = 10});
  clock.rows(0, {100});
  clock.rows(1, {100});
  EXPECT_TRUE(clock.op->on_time(1'000, clock).ok());
  clock.rows(0, {200});
  clock.said.clear();
  EXPECT_TRUE(clock.op->on_time(1'010, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("200"));
  EXPECT_TRUE(clock.op->on_time(1'030, clock).ok());
  clock.rows(1, {150});
  EXPECT_THAT(clock.said, ElementsAre("200", "idle", "rows 1", "200")) << "a split that comes back is active again";
}

TEST(Watermark, WaitsForASplitOfWhichNothingHasComeYet) {
  Clocked clock({.name = "t", .time = "ts"});
  const std::vector<SplitPtr> both = {split_of(0), split_of(1)};
  EXPECT_TRUE(clock.op->on_splits({.source = both[0]->source, .begun = both, .ended = {}}, clock).ok());
  clock.rows(0, {100});
  EXPECT_THAT(clock.said, ElementsAre("rows 1"));
  clock.rows(1, {50});
  EXPECT_EQ(clock.said.back(), "50");
}

TEST(Watermark, WaitsNoLongerForASplitThatHasEnded) {
  Clocked clock({.name = "t", .time = "ts"});
  const std::vector<SplitPtr> both = {split_of(0), split_of(1)};
  EXPECT_TRUE(clock.op->on_splits({.source = both[0]->source, .begun = both, .ended = {}}, clock).ok());
  clock.rows(0, {100});
  clock.rows(1, {50});
  EXPECT_TRUE(clock.op->on_splits({.source = both[0]->source, .begun = {}, .ended = {&both[1], 1}}, clock).ok());
  EXPECT_EQ(clock.said.back(), "100");
  EXPECT_EQ(clock.tables->list(0).items().size(), 3U)
      << "the first one's clock, what was promised, how far those that ended went";
}

TEST(Watermark, OnceAllSplitsHaveEndedItIsThatOfTheNewestRowWhicheverEndedLast) {
  const std::vector<SplitPtr> both = {split_of(0), split_of(1)};
  for (const size_t first : {0, 1}) {
    const auto end = [&](Clocked& clock, size_t split, bool is_last) {
      EXPECT_TRUE(
          clock.op
              ->on_splits({.source = both[0]->source, .begun = {}, .ended = {&both[split], 1}, .has_none = is_last},
                          clock)
              .ok());
    };
    Clocked before({.name = "t", .time = "ts"});
    EXPECT_TRUE(before.op->on_splits({.source = both[0]->source, .begun = both, .ended = {}}, before).ok());
    before.rows(0, {100});
    before.rows(1, {50});
    end(before, first, false);
    Clocked after({.name = "t", .time = "ts"});
    for (const auto& [name, value] : before.tables->list(0).items())
      ASSERT_TRUE(after.tables->list(0).put(name, value).ok());
    after.op->attach(*after.tables);
    const SplitPtr other = both[1 - first];
    EXPECT_TRUE(after.op->on_splits({.source = other->source, .begun = {&other, 1}, .ended = {}}, after).ok());
    end(after, 1 - first, true);
    EXPECT_EQ(after.watermark, 100 * kSecond);
    EXPECT_EQ(after.said.back(), "idle");
  }
}

TEST(Watermark, ATaskWithoutASplitHoldsNobodyBack) {
  Clocked clock({.name = "t", .time = "ts"});
  EXPECT_TRUE(clock.op->on_splits({.source = "s", .begun = {}, .ended = {}, .has_none = true}, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("idle"));
}

TEST(Watermark, ClocksOfSplitsThatOthersReadAreLeftToThem) {
  Clocked before({.name = "t", .time = "ts"});
  before.rows(0, {100});
  before.rows(1, {50});
  Clocked after({.name = "t", .time = "ts"});
  for (const auto& [name, value] : before.tables->list(0).items())
    ASSERT_TRUE(after.tables->list(0).put(name, value).ok());
  after.op->attach(*after.tables);
  const SplitPtr own = split_of(0);
  EXPECT_TRUE(after.op->on_splits({.source = own->source, .begun = {&own, 1}, .ended = {}}, after).ok());
  EXPECT_THAT(after.said, ElementsAre("100"));
}

TEST(Watermark, OneBadClockClosesNothing) {
  Clocked clock({.name = "t", .time = "ts", .jump_us = kHour});
  clock.rows(0, {100, 9'000'000, 101});
  clock.rows(0, {9'000'000, 102});
  EXPECT_THAT(clock.said, ElementsAre("rows 3", "101", "rows 2", "102"));
}

TEST(Watermark, AStreamThatHasMovedIsBelievedInTheEnd) {
  Clocked clock({.name = "t", .time = "ts", .jump_us = kHour});
  clock.rows(0, {100});
  clock.said.clear();
  clock.rows(0, std::vector<int64_t>(kJumpRows - 1, 9'000'000));
  EXPECT_THAT(clock.said, ElementsAre(HasSubstr("rows")));
  clock.rows(0, {8'000'000});
  EXPECT_EQ(clock.said.back(), "8000000");
}

TEST(Watermark, SurvivesARestart) {
  Clocked before({.name = "t", .time = "ts"});
  before.rows(0, {100});
  Clocked after({.name = "t", .time = "ts"});
  for (const auto& [name, value] : before.tables->list(0).items())
    ASSERT_TRUE(after.tables->list(0).put(name, value).ok());
  after.op->attach(*after.tables);
  after.rows(0, {90});
  EXPECT_THAT(after.said, ElementsAre("100", "rows 1")) << "the first row is judged by what was known before";
}

TEST(Watermark, WaitsForEverySourceThatHasSplits) {
  Clocked clock({.name = "t", .time = "ts", .sources = {"in", "other"}});
  const SplitPtr own = split_of(0);
  EXPECT_TRUE(clock.op->on_splits({.source = "in", .begun = {&own, 1}, .ended = {}}, clock).ok());
  clock.rows(0, {100});
  EXPECT_THAT(clock.said, ElementsAre("rows 1")) << "the other one has not said what it has";
  EXPECT_TRUE(clock.op->on_splits({.source = "other", .begun = {}, .ended = {}}, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("rows 1")) << "it has splits, none of which has begun";
  EXPECT_TRUE(clock.op->on_splits({.source = "other", .begun = {}, .ended = {}, .has_none = true}, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("rows 1", "100"));
}

TEST(Watermark, IsNeitherIdleNorAtTheNewestRowBeforeEverySourceHasSaidWhatItHas) {
  Clocked clock({.name = "t", .time = "ts", .sources = {"in", "other"}});
  const SplitPtr own = split_of(0);
  EXPECT_TRUE(clock.op->on_splits({.source = "in", .begun = {&own, 1}, .ended = {}}, clock).ok());
  clock.rows(0, {100});
  EXPECT_TRUE(clock.op->on_splits({.source = "in", .begun = {}, .ended = {&own, 1}, .has_none = true}, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("rows 1"));
  EXPECT_TRUE(clock.op->on_splits({.source = "other", .begun = {}, .ended = {}, .has_none = true}, clock).ok());
  EXPECT_THAT(clock.said, ElementsAre("rows 1", "idle"));
  EXPECT_EQ(clock.watermark, 100 * kSecond);
}

TEST(Watermark, WhatWasPromisedHoldsAfterARestartAlsoWhenItsSplitHasEnded) {
  Clocked before({.name = "t", .time = "ts", .sources = {"in"}});
  const SplitPtr own = split_of(0);
  EXPECT_TRUE(before.op->on_splits({.source = "in", .begun = {&own, 1}, .ended = {}}, before).ok());
  before.rows(0, {100});
  EXPECT_TRUE(before.op->on_splits({.source = "in", .begun = {}, .ended = {&own, 1}, .has_none = true}, before).ok());
  EXPECT_THAT(before.said, ElementsAre("rows 1", "100", "idle"));
  Clocked after({.name = "t", .time = "ts", .sources = {"in"}});
  for (const auto& [name, value] : before.tables->list(0).items())
    ASSERT_TRUE(after.tables->list(0).put(name, value).ok());
  ASSERT_TRUE(after.tables->list(0).put("/task 1", *before.tables->list(0).find("/task 0")).ok());
  after.op->attach(*after.tables);
  EXPECT_EQ(after.tables->list(0).items().size(), 2U) << "other tasks keep what they have promised";
  EXPECT_TRUE(after.op->on_splits({.source = "in", .begun = {}, .ended = {}, .has_none = true}, after).ok());
  EXPECT_THAT(after.said, ElementsAre("idle"));
  EXPECT_EQ(after.watermark, 100 * kSecond);
}

TEST(Union, PutsColumnsInTheOrderOfTheFirstInput) {
  const auto other = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "n", .type = Type::primitive(TypeKind::int64)},
                         {.id = 2, .name = "k", .required = true, .type = Type::primitive(TypeKind::string)}});
  const auto first = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 1, .name = "k", .required = true, .type = Type::primitive(TypeKind::string)},
                         {.id = 2, .name = "n", .required = true, .type = Type::primitive(TypeKind::int64)}});
  const auto made = make_union({first, other});
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  BytesBuilder k(Type::primitive(TypeKind::string));
  FixedBuilder<int64_t> n(Type::primitive(TypeKind::int64));
  k.append("a");
  n.append(7);
  Collected out;
  ASSERT_TRUE((*made)->process(1, Batch(other, {n.finish(), k.finish()}, 1, nullptr), out).ok());
  EXPECT_THAT(out.rows, ElementsAre("k='a' n=7"));
  const Schema& schema = *(*made)->output_schema(kMainOutput);
  EXPECT_TRUE(schema.field(0).required);
  EXPECT_FALSE(schema.field(1).required) << "one input may lack it";
}

TEST(Union, RefusesInputsThatDiffer) {
  const auto schema_of = [](const std::string& name, TypeKind kind) {
    return std::make_shared<const Schema>(std::vector<Field>{{.id = 1, .name = name, .type = Type::primitive(kind)}});
  };
  const auto why = [&](const SchemaPtr& second) {
    return make_union({schema_of("a", TypeKind::int64), second}).error().message();
  };
  EXPECT_THAT(why(schema_of("b", TypeKind::int64)), HasSubstr("input 2 has no column 'a'"));
  EXPECT_THAT(why(schema_of("a", TypeKind::string)), HasSubstr("in the first it is long"));
  EXPECT_FALSE(make_union({schema_of("a", TypeKind::int64)}).ok());
}

}  // namespace
}  // namespace weir::operators

#include "runtime/reject_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;

EpochResult epoch(int64_t events, int64_t rejected,
                  const Counter& counter = {.kind = CounterKind::rejected, .reject_class = RejectClass::wrong_type}) {
  EpochResult result;
  result.events = events;
  result.rejected = rejected;
  result.counters = {{counter, rejected}, {{.kind = CounterKind::rows_dropped}, 7}};
  result.reject_samples = {"a.ndjson:1 wrong_type: v is 'x'"};
  return result;
}

TEST(RejectLimit, AThousandEventsAreJudgedTogetherHoweverManyEpochsTheyCameIn) {
  RejectJudge judge({});
  EXPECT_EQ(judge.judge(epoch(400, 400), false, false), RejectVerdict::open);
  EXPECT_EQ(judge.judge(epoch(500, 100), false, false), RejectVerdict::open);
  EXPECT_EQ(judge.judge(epoch(100, 1), false, false), RejectVerdict::stop);
  EXPECT_EQ(judge.window().events, 1000);
  EXPECT_EQ(judge.window().rejected, 501);
  EXPECT_EQ(judge.judge(epoch(1000, 0), false, false), RejectVerdict::fine) << "what was judged counts no more";
}

TEST(RejectLimit, AShareIsBreachedAboveIt) {
  EXPECT_EQ(RejectJudge({}).judge(epoch(1000, 100), false, false), RejectVerdict::fine);
  EXPECT_EQ(RejectJudge({}).judge(epoch(1000, 101), false, false), RejectVerdict::warn);
  EXPECT_EQ(RejectJudge({}).judge(epoch(1000, 500), false, false), RejectVerdict::warn);
  EXPECT_EQ(RejectJudge({}).judge(epoch(1000, 501), false, false), RejectVerdict::stop);
  EXPECT_EQ(RejectJudge({.stop_percent = 100}).judge(epoch(1000, 1500), false, false), RejectVerdict::warn)
      << "two steps may reject the same event";
  EXPECT_EQ(RejectJudge({.stop_percent = 0}).judge(epoch(1000, 1), false, false), RejectVerdict::stop);
}

TEST(RejectLimit, FewEventsAreSaidAtTheEndAndStopOnlyWhereTheLimitWasChosen) {
  EXPECT_EQ(RejectJudge({}).judge(epoch(3, 2), true, true), RejectVerdict::warn);
  EXPECT_EQ(RejectJudge({}).judge(epoch(3, 1), true, true), RejectVerdict::fine);
  EXPECT_EQ(RejectJudge({.is_chosen = true}).judge(epoch(3, 1), true, true), RejectVerdict::warn);
  EXPECT_EQ(RejectJudge({.is_chosen = true}).judge(epoch(3, 3), true, true), RejectVerdict::stop);
  EXPECT_EQ(RejectJudge({.is_chosen = true}).judge(epoch(3, 3), true, false), RejectVerdict::warn)
      << "a stop is no end of the input";
  EXPECT_EQ(RejectJudge({}).judge(epoch(0, 0), true, true), RejectVerdict::fine);
}

TEST(RejectLimit, SoManyRejectsOfARunAreAccepted) {
  RejectJudge judge({.accepted = 1500});
  EXPECT_EQ(judge.judge(epoch(1000, 1000), false, false), RejectVerdict::warn);
  EXPECT_EQ(judge.judge(epoch(1000, 500), false, false), RejectVerdict::warn);
  EXPECT_EQ(judge.judge(epoch(1000, 501), false, false), RejectVerdict::stop);
}

TEST(RejectLimit, TheRefusalNamesReasonsSamplesAndTheWayOn) {
  RejectJudge judge({});
  judge.judge(
      epoch(600, 600, {.kind = CounterKind::rejected, .name = "amount_range", .reject_class = RejectClass::rule}),
      false, false);
  judge.judge(epoch(600, 300), false, false);
  const std::string text = judge.refusal().to_string();
  EXPECT_THAT(text, HasSubstr("limit_exceeded: 900 of 1200 events (75%) were rejected: 600 rule amount_range, "
                              "300 wrong_type. `reject_limit` stops at 50%"));
  EXPECT_THAT(text, HasSubstr("For example a.ndjson:1 wrong_type: v is 'x'; a.ndjson:1"));
  EXPECT_THAT(text, HasSubstr("`weir run PIPELINE.yaml --accept-rejects 900`"));
  EXPECT_THAT(text, Not(HasSubstr("dropped")));
}

}  // namespace
}  // namespace weir::runtime

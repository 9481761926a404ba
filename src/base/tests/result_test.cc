#include "base/result.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/suggest.h"

namespace weir {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error(ErrorKind::invalid_argument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  WEIR_ASSIGN(const int first, half(value));
  WEIR_ASSIGN(const int second, half(first));
  return second;
}

Result<void> check_even(int value) {
  WEIR_TRY(half(value));
  return {};
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_FALSE(check_even(3).ok());
}

TEST(Result, HoldsMoveOnlyValuesAndConverts) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  EXPECT_EQ(**make(), 5);
  const auto text = []() -> Result<std::string> { return "literal"; };
  EXPECT_EQ(*text(), "literal");
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorEndsTheProcess) {
  EXPECT_DEATH(quarter(1).value(), "odd");
}

TEST(Error, KnowsWhoseFaultItIsAndWhetherToTryAgain) {
  EXPECT_EQ(Error(ErrorKind::invalid_argument, "").domain(), ErrorDomain::user);
  EXPECT_EQ(Error(ErrorKind::unavailable, "").domain(), ErrorDomain::external);
  EXPECT_EQ(Error(ErrorKind::internal, "").domain(), ErrorDomain::internal);
  EXPECT_EQ(Error(ErrorKind::unavailable, "").retry(), RetryHint::backoff);
  EXPECT_EQ(Error(ErrorKind::io, "").retry(), RetryHint::no);
}

TEST(Error, ContextGoesInFront) {
  const Error error = Error(ErrorKind::not_found, "no such file").with_context("reading a.yaml");
  EXPECT_EQ(error.to_string(), "not_found: reading a.yaml: no such file");
  const Error copy = error;
  EXPECT_EQ(copy.message(), error.message());
}

TEST(Error, EveryKindHasANameOfItsOwn) {
  std::string all;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    const std::string name = "|" + std::string(to_string(static_cast<ErrorKind>(kind))) + "|";
    EXPECT_EQ(all.find(name), std::string::npos) << name;
    all += name;
  }
}

TEST(Suggest, FindsTheSlipOfTheFinger) {
  const std::vector<std::string> names = {"event_type", "event_id", "user_id", "ts"};
  EXPECT_EQ(nearest_name("event_tpye", names), "event_type");
  EXPECT_EQ(nearest_name("evnt_id", names), "event_id");
  EXPECT_EQ(nearest_name("User_Id", names), "user_id");
  EXPECT_EQ(nearest_name("st", names), "ts");
  EXPECT_EQ(nearest_name("campaign", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(Suggest, TiesGoToTheFirstCandidate) {
  const std::vector<std::string> names = {"cat", "bat"};
  EXPECT_EQ(nearest_name("rat", names), "cat");
}

TEST(Suggest, MakesTheEndOfAMessage) {
  const std::vector<std::string> names = {"filter"};
  EXPECT_EQ(did_you_mean("fliter", names), "; did you mean 'filter'?");
  EXPECT_EQ(did_you_mean("window", names), "");
}

TEST(Clock, ManualClockMovesWhenTold) {
  ManualClock clock(1000);
  const Deadline deadline = Deadline::after_ms(clock, 50);
  EXPECT_FALSE(deadline.passed(clock));
  EXPECT_EQ(deadline.remaining_ms(clock), 50);
  clock.advance_ms(50);
  EXPECT_TRUE(deadline.passed(clock));
  EXPECT_EQ(deadline.remaining_ms(clock), 0);
  EXPECT_EQ(clock.wall_ms(), 1050);
}

TEST(Clock, SystemClockNeverStepsBack) {
  const Clock& clock = system_clock_source();
  const int64_t before = clock.monotonic_us();
  EXPECT_LE(before, clock.monotonic_us());
  EXPECT_GT(clock.wall_ms(), 1'600'000'000'000);
}

}  // namespace
}  // namespace weir

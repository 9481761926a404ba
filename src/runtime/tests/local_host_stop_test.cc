#include "runtime/tests/local_host_fixture.h"

namespace weir::runtime {
namespace {

TEST_F(LocalHostTest, ASourceThatNeverAnswersIsWaitedForUntilTheStop) {
  const auto waiting = host(7, {}, true, -1, {.passing_faults = 1'000'000});
  const auto summary = run_until(
      *waiting, [&] { return observer_.commits > 0; }, 300);
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_FALSE(observer_.source_retries.empty());
}

TEST_F(LocalHostTest, AStopCommitsWhatWasRead) {
  const auto endless = host(700, {.commit_every_ms = 60'000}, true);
  std::thread stopper([&] {
    while (endless->status().events < 700) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    endless->request_stop();
  });
  const auto summary = endless->run();
  stopper.join();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(tables_.events, 700);
  EXPECT_FALSE(summary->abandoned_epoch);
}

TEST_F(LocalHostTest, AStopSaysSoWhenAThreadDoesNotComeBack) {
  std::atomic<bool> is_stuck = true;
  observer_.when_stuck = [&] { is_stuck = false; };  // a real process ends itself here
  const auto endless = host(70, {.stop_deadline_ms = 20, .stuck_after_ms = 50}, true, -1, {.stuck_while = &is_stuck});
  const auto summary = run_until(*endless, [&] { return endless->status().ready; });
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(summary->abandoned_epoch);
  EXPECT_EQ(observer_.stuck, std::vector<std::string>{"task-0"});
  EXPECT_EQ(tables_.events, 0);
}

TEST_F(LocalHostTest, AStopDuringAnOutageGivesTheEpochUpAndKeepsWhatWasPrepared) {
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto endless = host(70, {.commit_every_ms = 10, .stop_deadline_ms = 50}, true);
  std::thread stopper([&] {
    while (!endless->status().committing) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    endless->request_stop();
  });
  const auto summary = endless->run();
  stopper.join();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_TRUE(summary->abandoned_epoch);
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, AStopEndsTheOpeningOfSources) {
  const auto waiting = host(7, {}, true, -1, {.opens_forever = true});
  const auto summary = run_until(
      *waiting, [] { return false; }, 50);
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_EQ(observer_.commits, 0);
}

TEST_F(LocalHostTest, AStopWhileAnEarlierCommitIsUnresolvedIsNoFailureAndKeepsWhatWasPrepared) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto stuck = host(7, {.stop_deadline_ms = 50}, true);
  const auto summary = run_until(*stuck, [&] { return stuck->status().committing; });
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_EQ(kept(), 2U) << "what was found, and the copy that the lead may name by now";
}

// The first look at the tables may hang as every other call.
TEST_F(LocalHostTest, AStopSaysSoWhenARecoveryDoesNotComeBack) {
  std::atomic<bool> hangs = true;
  tables_.on_open = [&] {
    while (hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  observer_.when_stuck = [&] { hangs = false; };
  const auto stuck = host(100, {.stop_deadline_ms = 20, .stuck_after_ms = 20});
  stuck->request_stop();
  ASSERT_TRUE(stuck->run().ok());
  EXPECT_EQ(observer_.stuck, std::vector<std::string>{"committer"});
}

}  // namespace
}  // namespace weir::runtime

#include "runtime/tests/local_host_fixture.h"

namespace weir::runtime {
namespace {

constexpr int64_t kEventBytes = 5 + 64;  ///< "event", and what it costs beside

TEST_F(LocalHostTest, CommitsEverythingOfAOnePassRun) {
  const auto summary = host(1000, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(summary->status.events, 1000);
  EXPECT_EQ(summary->status.rows_committed, 1000);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ASecondRunAddsNothing) {
  ASSERT_TRUE(host(1000, {})->run().ok());
  const auto again = host(1000, {})->run();
  EXPECT_EQ(again->status.events, 0);
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(tables_.epochs.size(), 1U);
}

// Duplicates otherwise, when it is put back.
TEST_F(LocalHostTest, ProgressOfASourceThatWasTakenOutIsKept) {
  tables_.progress.sources["s"].partitions["p/0"] = {.next = 0};
  tables_.progress.sources["gone"].partitions["q/0"] = {.next = 77};
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.at("p/0").next, 100);
  EXPECT_EQ(tables_.progress.sources.at("gone").partitions.at("q/0").next, 77);
}

TEST_F(LocalHostTest, SeveralTasksShareOneCommit) {
  ASSERT_TRUE(host(500, {.tasks = 3})->run().ok());
  EXPECT_EQ(tables_.events, 1500);
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.size(), 3U);
}

TEST_F(LocalHostTest, CutsAnEpochBySize) {
  ASSERT_TRUE(host(100'000, {.epoch_bytes_max = 50'000})->run().ok());
  EXPECT_GT(tables_.epochs.size(), 3U);
  EXPECT_EQ(tables_.events, 100'000);
}

TEST_F(LocalHostTest, AsksAgainWithTheSamePreparedEpochWhileTheOutcomeIsUnknown) {
  tables_.answers = {CommitOutcome::unknown, Error(ErrorKind::unavailable, "down"), CommitOutcome::unknown};
  tables_.apply_anyway = true;
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(observer_.retries, 3);
}

TEST_F(LocalHostTest, AnErrorOfTheCommitEndsTheRunAndKeepsWhatWasPrepared) {
  tables_.answers = {Error(ErrorKind::fenced, "newer process")};
  const auto summary = host(100, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::fenced);
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, ARefusedCommitOfItsOwnEndsTheRunAndCountsAsNothing) {
  tables_.answers = {CommitOutcome::refused};
  const auto summary = host(10, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(observer_.commits, 0);
  EXPECT_EQ(kept(), 1U);
}

// B5 of the review: one passing fault ended the run.
TEST_F(LocalHostTest, PassingFaultsOfOpenAndPrepareAreBackedOff) {
  for (int i = 0; i < 2; ++i) {
    tables_.open_errors.emplace_back(ErrorKind::unavailable, "down");
    tables_.prepare_errors.emplace_back(ErrorKind::unavailable, "down");
  }
  const auto summary = host(10, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.retries, 4);
}

TEST_F(LocalHostTest, ASourceThatDoesNotAnswerIsWaitedForAndThatIsSaid) {
  const auto summary = host(10, {}, false, -1, {.passing_faults = 3})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.source_retries, std::vector<std::string>(9, "s: away")) << "of opening, looking and polling";
}

TEST_F(LocalHostTest, ASourceThatRefusesUsIsAskedThreeTimes) {
  const auto often = host(10, {}, false, -1, {.passing_faults = 3, .fault = ErrorKind::unauthenticated})->run();
  ASSERT_FALSE(often.ok());
  EXPECT_EQ(often.error().kind(), ErrorKind::unauthenticated);
  EXPECT_EQ(observer_.source_retries.size(), 2U);
}

TEST_F(LocalHostTest, AFailingSourceEndsTheRunAtACommittedEpoch) {
  const auto summary = host(1000, {.epoch_bytes_max = 500}, false, 400)->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::position_lost);
  EXPECT_NE(summary.error().message().find("source 's'"), std::string::npos);
  EXPECT_EQ(tables_.events,
            tables_.progress.sources.empty() ? 0 : tables_.progress.sources.at("s").partitions.at("p/0").next);
}

TEST_F(LocalHostTest, SourcesAreToldWhatIsDecidedOnceItIs) {
  tables_.answers = {CommitOutcome::unknown, CommitOutcome::unknown};  // so that a word too early has time to arrive
  std::set<std::string> told_all;
  int told_early = 0;
  const auto endless = host(700, {.commit_every_ms = 10, .progress_every_ms = 10}, true, -1,
                            {.released = [&](std::string_view who, int64_t next) {
                              const std::scoped_lock lock(tables_.mutex);
                              if (next > tables_.progress.sources["s"].partitions["p/0"].next) ++told_early;
                              if (next == 700) told_all.emplace(who);
                            }});
  const auto summary = run_until(
      *endless,
      [&] {
        const std::scoped_lock lock(tables_.mutex);
        return told_all.size() == 2 || endless->status().epoch >= 200;  // barriers pass by a word that does not come
      },
      60'000);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(told_all, (std::set<std::string>{"reader", "splitter"}));
  EXPECT_EQ(told_early, 0);
}

// B13 of the review: a task that waits at its own share of the bound, while the cut goes by the sum, waits for ever.
TEST_F(LocalHostTest, EpochsAreCutByTheSumOfAFastAndASlowTask) {
  constexpr int64_t kBytesMax = 50'000;
  const auto uneven = host(100'000, {.commit_every_ms = 3'600'000, .epoch_bytes_max = kBytesMax, .tasks = 2}, true, -1,
                           {.events_of_others = 3});
  int64_t commits = 0;
  ASSERT_TRUE(run_until(
                  *uneven, [&] { return (commits = uneven->status().commits) >= 5; }, 20'000)
                  .ok());
  EXPECT_GE(commits, 5);
  // Nothing is taken in beyond twice the bound; a poll yields seven events at most.
  for (const int64_t events : tables_.epochs) EXPECT_LE(events * kEventBytes, 2 * kBytesMax + 2 * 7 * kEventBytes);
}

TEST_F(LocalHostTest, IntakeWaitsByTheSumOfAllTasksWhileACommitLasts) {
  constexpr int64_t kBytesMax = 50'000;
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto stuck =
      host(100'000, {.commit_every_ms = 10, .epoch_bytes_max = kBytesMax, .tasks = 4, .stop_deadline_ms = 50}, true);
  int64_t events = 0;
  const auto had_time = [&] {
    events = stuck->status().events;
    return stuck->status().commit_retries >= 3;
  };
  ASSERT_TRUE(run_until(*stuck, had_time, 20'000).ok());
  EXPECT_GT(events, 0);
  EXPECT_LE(events * kEventBytes, 2 * (2 * kBytesMax + 4 * 7 * kEventBytes)) << "of the epoch that is being committed "
                                                                                "and of the one that is open";
}

TEST_F(LocalHostTest, ABarrierThatFailsEndsTheRunAndCommitsNothing) {
  const auto summary = host(100, {}, false, -1, {.barrier_fails = true})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::resource_exhausted);
  EXPECT_EQ(tables_.events, 0);
  EXPECT_TRUE(tables_.progress.empty());
}

TEST_F(LocalHostTest, CommitsEventsWithoutBytes) {
  const auto endless = host(70, {.commit_every_ms = 10}, true, -1, {.payload = ""});
  int64_t commits = 0;
  ASSERT_TRUE(run_until(*endless, [&] { return (commits = endless->status().commits) > 0; }).ok());
  EXPECT_GT(commits, 0);
  EXPECT_EQ(tables_.events, 70);
}

TEST_F(LocalHostTest, EventsWithoutBytesFillAnEpoch) {
  ASSERT_TRUE(host(10'000, {.epoch_bytes_max = 50'000}, false, -1, {.payload = ""})->run().ok());
  EXPECT_GT(tables_.epochs.size(), 3U);
  EXPECT_EQ(tables_.events, 10'000);
}

TEST_F(LocalHostTest, CommitsProgressThatMovedWithoutEventsOnceAndNotAgain) {
  const auto endless = host(7, {.commit_every_ms = 10, .progress_every_ms = 150}, true, -1, {.gap = 5});
  int64_t before_the_stop = 0;
  const auto is_enough = [&] {
    before_the_stop = endless->status().commits;
    return endless->status().epoch >= 6;
  };
  ASSERT_TRUE(run_until(*endless, is_enough).ok());
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.at("p/0").next, 12);
  EXPECT_EQ(before_the_stop, observer_.commits) << "the stop had nothing left to commit";
  EXPECT_LE(observer_.commits, 2);
}

TEST_F(LocalHostTest, EventsThatBecomeNoRowsAreCommittedAsProgressRarely) {
  const auto endless =
      host(70, {.commit_every_ms = 10, .progress_every_ms = 3'600'000}, true, -1, {.lands_nothing = true});
  int64_t before_the_stop = 0;
  const auto is_enough = [&] {
    const RunStatus status = endless->status();
    before_the_stop = status.commits;
    return status.events == 70 && status.epoch >= 3;
  };
  const auto summary = run_until(*endless, is_enough);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(before_the_stop, 0);
  EXPECT_EQ(tables_.epochs.size(), 1U) << "the stop commits all that was held back, as one";
  EXPECT_EQ(tables_.events, 0);
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.at("p/0").next, 70);
}

TEST_F(LocalHostTest, AnIdlePipelineCommitsNothing) {
  const auto idle = host(0, {.commit_every_ms = 1, .progress_every_ms = 5}, true);
  tables_.progress.sources["s"].partitions["p/0"] = {.next = 0};
  ASSERT_TRUE(run_until(*idle, [&] { return idle->status().epoch >= 10; }).ok());
  EXPECT_EQ(observer_.commits, 0);
}

}  // namespace
}  // namespace weir::runtime

#include "lake/commit_decision.h"

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

CommitFacts fresh() {
  return {.same_table = true,
          .own_snapshot_found = false,
          .progress = StoredProgress::before,
          .table_fence = 3,
          .own_fence = 3};
}

TEST(CommitDecision, CommitsWhenNothingHasChanged) {
  EXPECT_EQ(decide_commit(fresh()), CommitDecision::commit);
}

TEST(CommitDecision, FindsItsOwnCommitAfterALostReply) {
  CommitFacts facts = fresh();
  facts.own_snapshot_found = true;
  facts.parent_is_current = false;
  EXPECT_EQ(decide_commit(facts), CommitDecision::applied);
}

TEST(CommitDecision, FindsItsOwnCommitByProgressWhenTheSnapshotHasExpired) {
  CommitFacts facts = fresh();
  facts.progress = StoredProgress::after;
  facts.parent_is_current = false;
  facts.is_rolled_back = true;
  EXPECT_EQ(decide_commit(facts), CommitDecision::applied);
}

TEST(CommitDecision, OwnCommitCountsEvenWhenANewerProcessHasTakenTheFence) {
  CommitFacts facts = fresh();
  facts.table_fence = 4;
  facts.own_snapshot_found = true;
  EXPECT_EQ(decide_commit(facts), CommitDecision::applied);
}

TEST(CommitDecision, AHigherFenceStopsThisProcess) {
  CommitFacts facts = fresh();
  facts.table_fence = 4;
  EXPECT_EQ(decide_commit(facts), CommitDecision::fenced);
}

TEST(CommitDecision, MovedProgressStopsThisProcessEvenWithoutAHigherFence) {
  CommitFacts facts = fresh();
  facts.progress = StoredProgress::foreign;
  EXPECT_EQ(decide_commit(facts), CommitDecision::fenced);
}

TEST(CommitDecision, RebasesOverForeignCommits) {
  CommitFacts facts = fresh();
  facts.parent_is_current = false;
  EXPECT_EQ(decide_commit(facts), CommitDecision::rebase);
}

TEST(CommitDecision, HaltsWhenTheTableWasRolledBack) {
  CommitFacts facts = fresh();
  facts.parent_is_current = false;
  facts.is_rolled_back = true;
  EXPECT_EQ(decide_commit(facts), CommitDecision::history_changed);
}

TEST(CommitDecision, HaltsOnAnotherTableWhateverElseHolds) {
  CommitFacts facts = fresh();
  facts.same_table = false;
  facts.own_snapshot_found = true;
  facts.progress = StoredProgress::after;
  EXPECT_EQ(decide_commit(facts), CommitDecision::table_changed);
}

/// Over all combinations: what is applied is never tried again, and nothing is tried against a fence or foreign
/// progress.
TEST(CommitDecision, NeverTriesAgainstAFenceOrTwice) {
  for (int bits = 0; bits < 32; ++bits) {
    for (const StoredProgress progress : {StoredProgress::before, StoredProgress::after, StoredProgress::foreign}) {
      const CommitFacts facts{.same_table = (bits & 1) != 0,
                              .own_snapshot_found = (bits & 2) != 0,
                              .progress = progress,
                              .table_fence = (bits & 4) != 0 ? 4 : 3,
                              .own_fence = 3,
                              .parent_is_current = (bits & 8) != 0,
                              .is_rolled_back = (bits & 16) != 0};
      const CommitDecision decision = decide_commit(facts);
      const bool tries = decision == CommitDecision::commit || decision == CommitDecision::rebase;
      if (!tries) continue;
      EXPECT_TRUE(facts.same_table);
      EXPECT_FALSE(facts.own_snapshot_found);
      EXPECT_EQ(facts.progress, StoredProgress::before);
      EXPECT_LE(facts.table_fence, facts.own_fence);
      EXPECT_TRUE(facts.parent_is_current || !facts.is_rolled_back);
    }
  }
}

}  // namespace
}  // namespace weir::lake

#include "lake/commit/commit_decision.h"

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

using Decision = CommitDecision;

LeadFacts fresh() {
  return {.table_fence = 3, .own_fence = 3};
}

TEST(DecideEpoch, CommitsWhenNothingHasChanged) {
  EXPECT_EQ(decide_epoch(fresh()), Decision::commit);
}

TEST(DecideEpoch, FindsItsOwnCommitAfterALostReply) {
  LeadFacts facts = fresh();
  facts.own_snapshot_found = true;
  facts.parent_is_current = false;
  EXPECT_EQ(decide_epoch(facts), Decision::applied);
}

TEST(DecideEpoch, FindsItsOwnCommitByItsKeyWhenTheSnapshotHasExpired) {
  LeadFacts facts = fresh();
  facts.remembered = Remembered::after;
  facts.parent_is_current = false;
  facts.history_intact = false;
  EXPECT_EQ(decide_epoch(facts), Decision::applied);
}

TEST(DecideEpoch, OwnCommitCountsEvenWhenANewerProcessHasTakenTheFence) {
  LeadFacts facts = fresh();
  facts.table_fence = 4;
  facts.own_snapshot_found = true;
  EXPECT_EQ(decide_epoch(facts), Decision::applied);
}

TEST(DecideEpoch, AHigherFenceStopsThisProcess) {
  LeadFacts facts = fresh();
  facts.table_fence = 4;
  facts.remembered = Remembered::foreign;
  EXPECT_EQ(decide_epoch(facts), Decision::fenced);
}

TEST(DecideEpoch, ProgressThatNobodyNewerMovedWasPutBack) {
  LeadFacts facts = fresh();
  facts.remembered = Remembered::foreign;
  EXPECT_EQ(decide_epoch(facts), Decision::history_changed);
  facts = fresh();
  facts.table_fence = 2;
  EXPECT_EQ(decide_epoch(facts), Decision::history_changed);
}

TEST(DecideEpoch, RebasesOverForeignCommitsAndHaltsOnARollback) {
  LeadFacts facts = fresh();
  facts.parent_is_current = false;
  EXPECT_EQ(decide_epoch(facts), Decision::rebase);
  facts.history_intact = false;
  EXPECT_EQ(decide_epoch(facts), Decision::history_changed);
}

TEST(DecideEpoch, HaltsOnAnotherTableWhateverElseHolds) {
  LeadFacts facts = fresh();
  facts.same_table = false;
  facts.own_snapshot_found = true;
  facts.remembered = Remembered::after;
  EXPECT_EQ(decide_epoch(facts), Decision::table_changed);
}

/// Over all combinations: what is applied is never tried again, and nothing is tried against a fence or foreign
/// progress.
TEST(DecideEpoch, NeverTriesAgainstAFenceOrTwice) {
  for (int bits = 0; bits < 32; ++bits) {
    for (const Remembered remembered : {Remembered::before, Remembered::after, Remembered::foreign}) {
      const LeadFacts facts{.same_table = (bits & 1) != 0,
                            .own_snapshot_found = (bits & 2) != 0,
                            .remembered = remembered,
                            .table_fence = (bits & 4) != 0 ? 4 : 3,
                            .own_fence = 3,
                            .parent_is_current = (bits & 8) != 0,
                            .history_intact = (bits & 16) != 0};
      const Decision decision = decide_epoch(facts);
      if (decision != Decision::commit && decision != Decision::rebase) continue;
      EXPECT_TRUE(facts.same_table);
      EXPECT_FALSE(facts.own_snapshot_found);
      EXPECT_EQ(facts.remembered, Remembered::before);
      EXPECT_EQ(facts.table_fence, facts.own_fence);
      EXPECT_TRUE(facts.parent_is_current || facts.history_intact);
    }
  }
}

TEST(DecideRollForward, EveryRowOfTheTable) {
  struct Row {
    FollowingFacts facts;
    Decision decision;
  };
  const Row table[] = {
      {{}, Decision::commit},
      {{.parent_is_current = false}, Decision::rebase},
      {{.parent_is_current = false, .history_intact = false}, Decision::history_changed},
      {{.same_table = false, .remembered = Remembered::after}, Decision::table_changed},
      {{.remembered = Remembered::after, .parent_is_current = false, .history_intact = false}, Decision::applied},
      {{.own_snapshot_found = true, .remembered = Remembered::foreign}, Decision::applied},
      {{.remembered = Remembered::foreign}, Decision::history_changed},
      {{.remembered = Remembered::foreign, .lead_is_ours = false}, Decision::fenced},
  };
  for (size_t i = 0; i < std::size(table); ++i)
    EXPECT_EQ(decide_roll_forward(table[i].facts), table[i].decision) << "row " << i;
}

}  // namespace
}  // namespace weir::lake

#include "lake/commit/table_history.h"

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

constexpr HistoryFacts kNothing;

TEST(JudgeHistory, TheFirstFactThatDecidesWins) {
  using Verdict = HistoryVerdict;
  struct Row {
    HistoryFacts facts;
    Verdict verdict;
    const char* why;
  };
  const Row table[] = {
      {{.has_newer_own = true, .is_in_chain = true}, Verdict::put_back, "the property is older than the table"},
      {{.is_in_chain = true}, Verdict::intact, "seen"},
      {{.log = LogWitness::kept, .has_older_visible = true}, Verdict::intact, "the log saw every step"},
      {{.log = LogWitness::left_behind, .has_live_entry = true}, Verdict::rolled_back, "the log saw it leave"},
      {{.has_older_visible = true, .has_live_entry = true}, Verdict::rolled_back, "older ones stand, ours does not"},
      {{.has_live_entry = true, .is_listed_unheld = true}, Verdict::intact, "its files are live"},
      {{.is_listed_unheld = true}, Verdict::rolled_back, "listed, and on no ref"},
      {kNothing, Verdict::unprovable, "nothing is left"},
  };
  for (const Row& row : table) EXPECT_EQ(judge_history(row.facts), row.verdict) << row.why;
}

/// A version whose snapshots are each the child of the one before, `cut` of the first one removed.
MainVersion version(std::optional<int64_t> main, std::vector<MainVersion::Link> snapshots) {
  return {.main = main, .snapshots = std::move(snapshots)};
}

const MainVersion kStart = version(2, {{1, {}}, {2, 1}});

LogWitness walk(std::vector<MainVersion> newer_first) {
  newer_first.push_back(kStart);
  return walk_log(newer_first, 2);
}

TEST(WalkLog, StepsThatKeepMainsPast) {
  EXPECT_EQ(walk({}), LogWitness::kept);
  EXPECT_EQ(walk({version(3, {{1, {}}, {2, 1}, {3, 2}})}), LogWitness::kept) << "append";
  EXPECT_EQ(walk({version(2, {{2, {}}})}), LogWitness::kept) << "expiry that empties the parent";
  EXPECT_EQ(walk({version(2, {{2, 1}})}), LogWitness::kept) << "expiry that keeps it";
  EXPECT_EQ(walk({version(3, {{3, 2}})}), LogWitness::kept) << "append and expiry in one";
  EXPECT_EQ(walk({version(3, {{3, {}}}), version(3, {{2, 1}, {3, 2}})}), LogWitness::kept)
      << "overwrite, then expiry of all but the newest, which empties its parent";
  EXPECT_EQ(walk({version(4, {{4, 3}}), version(3, {{3, {}}}), version(3, {{2, 1}, {3, 2}})}), LogWitness::kept);
  EXPECT_EQ(walk({version(3, {{2, 1}, {3, 2}, {4, 3}}), version(4, {{2, 1}, {3, 2}, {4, 3}})}), LogWitness::kept)
      << "a rollback that ends above ours";
}

TEST(WalkLog, StepsThatLeaveOursBehind) {
  EXPECT_EQ(walk({version(1, {{1, {}}, {2, 1}})}), LogWitness::left_behind) << "rollback";
  EXPECT_EQ(walk({version({}, {{1, {}}, {2, 1}})}), LogWitness::left_behind) << "main removed";
  EXPECT_EQ(walk({version(3, {{3, 1}}), version(3, {{1, {}}, {2, 1}, {3, 1}}), version(1, {{1, {}}, {2, 1}})}),
            LogWitness::left_behind)
      << "rollback, foreign append, expiry of all but the newest, which keeps its parent's id";
  EXPECT_EQ(walk({version(3, {{1, {}}, {2, 1}, {3, 1}})}), LogWitness::left_behind) << "over to a branch, in one step";
}

TEST(WalkLog, AStepThatCannotBeToldIsNoWitness) {
  EXPECT_EQ(walk({version(3, {{3, {}}})}), LogWitness::gone) << "a new snapshot without parent";
  EXPECT_EQ(walk({version(4, {{4, 3}})}), LogWitness::gone) << "its parent was never seen";
  const std::vector<MainVersion> without = {version(1, {{1, {}}})};
  EXPECT_EQ(walk_log(without, 2), LogWitness::gone) << "the walk must begin where ours is seen";
}

}  // namespace
}  // namespace weir::lake

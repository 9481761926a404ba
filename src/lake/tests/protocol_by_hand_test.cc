/// Decisions by hand over the habits of catalogs: made and recorded once, whatever becomes of the request.
#include "lake/tests/protocol_fixture.h"

namespace weir::lake {
namespace {

// Somebody else fenced after our override was made and its answer lost: the fence that we hold is our own.
TEST_F(ProtocolTest, AnOverrideThatIsFoundMadeDoesNotTakeAnothersFence) {
  use_catalog({});
  auto committer = *start();
  ASSERT_TRUE(epoch(*committer).ok());
  memory_->replies = {Reply::lost};
  std::vector<TargetTable> lead_last = targets();
  lead_last.front().is_lead = true;
  std::rotate(lead_last.begin(), lead_last.begin() + 1, lead_last.end());
  PipelineCommitter by_hand({.pipeline = "p", .targets = lead_last}, *memory_, *store_, clock_, random_);
  std::unique_ptr<PipelineCommitter> newer;
  const int commits = memory_->commits;
  std::function<void()> hook = [&] {
    if (memory_->commits == commits) return std::exchange(memory_->during_load_all, hook), void();
    newer = process();  // between another table and the lead
    ASSERT_TRUE(newer->open().ok());
  };
  memory_->during_load_all = hook;
  ASSERT_TRUE(by_hand.override_progress({.source = "s", .partitions = {"p/0"}, .next = 15, .reason = "gone"}).ok());
  ASSERT_NE(newer, nullptr);
  EXPECT_LT(by_hand.fence_epoch(), newer->fence_epoch());
}

/// Decides by hand in every catalog while the answer gets lost in every way.
class ByHandTest : public ProtocolTest {
 protected:
  using Decide = std::function<Result<std::vector<ProgressDecision>>(PipelineCommitter&)>;
  using Check = std::function<void(const LeadRecord& record)>;

  /// In each of them `prepare` makes the tables and returns what somebody decides; `check` looks at what the lead
  /// remembers of that, which is recorded once.
  void in_every_uncertainty(const std::function<Decide()>& prepare, const Check& check) {
    for (const CatalogHabits& habits : kAllHabits) {
      for (const Reply reply : kUncertain) {
        use_catalog(habits);
        const Decide decide = prepare();
        memory_->replies = {reply};
        const auto decided = decide(*process());
        ASSERT_TRUE(decided.ok()) << decided.error().to_string();
        memory_->deliver_late();
        const LeadRecord record = look_at_tables(*memory_, *store_, "p", targets())->record;
        EXPECT_EQ(record.decisions, *decided);
        ASSERT_NO_FATAL_FAILURE(check(record));
      }
    }
  }
};

// B3 of the review: recorded twice, or a wrong error, when the catalog's answer got lost.
TEST_F(ByHandTest, AManualOverrideIsMadeOnce) {
  in_every_uncertainty(
      [&]() -> Decide {
        auto committer = *start();
        EXPECT_TRUE(epoch(*committer).ok());
        return [](PipelineCommitter& by_hand) {
          return by_hand.override_progress(
              {.source = "s", .partitions = {"p/0"}, .next = 15, .reason = "they are gone"});
        };
      },
      [&](const LeadRecord& record) {
        EXPECT_EQ(record.decisions.front().before->next, 10);
        EXPECT_EQ(record.progress, progress(15));
      });
}

TEST_F(ByHandTest, AForgottenPartitionIsForgottenOnce) {
  std::unique_ptr<PipelineCommitter> older;
  in_every_uncertainty(
      [&]() -> Decide {
        older = *start();
        EXPECT_TRUE(epoch(*older).ok());
        return [](PipelineCommitter& by_hand) {
          return by_hand.override_progress({.source = "s", .partitions = {"p/0"}, .reason = "again"});
        };
      },
      [&](const LeadRecord& record) {
        EXPECT_EQ(record.decisions.front().next, std::nullopt);
        EXPECT_EQ(record.progress, Progress()) << "it was the only one";
        EXPECT_EQ(older->prepare({}, progress(20), {}).error().kind(), ErrorKind::fenced);
      });
}

TEST_F(ByHandTest, RejectsAreAcceptedOnceAndNothingElseChanges) {
  in_every_uncertainty(
      [&]() -> Decide {
        auto committer = *start();
        EXPECT_TRUE(epoch(*committer).ok());
        return [](PipelineCommitter& by_hand) { return by_hand.accept_rejects(7, "they are what they are"); };
      },
      [&](const LeadRecord& record) {
        EXPECT_EQ(record.decisions.front().rejects, 7);
        EXPECT_EQ(record.progress, progress(10));
      });
}

TEST_F(ByHandTest, ATableJoinsOnce) {
  for (const TargetTable& target : targets()) {
    in_every_uncertainty(
        [&]() -> Decide {
          auto committer = *start();
          EXPECT_TRUE(epoch(*committer).ok());
          EXPECT_TRUE(epoch(*committer).ok());
          hand_->roll_back(target.table);
          EXPECT_EQ(process()->open().error().kind(), ErrorKind::table_changed);
          return [&](PipelineCommitter& by_hand) { return by_hand.join({target.table}, "they mean it"); };
        },
        [&](const LeadRecord& record) {
          EXPECT_EQ(record.decisions.front().table, target.table.to_string());
          EXPECT_EQ(record.progress, progress(20));
          auto committer = *start();
          ASSERT_TRUE(epoch(*committer).ok());
          EXPECT_EQ(rows_in(target.table), 20) << "ten rows are gone, and the others are there once";
          EXPECT_EQ(process()->join({target.table}, "again").error().kind(), ErrorKind::invalid_argument);
        });
  }
}

TEST_F(ByHandTest, AStateThatIsForgottenIsForgottenOnceAndNothingElseChanges) {
  in_every_uncertainty(
      [&]() -> Decide {
        auto committer = *start();
        const StoredObject state{.uri = "file:///state", .size_bytes = 3, .hash = 4};
        EXPECT_TRUE(finish(*committer, *committer->prepare({}, progress(10), {}, {.state = state})).ok());
        return [](PipelineCommitter& by_hand) { return by_hand.forget_state("the file is lost"); };
      },
      [&](const LeadRecord& record) {
        EXPECT_EQ(record.decisions.front().state, kStateForgotten);
        EXPECT_EQ(record.state, std::nullopt);
        EXPECT_EQ(record.progress, progress(10));
        auto next = process();
        ASSERT_TRUE(next->open().ok());
        EXPECT_EQ(next->state(), std::nullopt);
        EXPECT_EQ(process()->forget_state("again").error().kind(), ErrorKind::invalid_argument);
      });
}

TEST_F(ByHandTest, ARunGoesOnOnceFromASavepointOfWhereTheTablesAre) {
  const StoredObject lost{.uri = "file:///lost", .size_bytes = 3, .hash = 4};
  const SavepointOverride wanted{.place = "file:///savepoint",
                                 .pipeline = "p",
                                 .progress = progress(10),
                                 .state = StoredObject{.uri = "file:///copy", .size_bytes = 5, .hash = 6},
                                 .reason = "told so"};
  in_every_uncertainty(
      [&]() -> Decide {
        auto committer = *start();
        EXPECT_TRUE(finish(*committer, *committer->prepare({}, progress(10), {}, {.state = lost})).ok());
        return [&](PipelineCommitter& by_hand) { return by_hand.restore(wanted); };
      },
      [&](const LeadRecord& record) {
        EXPECT_EQ(record.decisions.front().state, wanted.place);
        EXPECT_EQ(record.state, wanted.state);
        EXPECT_EQ(record.older_states, std::vector{lost});
        EXPECT_EQ(record.progress, progress(10));
        SavepointOverride older = wanted;
        older.progress = progress(5);
        EXPECT_EQ(process()->restore(older).error().kind(), ErrorKind::position_lost) << "the tables are further";
      });
}

TEST_F(ProtocolTest, TablesThatHoldNothingOfThePipelineBeginWhereTheSavepointWasTaken) {
  use_catalog({});
  const SavepointOverride wanted{.place = "file:///savepoint",
                                 .pipeline = "another",
                                 .progress = progress(10),
                                 .state = StoredObject{.uri = "file:///copy", .size_bytes = 5, .hash = 6},
                                 .reason = "told so"};
  ASSERT_TRUE(process()->restore(wanted).ok());
  auto committer = process();
  ASSERT_TRUE(committer->open().ok());
  EXPECT_EQ(committer->progress(), progress(10));
  EXPECT_EQ(committer->state(), wanted.state);
}

// Its progress is kept under its own name: the rows behind the savepoint would come again.
TEST_F(ProtocolTest, ASavepointUnderAnotherNameIsRefusedForTheTablesThatItCameFrom) {
  use_catalog({});
  ASSERT_TRUE(epoch(**start()).ok());
  PipelineCommitter renamed({.pipeline = "q", .targets = targets()}, *memory_, *store_, clock_, random_);
  const auto refused = renamed.restore(
      {.place = "file:///savepoint", .pipeline = "p", .progress = progress(5), .state = {}, .reason = "told so"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::table_changed);
  EXPECT_NE(refused.error().message().find("pipeline 'p'"), std::string::npos) << refused.error().message();
}

}  // namespace
}  // namespace weir::lake

/// Fences, zombies, lost and late requests, over the habits of catalogs.
#include "lake/tests/protocol_fixture.h"

namespace weir::lake {
namespace {

TEST_F(ProtocolTest, LandsEpochsInAllTables) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto committer = *start();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(epoch(*committer).ok());
    committer = *start();
    EXPECT_EQ(committer->progress(), progress(30));
    for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 30);
  }
}

// B2 of the review: two changes of properties alone both succeed there.
TEST_F(ProtocolTest, WhereOnlyRequirementsAreCheckedAFenceMovesMain) {
  use_catalog({.is_multi_table_atomic = false, .swaps_exact_base = false});
  auto older = *start();
  ASSERT_TRUE(epoch(*older).ok());
  const auto before = memory_->whole(targets()[0].table);
  auto newer = *start();
  const auto after = memory_->whole(targets()[0].table);
  ASSERT_NE(after.metadata->current_snapshot_id, before.metadata->current_snapshot_id);
  const iceberg::Snapshot& fence = *after.metadata->current_snapshot();
  EXPECT_EQ(fence.operation, "append");
  EXPECT_EQ(fence.parent_id, before.metadata->current_snapshot_id);
  EXPECT_NE(fence.manifest_list, before.metadata->current_snapshot()->manifest_list);
  EXPECT_EQ(fence.summary.at("total-records"), before.metadata->current_snapshot()->summary.at("total-records"));
  EXPECT_EQ(rows_in(targets()[0].table), 10);
  EXPECT_EQ(memory_->whole(targets()[1].table).metadata->snapshots.size(), 1U) << "the lead alone is fenced";
}

TEST_F(ProtocolTest, AnEpochWithoutRowsIsRefusedToAFencedProcessToo) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto older = *start();
    ASSERT_TRUE(epoch(*older).ok());
    const auto idle = older->prepare({}, progress(15), {});
    ASSERT_TRUE(idle.ok());
    auto newer = process();
    ASSERT_TRUE(newer->open().ok());
    EXPECT_EQ(older->commit(*idle, kPlace).error().kind(), ErrorKind::fenced);
    EXPECT_EQ(newer->progress(), progress(10));
  }
}

// exactly-once.md rule 3. Servers that check sequence numbers besides would hide it for a while: a rollback sets the
// main back and not the number.
TEST_F(ProtocolTest, EveryRequestNamesTheMainThatItWasMadeFor) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto committer = process();
    ASSERT_TRUE(committer->open().ok());
    const auto names_main = [&] {
      for (const TableChange& change : memory_->last_changes) {
        const bool is_named = std::any_of(change.requirements.begin(), change.requirements.end(), [&](const auto& one) {
          const auto* main = std::get_if<iceberg::AssertRefSnapshotId>(&one);
          return main != nullptr && main->ref == iceberg::kMainBranch &&
                 main->snapshot_id == change.base.metadata->current_snapshot_id;
        });
        if (!is_named) return false;
      }
      return !memory_->last_changes.empty();
    };
    EXPECT_TRUE(names_main()) << "the fence";
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(epoch(*committer).ok());
      EXPECT_TRUE(names_main());
    }
  }
}

// Somebody commits between the look and the request: the refusal says nothing but that it must be made anew.
TEST_F(ProtocolTest, ARefusalIsFollowedByAnotherLook) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto committer = *start();
    ASSERT_TRUE(epoch(*committer).ok());
    const auto prepared = prepare(*committer);
    memory_->during_load_all = [&] { hand_->append(targets()[0].table); };
    const auto outcome = committer->commit(*prepared, kPlace);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(*outcome, CommitOutcome::applied);
    EXPECT_EQ(rows_in(targets()[0].table), 23);
  }
}

TEST_F(ProtocolTest, ALateRequestOfAFencedProcessChangesNothing) {
  for (const CatalogHabits& habits : kAllHabits) {
    for (const bool has_rows : {true, false}) {
      use_catalog(habits);
      auto older = *start();
      ASSERT_TRUE(epoch(*older).ok());
      const auto late = has_rows ? prepare(*older) : older->prepare({}, progress(20), {});
      ASSERT_TRUE(late.ok());
      memory_->replies = {Reply::late};
      EXPECT_EQ(*older->commit(*late, kPlace), CommitOutcome::unknown);
      auto newer = process();
      const auto left = newer->open();
      ASSERT_TRUE(left.ok());
      EXPECT_EQ(memory_->deliver_late(), std::vector<CommitOutcome>{CommitOutcome::refused});
      EXPECT_EQ(newer->progress(), progress(10)) << "what the lead said at the fence is final";
      next_ = 10;
      ASSERT_TRUE(epoch(*newer).ok());
      for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 20);
    }
  }
}

TEST_F(ProtocolTest, ALateFenceDoesNotTakeThePipelineBack) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    memory_->replies = {Reply::late};
    auto first = process();
    ASSERT_TRUE(first->open().ok()) << "it asks again";
    auto newer = *start();
    EXPECT_EQ(memory_->deliver_late(), std::vector<CommitOutcome>{CommitOutcome::refused});
    EXPECT_TRUE(epoch(*newer).ok());
  }
}

TEST_F(ProtocolTest, LostDroppedAndRefusedRequestsLandEachRowOnce) {
  for (const CatalogHabits& habits : kAllHabits) {
    for (const Reply reply : {Reply::lost, Reply::dropped, Reply::late, Reply::again, Reply::error}) {
      for (size_t which = 0; which < 4; ++which) {
        use_catalog(habits);
        auto committer = *start();
        memory_->replies.assign(which, Reply::as_it_is);
        memory_->replies.push_back(reply);
        for (int i = 0; i < 3; ++i) {
          const auto landed = epoch(*committer);
          ASSERT_TRUE(landed.ok()) << landed.error().to_string();
        }
        memory_->replies.clear();
        memory_->deliver_late();
        committer = *start();
        ASSERT_TRUE(epoch(*committer).ok());
        for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 40);
      }
    }
  }
}

TEST_F(ProtocolTest, AnyRepliesAndLateRequestsInAnyOrderLandEachRowOnce) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto committer = *start();
    for (int i = 0; i < 60; ++i) {
      for (int calls = 0; calls < 4; ++calls) {
        constexpr Reply kAny[] = {Reply::as_it_is, Reply::lost,  Reply::dropped,
                                  Reply::late,     Reply::again, Reply::error};
        memory_->replies.push_back(kAny[random_.next_u64() % std::size(kAny)]);
      }
      const auto landed = epoch(*committer);
      ASSERT_TRUE(landed.ok()) << landed.error().to_string();
      if (random_.next_u64() % 4 == 0) memory_->deliver_late();
      if (random_.next_u64() % 8 != 0) continue;
      memory_->replies.clear();
      committer = *start();
    }
    memory_->deliver_late();
    memory_->replies.clear();
    committer = *start();
    EXPECT_EQ(committer->progress(), progress(600));
    for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 600);
  }
}

TEST_F(ProtocolTest, ACrashBetweenTheLeadAndTheOthersIsFinishedByTheNextProcess) {
  for (const bool swaps_exact_base : {true, false}) {
    for (size_t arrived = 1; arrived < 3; ++arrived) {
      use_catalog({.is_multi_table_atomic = false, .swaps_exact_base = swaps_exact_base});
      auto committer = *start();
      ASSERT_TRUE(epoch(*committer).ok());
      const auto prepared = prepare(*committer);
      memory_->replies.assign(arrived, Reply::as_it_is);
      memory_->replies.push_back(Reply::dropped);
      EXPECT_EQ(*committer->commit(*prepared, kPlace), CommitOutcome::unknown);
      auto next = process();
      const auto left = next->open();
      ASSERT_TRUE(left.ok()) << left.error().to_string();
      EXPECT_EQ(left->decided, kPlace);
      EXPECT_EQ(next->progress(), progress(20)) << "it is decided";
      ASSERT_EQ(*next->recover(*prepared, kPlace), CommitOutcome::applied);
      for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 20);
      EXPECT_EQ(*committer->commit(*prepared, kPlace), CommitOutcome::applied) << "the zombie finds it done";
      next_ = 20;
      ASSERT_TRUE(epoch(*next).ok());
      EXPECT_EQ(*committer->commit(*prepared, kPlace), CommitOutcome::applied) << "and below a later one too";
      EXPECT_EQ(committer->prepare({}, progress(30), {}).error().kind(), ErrorKind::fenced);
    }
  }
}

// A decided epoch whose description is lost: somebody decides that its rows stay out of the table.
TEST_F(ProtocolTest, ATableThatCannotFollowGoesOnByHand) {
  use_catalog({.is_multi_table_atomic = false});
  auto committer = *start();
  ASSERT_TRUE(epoch(*committer).ok());
  const auto prepared = prepare(*committer);
  memory_->replies = {Reply::as_it_is, Reply::dropped};
  EXPECT_EQ(*committer->commit(*prepared, kPlace), CommitOutcome::unknown);
  last_prepared_.reset();
  ASSERT_TRUE(process()->join({targets()[1].table, targets()[2].table}, "the store is lost").ok());
  auto next = *start();
  ASSERT_TRUE(epoch(*next).ok());
  EXPECT_EQ(rows_in(targets()[0].table), 30);
  EXPECT_EQ(rows_in(targets()[1].table), 20);
}

// B1 of the review: the tables are read one by one, and in between another process commits.
TEST_F(ProtocolTest, ADisagreementSeenByReadingOneByOneIsNone) {
  use_catalog({.is_multi_table_atomic = false});
  auto older = *start();
  ASSERT_TRUE(epoch(*older).ok());
  memory_->during_load_all = [&] {
    ASSERT_TRUE(epoch(*older).ok());
    ASSERT_TRUE(epoch(*older).ok());
  };
  const auto newer = start();
  ASSERT_TRUE(newer.ok()) << newer.error().to_string();
  EXPECT_EQ((*newer)->progress(), progress(30));
}

// A process that was fenced reads the tables one by one while the newer one commits: it is fenced, nothing was put
// back.
TEST_F(ProtocolTest, AProcessThatIsFencedBetweenTwoReadsIsToldSo) {
  for (const bool swaps_exact_base : {true, false}) {
    use_catalog({.is_multi_table_atomic = false, .swaps_exact_base = swaps_exact_base});
    auto older = *start();
    ASSERT_TRUE(epoch(*older).ok());
    memory_->during_load_all = [&] {
      auto newer = *start();
      ASSERT_TRUE(epoch(*newer).ok());
    };
    std::vector<EpochFiles> files;
    for (const TargetTable& target : targets())
      files.push_back({.sink = target.sink, .parts = {write_file(memory_->whole(target.table), 10, 10)}});
    const auto late = older->prepare(files, progress(20), {});
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().kind(), ErrorKind::fenced) << late.error().to_string();
  }
}

TEST_F(ProtocolTest, AProcessThatIsFencedWhileTablesFollowIsToldSo) {
  use_catalog({.is_multi_table_atomic = false});
  auto older = *start();
  ASSERT_TRUE(epoch(*older).ok());
  const auto prepared = prepare(*older);
  memory_->replies = {Reply::as_it_is, Reply::dropped};
  EXPECT_EQ(*older->commit(*prepared, kPlace), CommitOutcome::unknown) << "the lead has it, the others do not";
  int reads = 0;
  std::function<void()> hook = [&] {
    if (++reads <= 3) return std::exchange(memory_->during_load_all, hook), void();
    auto newer = *start();  // between the lead and the first table that is to follow it
    ASSERT_TRUE(epoch(*newer).ok());
  };
  memory_->during_load_all = hook;
  const auto late = older->commit(*prepared, kPlace);
  EXPECT_TRUE(late.ok() ? *late == CommitOutcome::applied : late.error().kind() == ErrorKind::fenced)
      << late.error().to_string();
  for (const TargetTable& target : targets()) EXPECT_EQ(rows_in(target.table), 30);
}

TEST_F(ProtocolTest, WhatFollowersWaitForStaysNamedOverStartsAndDecisionsByHand) {
  const OutboxPart part{.follower = "database", .object = {.uri = "file:///rows", .size_bytes = 3, .hash = 4}};
  const FollowerRecords followers = {{"database", {.since = 0, .applied = 0}}};
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    auto committer = *start();
    last_prepared_ =
        *committer->prepare({}, progress(10), {}, {.outbox = {.parts = {part}, .followers = followers, .followed = 0}});
    EXPECT_EQ(last_prepared_->number, 1);
    memory_->replies = {Reply::lost};
    (void)committer->commit(*last_prepared_, kPlace);
    ASSERT_TRUE(process()->override_progress({.source = "s", .partitions = {"p/0"}, .next = 15, .reason = "bad"}).ok());
    auto next = *start();
    const std::vector<UnfollowedEpoch> waiting = {{.number = 1, .prepared = kPlace, .followers = {"database"}}};
    EXPECT_EQ(next->unfollowed(), waiting);
    EXPECT_EQ(next->followers(), followers);
    EXPECT_EQ(next->epochs(), 1);
    ASSERT_TRUE(
        finish(*next, *next->prepare({}, progress(20), {}, {.outbox = {.parts = {}, .followers = followers}})).ok());
    EXPECT_EQ(next->unfollowed(), waiting);
    const PreparedCommit last =
        *next->prepare({}, progress(30), {}, {.outbox = {.parts = {}, .followers = followers, .followed = 1}});
    ASSERT_TRUE(finish(*next, last).ok());
    EXPECT_TRUE(next->unfollowed().empty());
    EXPECT_TRUE((*start())->unfollowed().empty());
    EXPECT_EQ((*start())->epochs(), 3);
  }
}

TEST_F(ProtocolTest, NoMoreEpochsThanTheRecordBearsWaitForFollowers) {
  use_catalog({});
  auto committer = *start();
  const OutboxPart part{.follower = "database", .object = {.uri = "file:///rows", .size_bytes = 3, .hash = 4}};
  const EpochCompanions companions{.outbox = {.parts = {part}, .followers = {}, .followed = 0}};
  for (size_t number = 1; number <= kUnfollowedMax; ++number) {
    const auto prepared = committer->prepare({}, progress(static_cast<int64_t>(number)), {}, companions);
    ASSERT_TRUE(prepared.ok() && finish(*committer, *prepared).ok()) << number;
  }
  EXPECT_EQ(committer->prepare({}, progress(1000), {}, companions).error().kind(), ErrorKind::limit_exceeded);
}

TEST_F(ProtocolTest, TheNewestStatesStayNamedOverStartsLostRepliesAndRecovery) {
  for (const CatalogHabits& habits : kAllHabits) {
    use_catalog(habits);
    std::vector<StoredObject> newest_first;
    for (int64_t number = 1; number <= 6; ++number) {
      auto committer = *start();
      const StoredObject state{.uri = "file:///state/" + std::to_string(number), .size_bytes = number, .hash = 4};
      last_prepared_ = *committer->prepare({}, progress(number), {}, {.state = state});
      memory_->replies = {number % 2 == 0 ? Reply::lost : Reply::dropped};
      (void)committer->commit(*last_prepared_, kPlace);  // the process is gone, and does not know what became of it
      newest_first.insert(newest_first.begin(), state);
    }
    const auto last = *start();
    newest_first.resize(4);
    EXPECT_EQ(last->state(), newest_first.front());
    newest_first.erase(newest_first.begin());
    EXPECT_EQ(last->older_states(), newest_first);
    EXPECT_EQ(look_at_tables(*memory_, *store_, "p", targets())->record.older_states, newest_first);
  }
}

// B7 of the review: it stopped every start.
TEST_F(ProtocolTest, WhatWasPreparedForADroppedTableThatIsNoSinkAnyMoreIsVoid) {
  use_catalog({});
  auto committer = *start();
  ASSERT_TRUE(epoch(*committer).ok());
  const auto prepared = prepare(*committer);
  memory_->drop(targets()[1].table);
  std::vector<TargetTable> fewer = {targets()[0], targets()[2]};
  PipelineCommitter next({.pipeline = "p", .targets = fewer}, *memory_, *store_, clock_, random_);
  ASSERT_TRUE(next.open().ok());
  EXPECT_EQ(*next.recover(*prepared, kPlace), CommitOutcome::refused);
  EXPECT_EQ(next.progress(), progress(10));
}

TEST_F(ProtocolTest, AnotherPipelinesPreparedEpochIsNotTouched) {
  use_catalog({});
  auto committer = *start();
  auto prepared = prepare(*committer);
  prepared->pipeline = "q";
  EXPECT_EQ(committer->recover(*prepared, kPlace).error().kind(), ErrorKind::invalid_argument);
}

TEST_F(ProtocolTest, ProgressTooLargeForAPropertyLiesInAnObjectOfItsOwn) {
  use_catalog({.property_bytes_max = 2'000});
  auto committer = *start();
  Progress all;
  const auto move = [&](int partition, int64_t next) {
    all.sources["s"].partitions["q/" + std::to_string(partition)] = {.next = next};
    const auto prepared = committer->prepare({}, all, {});
    ASSERT_TRUE(prepared.ok());
    ASSERT_EQ(*committer->commit(*PreparedCommit::from_bytes(prepared->to_bytes()), kPlace), CommitOutcome::applied);
  };
  for (int i = 0; i < 300; ++i) all.sources["s"].partitions["q/" + std::to_string(i)] = {.next = i};
  move(0, 1);
  const std::string folder = directory_ + "/state/progress";
  EXPECT_EQ(posix_file_env().list(folder)->size(), 1U);
  for (int i = 0; i < 20; ++i) move(i, 1'000 + i);
  EXPECT_EQ(posix_file_env().list(folder)->size(), 1U) << "what moved stands in the property";
  EXPECT_LT(memory_->whole(targets()[0].table).metadata->property("weir.pipeline.p").size(), 2'000U);
  auto next = process();
  ASSERT_TRUE(next->open().ok());
  EXPECT_EQ(next->progress(), all);
  committer = std::move(next);
  for (int i = 0; i < 300; ++i) move(i, 2'000 + i);
  EXPECT_LE(posix_file_env().list(folder)->size(), 12U);

  ASSERT_TRUE(process()->override_progress({.source = "s", .partitions = {"q/7"}, .reason = "again"}).ok());
  const auto tables = look_at_tables(*memory_, *store_, "p", targets());
  EXPECT_FALSE(tables->record.progress.sources.at("s").partitions.contains("q/7"));
  EXPECT_EQ(tables->record.progress.sources.at("s").partitions.at("q/8").next, 2'008);
  ASSERT_TRUE(std::filesystem::remove(*file_path(tables->record.progress_at->uri)));
  EXPECT_EQ(process()->open().error().kind(), ErrorKind::not_found);
}

// A repeated `unavailable` may leave no file for each attempt.
TEST_F(ProtocolTest, TheSameRequestIsSentAgainWithoutNewFiles) {
  use_catalog({});
  auto committer = *start();
  const auto prepared = prepare(*committer);
  const std::string folder = *file_path(memory_->whole(targets()[0].table).metadata->location) + "/metadata";
  memory_->replies = {Reply::error};
  EXPECT_FALSE(committer->commit(*prepared, kPlace).ok());
  const size_t files = posix_file_env().list(folder)->size();
  memory_->replies = {Reply::error, Reply::dropped};
  EXPECT_FALSE(committer->commit(*prepared, kPlace).ok());
  EXPECT_EQ(*committer->commit(*prepared, kPlace), CommitOutcome::unknown);
  EXPECT_EQ(posix_file_env().list(folder)->size(), files);
}

TEST_F(ProtocolTest, TheLeadIsTheOneThatTheFileNamesAndStaysWhereTheRecordIs) {
  use_catalog({});
  std::vector<TargetTable> second_leads = targets();
  second_leads[1].is_lead = true;
  PipelineCommitter first({.pipeline = "p", .targets = second_leads}, *memory_, *store_, clock_, random_);
  ASSERT_TRUE(first.open().ok());
  EXPECT_EQ(look_at_tables(*memory_, *store_, "p", targets())->lead, 1U);
  std::vector<TargetTable> other_order = {targets()[2], targets()[1], targets()[0]};
  PipelineCommitter next({.pipeline = "p", .targets = other_order}, *memory_, *store_, clock_, random_);
  ASSERT_TRUE(next.open().ok());
  EXPECT_EQ(look_at_tables(*memory_, *store_, "p", targets())->lead, 1U);
}

TEST_F(ProtocolTest, ALeadWhoseSinkWasTakenOutHandsOver) {
  use_catalog({});
  auto older = *start();
  ASSERT_TRUE(epoch(*older).ok());
  ASSERT_TRUE(epoch(*older).ok());
  const std::vector<TargetTable> fewer = {targets()[1], targets()[2]};
  PipelineCommitter next({.pipeline = "p", .targets = fewer}, *memory_, *store_, clock_, random_);
  const auto opened = next.open();
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  EXPECT_EQ(next.progress(), progress(20));
  EXPECT_EQ(older->prepare({}, progress(30), {}).error().kind(), ErrorKind::fenced);
  const auto prepared = next.prepare(
      {{.sink = "more", .parts = {write_file(memory_->whole(targets()[1].table), 20, 10)}}}, progress(30), {});
  ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
  ASSERT_EQ(*next.commit(*prepared, kPlace), CommitOutcome::applied);
  EXPECT_EQ(rows_in(targets()[1].table), 30);
  // The sink comes back: it lacks an epoch.
  const auto back = process()->open();
  ASSERT_FALSE(back.ok());
  EXPECT_NE(back.error().message().find("'ops.lead' lacks what"), std::string::npos) << back.error().message();
  ASSERT_TRUE(process()->join({targets()[0].table}, "from now on").ok());
  last_prepared_.reset();
  auto joined = *start();
  ASSERT_TRUE(epoch(*joined).ok());
  EXPECT_EQ(rows_in(targets()[0].table), 30);
}

// Each of the two would ask for the other: first the epoch, then the decision.
TEST_F(ProtocolTest, ATableThatWasChangedKeepsNoOtherFromADecidedEpoch) {
  use_catalog({.is_multi_table_atomic = false});
  auto committer = *start();
  ASSERT_TRUE(epoch(*committer).ok());
  const PreparedCommit prepared = *prepare(*committer);
  memory_->replies = {Reply::as_it_is, Reply::dropped};
  ASSERT_EQ(*committer->commit(prepared, kPlace), CommitOutcome::unknown);
  hand_->roll_back(targets()[1].table);
  const auto rolled_forward = committer->commit(prepared, kPlace);
  ASSERT_FALSE(rolled_forward.ok());
  EXPECT_EQ(rolled_forward.error().kind(), ErrorKind::table_changed);
  EXPECT_EQ(rows_in(targets()[2].table), 20) << "the one behind it has them";
  const auto joined = process()->join({targets()[1].table}, "they are not needed");
  ASSERT_TRUE(joined.ok()) << joined.error().to_string();
  last_prepared_.reset();
  ASSERT_TRUE(epoch(**start()).ok());
  EXPECT_EQ(rows_in(targets()[0].table), 30);
  EXPECT_EQ(rows_in(targets()[1].table), 10);
  EXPECT_EQ(rows_in(targets()[2].table), 30);
}

// It would remove what the epoch names: the newer process has decided it.
TEST_F(ProtocolTest, AFencedProcessIsNotToldThatAnEpochIsVoid) {
  use_catalog({});
  auto dead = *start();
  ASSERT_TRUE(epoch(*dead).ok());
  const PreparedCommit prepared = *prepare(*dead);
  last_prepared_.reset();
  auto older = process();
  ASSERT_TRUE(older->open().ok());
  auto newer = process();
  ASSERT_TRUE(newer->open().ok());
  ASSERT_EQ(*newer->recover(prepared, kPlace), CommitOutcome::applied);
  ASSERT_TRUE(epoch(*newer).ok());
  const auto outcome = older->recover(prepared, kPlace);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::fenced);
}

}  // namespace
}  // namespace weir::lake

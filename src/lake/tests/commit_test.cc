#include "lake/commit.h"

#include "lake/manifest_merge.h"
#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

/// What a catalog does to one call of commit().
enum class Fault { none, lose_reply, drop_request, unknown_and_applied };

/// A catalog whose replies can be lost.
class FaultyCatalog final : public Catalog {
 public:
  explicit FaultyCatalog(Catalog& inner) : inner_(inner) {}
  Result<LoadedTable> load(const TableIdentifier& table) override { return inner_.load(table); }
  Result<LoadedTable> create(const TableDefinition& definition) override { return inner_.create(definition); }
  Result<CommitOutcome> commit(std::span<const TableChange> changes) override {
    ++calls;
    switch (std::exchange(next, Fault::none)) {
      case Fault::none: return inner_.commit(changes);
      case Fault::lose_reply: {
        (void)inner_.commit(changes);
        return Error(ErrorKind::unavailable, "reply lost");
      }
      case Fault::unknown_and_applied: {
        (void)inner_.commit(changes);
        return CommitOutcome::unknown;
      }
      case Fault::drop_request: return CommitOutcome::unknown;
    }
    return CommitOutcome::unknown;
  }
  bool is_multi_table_atomic() const override { return inner_.is_multi_table_atomic(); }
  Result<std::vector<TableIdentifier>> list() override { return inner_.list(); }

  Fault next = Fault::none;
  int calls = 0;

 private:
  Catalog& inner_;
};

class CommitTest : public LakeTest {
 protected:
  CommitTest() {
    for (const TargetTable& target : targets()) {
      EXPECT_TRUE(catalog_->create(definition(target.table.to_string())).ok());
    }
  }

  static std::vector<TargetTable> targets() {
    return {{.sink = "table", .table = *TableIdentifier::parse("ops.rows")},
            {.sink = "dead_letter", .table = *TableIdentifier::parse("ops.rejects"), .is_dead_letter = true}};
  }

  std::unique_ptr<PipelineCommitter> committer(Catalog& catalog) {
    return std::make_unique<PipelineCommitter>("p", targets(), catalog, *store_, clock_, random_);
  }

  PreparedCommit prepare(PipelineCommitter& committer, int64_t from, int64_t to) {
    auto loaded = catalog_->load(*TableIdentifier::parse("ops.rows"));
    std::vector<EpochFiles> files = {{.sink = "table", .files = write_file(*loaded, from, to - from)}};
    auto prepared = committer.prepare(files, progress(to), {});
    EXPECT_TRUE(prepared.ok()) << prepared.error().to_string();
    // As a crash would have it: only the stored bytes live on.
    return *PreparedCommit::from_bytes(prepared->to_bytes());
  }

  static void expect_applied(const Result<CommitOutcome>& outcome) {
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(*outcome, CommitOutcome::applied);
  }
};

TEST_F(CommitTest, LandsRowsAndProgressTogether) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
  EXPECT_EQ(*first->committed_progress(), progress(10));
}

TEST_F(CommitTest, ATableWithoutRowsGetsProgressAndNoSnapshot) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  const auto rejects = catalog_->load(*TableIdentifier::parse("ops.rejects"));
  EXPECT_TRUE(rejects->metadata->snapshots.empty());
  EXPECT_EQ(pipeline_state_of(*rejects->metadata, "p")->progress, progress(10));
}

TEST_F(CommitTest, ALostReplyDoesNotAddTheFilesTwice) {
  FaultyCatalog faulty(*catalog_);
  auto first = committer(faulty);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  faulty.next = Fault::lose_reply;
  EXPECT_FALSE(first->resolve(prepared).ok());
  expect_applied(first->resolve(prepared));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
}

TEST_F(CommitTest, AnUnknownOutcomeIsTriedAgainWithTheSameRequest) {
  FaultyCatalog faulty(*catalog_);
  auto first = committer(faulty);
  ASSERT_TRUE(first->take_fence().ok());
  for (const Fault fault : {Fault::drop_request, Fault::unknown_and_applied}) {
    const int64_t from = fault == Fault::drop_request ? 0 : 10;
    const PreparedCommit prepared = prepare(*first, from, from + 10);
    faulty.next = fault;
    EXPECT_EQ(*first->resolve(prepared), CommitOutcome::unknown);
    expect_applied(first->resolve(prepared));
  }
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 20);
}

TEST_F(CommitTest, TheNextProcessFinishesWhatACrashLeft) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  auto second = committer(*catalog_);
  ASSERT_TRUE(second->take_fence().ok());
  expect_applied(second->resolve(prepared));
  expect_applied(second->resolve(prepared));  // recovery that crashed before it forgot the intent
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
  EXPECT_EQ(*second->committed_progress(), progress(10));
}

TEST_F(CommitTest, AnOperatorsWordFencesVoidsAndIsRemembered) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  const PreparedCommit left_behind = prepare(*first, 10, 20);
  const ProgressOverride wanted{.source = "s", .partitions = {"p/0"}, .next = 30, .reason = "records are gone"};
  const auto decisions = committer(*catalog_)->override_progress(wanted);
  ASSERT_TRUE(decisions.ok()) << decisions.error().to_string();
  EXPECT_EQ(first->resolve(left_behind).error().kind(), ErrorKind::fenced);

  auto second = committer(*catalog_);
  ASSERT_TRUE(second->take_fence().ok());
  EXPECT_EQ(*second->resolve(left_behind), CommitOutcome::refused);
  EXPECT_EQ(*second->committed_progress(), progress(30));
  expect_applied(second->resolve(prepare(*second, 30, 35)));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 15);
  for (const TargetTable& target : targets()) {
    const auto state = pipeline_state_of(*catalog_->load(target.table)->metadata, "p");
    EXPECT_EQ(state->decisions, *decisions) << target.sink;
  }
}

TEST_F(CommitTest, CountsOfAnEpochWithoutRowsGoIntoTheNextSnapshot) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const auto commit = [&](std::vector<EpochFiles> files, int64_t to, const Counts& counts) {
    const auto prepared = first->prepare(files, progress(to), counts);
    ASSERT_TRUE(prepared.ok());
    expect_applied(first->resolve(*PreparedCommit::from_bytes(prepared->to_bytes())));
  };
  const TableIdentifier rows = *TableIdentifier::parse("ops.rows");
  commit({}, 5, {{"rule.a.broken", 2}, {"rows.dropped", 5}});
  commit({}, 8, {{"rule.a.broken", 3}});
  EXPECT_EQ(pipeline_state_of(*catalog_->load(rows)->metadata, "p")->counts,
            (Counts{{"rule.a.broken", 5}, {"rows.dropped", 5}}));
  commit({{.sink = "table", .files = write_file(*catalog_->load(rows), 0, 1)}}, 9, {{"rule.a.broken", 1}});
  const auto loaded = catalog_->load(rows);
  const auto& summary = loaded->metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("weir.rule.a.broken"), "6");
  EXPECT_EQ(summary.at("weir.rows.dropped"), "5");
  EXPECT_TRUE(pipeline_state_of(*loaded->metadata, "p")->counts.empty());
}

TEST_F(CommitTest, OldSnapshotsLeaveTheHistoryAndNoRowGoesWithThem) {
  const auto keeping = [&](int64_t keep) {
    return std::make_unique<PipelineCommitter>("p", targets(), *catalog_, *store_, clock_, random_, keep);
  };
  const TableIdentifier rows = *TableIdentifier::parse("ops.rows");
  const auto count = [&] { return catalog_->load(rows)->metadata->snapshots.size(); };
  for (int64_t run = 0; run < 4; ++run) {  // each takes over from the one before, whose intent it finishes
    auto one = keeping(3);
    ASSERT_TRUE(one->take_fence().ok());
    for (int64_t i = run * 50; i < run * 50 + 40; i += 10) expect_applied(one->resolve(prepare(*one, i, i + 10)));
    const PreparedCommit left = prepare(*one, run * 50 + 40, run * 50 + 50);
    auto next = keeping(3);
    ASSERT_TRUE(next->take_fence().ok());
    expect_applied(next->resolve(left));
    EXPECT_EQ(count(), 3U);
    EXPECT_EQ(*next->committed_progress(), progress((run + 1) * 50));
  }
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 200);
  auto all = keeping(0);
  ASSERT_TRUE(all->take_fence().ok());
  for (int64_t i = 200; i < 240; i += 10) expect_applied(all->resolve(prepare(*all, i, i + 10)));
  EXPECT_EQ(count(), 7U);
}

TEST_F(CommitTest, ARollbackIsNoticedInAShortHistoryToo) {
  auto first = std::make_unique<PipelineCommitter>("p", targets(), *catalog_, *store_, clock_, random_, 3);
  ASSERT_TRUE(first->take_fence().ok());
  for (int64_t i = 0; i < 60; i += 10) expect_applied(first->resolve(prepare(*first, i, i + 10)));
  const auto now = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const int64_t before = *now.metadata->current_snapshot()->parent_id;
  const TableChange rollback{
      .base = now, .requirements = {}, .updates = {iceberg::ref_to(*now.metadata, iceberg::kMainBranch, before)}};
  ASSERT_EQ(*catalog_->commit({&rollback, 1}), CommitOutcome::applied);
  EXPECT_EQ(committer(*catalog_)->take_fence().error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, TheOlderOfTwoProcessesIsFenced) {
  auto old = committer(*catalog_);
  ASSERT_TRUE(old->take_fence().ok());
  const PreparedCommit prepared = prepare(*old, 0, 10);
  auto young = committer(*catalog_);
  ASSERT_TRUE(young->take_fence().ok());
  const auto outcome = old->resolve(prepared);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::fenced);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 0);
}

TEST_F(CommitTest, AnIntentThatWasOvertakenIsVoid) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit left_behind = prepare(*first, 0, 10);
  // Another process, which does not know the intent, reads and commits the same positions.
  auto second = committer(*catalog_);
  ASSERT_TRUE(second->take_fence().ok());
  expect_applied(second->resolve(prepare(*second, 0, 10)));
  auto third = committer(*catalog_);
  ASSERT_TRUE(third->take_fence().ok());
  const auto outcome = third->resolve(left_behind);
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  EXPECT_EQ(*outcome, CommitOutcome::refused);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
}

TEST_F(CommitTest, RebasesOverAForeignCommitAndKeepsIt) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  // Another pipeline appends to the same table in between.
  PipelineCommitter other("q", {targets().front()}, *catalog_, *store_, clock_, random_);
  ASSERT_TRUE(other.take_fence().ok());
  expect_applied(other.resolve(prepare(other, 100, 105)));
  expect_applied(first->resolve(prepared));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 15);
  const auto loaded = catalog_->load(*TableIdentifier::parse("ops.rows"));
  EXPECT_EQ(pipeline_state_of(*loaded->metadata, "p")->progress, progress(10));
  EXPECT_EQ(pipeline_state_of(*loaded->metadata, "q")->progress, progress(105));
}

TEST_F(CommitTest, HaltsWhenTheTableWasRolledBackBehindItsProgress) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  const int64_t old_head = *catalog_->load(*TableIdentifier::parse("ops.rows"))->metadata->current_snapshot_id;
  expect_applied(first->resolve(prepare(*first, 10, 20)));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const TableChange rollback{.base = loaded,
                             .requirements = {},
                             .updates = {iceberg::ref_to(*loaded.metadata, iceberg::kMainBranch, old_head)}};
  ASSERT_EQ(*catalog_->commit({&rollback, 1}), CommitOutcome::applied);

  const auto next = first->prepare({}, progress(30), {});
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().kind(), ErrorKind::table_changed);
  auto second = committer(*catalog_);
  const auto fence = second->take_fence();
  ASSERT_FALSE(fence.ok());
  EXPECT_EQ(fence.error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, ManifestsStayFewOverManyCommits) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  constexpr int64_t kCommits = 150;
  for (int64_t i = 0; i < kCommits; ++i) expect_applied(first->resolve(prepare(*first, i, i + 1)));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const auto manifests = scan_manifests(loaded, std::nullopt, *store_);
  ASSERT_TRUE(manifests.ok());
  EXPECT_LE(manifests->size(), 2 * kMergeWidth);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), kCommits);
  EXPECT_EQ(loaded.metadata->snapshots.size(), static_cast<size_t>(kCommits));
}

TEST_F(CommitTest, AnOlderSnapshotStillReadsAfterItsManifestsWereMerged) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  for (int64_t i = 0; i < 40; ++i) expect_applied(first->resolve(prepare(*first, i, i + 1)));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const auto& old = loaded.metadata->snapshots[10]->snapshot;
  const auto files = scan_files(loaded, old.id, *store_);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 11U);
}

TEST_F(CommitTest, PreparedCommitsSurviveTheirBytes) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  EXPECT_EQ(PreparedCommit::from_bytes(prepared.to_bytes())->to_bytes(), prepared.to_bytes());
  std::string damaged = prepared.to_bytes();
  damaged.resize(damaged.size() / 2);
  EXPECT_EQ(PreparedCommit::from_bytes(damaged).error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::lake

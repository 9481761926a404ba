#include "lake/commit.h"

#include <sqlite3.h>

#include "base/tests/sync_tracking_env.h"
#include "lake/manifest_merge.h"
#include "lake/manifest_store_internal.h"
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
  bool is_multi_table_atomic() const override { return is_atomic; }
  Result<std::vector<TableIdentifier>> list() override { return inner_.list(); }

  Fault next = Fault::none;
  bool is_atomic = true;
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

  /// Puts a table back to an older metadata file, as somebody with the catalog in hand would.
  void restore(const LoadedTable& old) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((directory_ + "/catalog.db").c_str(), &database), SQLITE_OK);
    const std::string sql = "UPDATE iceberg_tables SET metadata_location = '" + old.metadata_location +
                            "' WHERE table_name = '" + old.table.name + "'";
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
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

TEST_F(CommitTest, NothingThatACommitNamesCanBeLostToAPowerFailure) {
  SyncTrackingEnv files(posix_file_env());
  store_ = make_local_store(files);
  catalog_ = open();
  TableDefinition days = definition("ops.days");
  days.spec.fields.push_back(
      {.source_id = 1, .field_id = 1000, .name = "part", .transform = *iceberg::Transform::parse("truncate[10]")});
  const LoadedTable table = *catalog_->create(days);
  PipelineCommitter first("q", {{.sink = "table", .table = table.table}}, *catalog_, *store_, clock_, random_);
  ASSERT_TRUE(first.take_fence().ok());
  const auto prepared = first.prepare({{.sink = "table", .files = write_file(table, 0, 30)}}, progress(30), {});
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ(files.unsynced, std::set<std::string>()) << "data files and manifests, before the intent is stored";
  expect_applied(first.resolve(*prepared));
  EXPECT_EQ(files.unsynced, std::set<std::string>());
}

TEST_F(CommitTest, SeveralTablesNeedACatalogThatChangesThemTogether) {
  FaultyCatalog torn(*catalog_);
  torn.is_atomic = false;
  EXPECT_EQ(committer(torn)->take_fence().error().kind(), ErrorKind::unsupported);
  EXPECT_EQ(torn.calls, 0);
  PipelineCommitter one("q", {targets()[0]}, torn, *store_, clock_, random_);
  EXPECT_TRUE(one.take_fence().ok()) << "one table is changed at once anyway";
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

/// Of "ops.rows", "ops.rejects" and "ops.more".
std::vector<TargetTable> with_more(std::vector<TargetTable> targets) {
  targets.push_back({.sink = "more", .table = *TableIdentifier::parse("ops.more")});
  return targets;
}

TEST_F(CommitTest, ATableThatIsNewInThePipelineHaltsItUntilSomebodyDecides) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  const std::vector<TargetTable> targets_now = with_more(targets());
  const auto missing = check_tables(*catalog_, "p", targets_now);
  ASSERT_FALSE(missing.ok()) << "before it is made";
  EXPECT_EQ(missing.error().kind(), ErrorKind::table_changed);
  ASSERT_TRUE(catalog_->create(definition("ops.more")).ok());

  PipelineCommitter second("p", targets_now, *catalog_, *store_, clock_, random_);
  const auto fenced = second.take_fence();
  ASSERT_FALSE(fenced.ok());
  EXPECT_NE(fenced.error().message().find("'ops.more' lacks what"), std::string::npos) << fenced.error().message();
  EXPECT_NE(fenced.error().message().find("source 's': p/0 from 0 to 10"), std::string::npos);
  expect_applied(first->resolve(prepare(*first, 10, 20)));  // the process that runs was not fenced

  const TableIdentifier more = targets_now.back().table;
  ASSERT_TRUE(check_tables(*catalog_, "p", targets_now, {&more, 1}).ok());
  const auto joined = second.join({more}, "from now on");
  ASSERT_TRUE(joined.ok()) << joined.error().to_string();
  EXPECT_EQ(joined->front().table, "ops.more");
  EXPECT_TRUE(check_tables(*catalog_, "p", targets_now).ok());
  PipelineCommitter third("p", targets_now, *catalog_, *store_, clock_, random_);
  ASSERT_TRUE(third.take_fence().ok());
  EXPECT_EQ(*third.committed_progress(), progress(20));
  EXPECT_EQ(pipeline_state_of(*catalog_->load(more)->metadata, "p")->decisions, *joined);
  EXPECT_EQ(third.join({more}, "again").error().kind(), ErrorKind::invalid_argument);
}

TEST_F(CommitTest, AnOldIntentWhoseFilesAreGoneIsVoid) {
  for (const bool manifest_is_gone : {false, true}) {
    auto first = committer(*catalog_);
    ASSERT_TRUE(first->take_fence().ok());
    const PreparedCommit left_behind = prepare(*first, 0, 10);
    const iceberg::ManifestFile manifest = left_behind.tables.front().manifests.front();
    const auto files = load_manifest(*store_, manifest);
    const std::string gone = manifest_is_gone ? manifest.path : files->front().file.path;
    std::filesystem::remove(*file_path(gone));
    auto second = committer(*catalog_);
    ASSERT_TRUE(second->take_fence().ok());
    const auto outcome = second->resolve(left_behind);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(*outcome, CommitOutcome::refused) << gone;
    EXPECT_EQ(*second->committed_progress(), Progress());
  }
}

TEST_F(CommitTest, ASchemaThatSomebodyChangedWhileWeRanIsNoticed) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  const PreparedCommit on_its_way = prepare(*first, 0, 10);
  const auto change = [&](std::vector<Field> fields) {
    const LoadedTable table = *catalog_->load(*TableIdentifier::parse("ops.rows"));
    const TableChange changed{.base = table,
                              .requirements = {},
                              .updates = {iceberg::AddSchema{std::make_shared<const Schema>(
                                              std::move(fields), table.metadata->current_schema_id + 1)},
                                          iceberg::SetCurrentSchema{}}};
    ASSERT_EQ(*catalog_->commit({&changed, 1}), CommitOutcome::applied);
  };
  std::vector<Field> fields = schema()->fields();
  fields[1].required = true;
  change(fields);
  const auto refused = first->resolve(on_its_way);
  ASSERT_FALSE(refused.ok()) << "the rows may hold nulls in a column that is required now";
  EXPECT_EQ(refused.error().kind(), ErrorKind::table_changed);
  change(schema()->fields());
  expect_applied(first->resolve(on_its_way));
  const auto next = first->prepare({}, progress(20), {});
  ASSERT_FALSE(next.ok()) << "the next epoch's rows were made for another schema";
  EXPECT_EQ(next.error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, HaltsWhenOneTableWasRestoredToAnOlderMetadataFile) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->take_fence().ok());
  expect_applied(first->resolve(prepare(*first, 0, 10)));
  const TableIdentifier rows = *TableIdentifier::parse("ops.rows");
  const LoadedTable old = *catalog_->load(rows);
  expect_applied(first->resolve(prepare(*first, 10, 20)));
  restore(old);
  const auto again = committer(*catalog_)->take_fence();
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::table_changed);
  EXPECT_NE(again.error().message().find("p/0 from 10 to 20"), std::string::npos) << again.error().message();
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

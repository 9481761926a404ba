#include <deque>

#include <sqlite3.h>

#include "base/tests/sync_tracking_env.h"
#include "lake/commit/manifest_merge.h"
#include "lake/commit/manifest_store_internal.h"
#include "lake/commit/pipeline_committer.h"
#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

/// What a catalog does to one call of commit().
enum class Fault { none, drop_request, unknown_and_applied };

/// A catalog whose replies can be lost.
class FaultyCatalog final : public Catalog {
 public:
  explicit FaultyCatalog(Catalog& inner) : inner_(inner) {}
  Result<std::vector<std::optional<LoadedTable>>> load_all(std::span<const TableIdentifier> tables) override {
    return inner_.load_all(tables);
  }
  Result<LoadedTable> create(const TableDefinition& definition) override { return inner_.create(definition); }
  Result<CommitOutcome> commit(std::span<const TableChange> changes, std::string_view key) override {
    ++calls;
    switch (take()) {
      case Fault::none: return inner_.commit(changes, key);
      case Fault::unknown_and_applied: {
        (void)inner_.commit(changes, key);
        return CommitOutcome::unknown;
      }
      case Fault::drop_request: return CommitOutcome::unknown;
    }
    return CommitOutcome::unknown;
  }
  CatalogAbilities abilities() const override {
    CatalogAbilities abilities = inner_.abilities();
    abilities.is_multi_table_atomic = is_atomic;
    return abilities;
  }
  Result<std::vector<TableIdentifier>> list() override { return inner_.list(); }

  std::deque<Fault> faults;  ///< of the next commits
  bool is_atomic = true;
  int calls = 0;

 private:
  Fault take() {
    if (faults.empty()) return Fault::none;
    const Fault fault = faults.front();
    faults.pop_front();
    return fault;
  }
  Catalog& inner_;
};

const StoredObject kPlace{.uri = "file:///prepared", .size_bytes = 1, .hash = 2};

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

  std::unique_ptr<PipelineCommitter> committer(Catalog& catalog, const std::string& pipeline,
                                               std::vector<TargetTable> targets, int64_t keep = 0) {
    return std::make_unique<PipelineCommitter>(
        CommitterOptions{.pipeline = pipeline, .targets = std::move(targets), .keep_snapshots = keep}, catalog, *store_,
        clock_, random_);
  }
  PreparedCommit prepare_both(PipelineCommitter& committer, int64_t from, int64_t to);
  LeadRecord record(const std::string& pipeline = "p") {
    const auto tables = look_at_tables(*catalog_, *store_, pipeline, targets());
    EXPECT_TRUE(tables.ok());
    return tables->record;
  }
  std::unique_ptr<PipelineCommitter> committer(Catalog& catalog) { return committer(catalog, "p", targets()); }

  PreparedCommit prepare(PipelineCommitter& committer, int64_t from, int64_t to) {
    auto loaded = catalog_->load(*TableIdentifier::parse("ops.rows"));
    std::vector<EpochFiles> files = {{.sink = "table", .parts = {write_file(*loaded, from, to - from)}}};
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
  ASSERT_TRUE(first->open().ok());
  expect_applied(first->commit(prepare(*first, 0, 10), {}));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
  EXPECT_EQ(first->progress(), progress(10));
}

TEST_F(CommitTest, RemembersItsLastSnapshotWithTheSequenceNumber) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit prepared = prepare_both(*first, 0, 10);
  expect_applied(first->commit(prepared, kPlace));
  for (size_t i = 0; i < 2; ++i) {
    const auto loaded = *catalog_->load(targets()[i].table);
    const iceberg::Snapshot& made = *loaded.metadata->current_snapshot();
    const LastCommit expected{
        .key = prepared.commit_key, .snapshot_id = made.id, .sequence_number = made.sequence_number};
    EXPECT_GT(made.sequence_number, 0);
    const auto tables = look_at_tables(*catalog_, *store_, "p", targets());
    EXPECT_EQ(tables->tables[i].last(), expected);
    if (i == 1) {
      EXPECT_EQ(tables->record.tables.at("ops.rejects").last, expected);
    }
  }
  EXPECT_EQ(record().prepared, kPlace);
}

// What a release before left: each table with the whole state; a crash in between could leave several fence epochs.
TEST_F(CommitTest, TheLeadGoesOnFromTheHighestFenceEpochOfAReleaseBefore) {
  for (const auto& [table, fence] : std::map<std::string, int>{{"ops.rows", 9}, {"ops.rejects", 5}}) {
    const LoadedTable base = *catalog_->load(*TableIdentifier::parse(table));
    const std::string state =
        R"({"v":1,"fence":)" + std::to_string(fence) + R"(,"progress":{"v":1,"sources":{"s":{"p":{"p/0":[10]}}}}})";
    const TableChange change{
        .base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"weir.pipeline.p", state}}}}};
    ASSERT_EQ(*catalog_->commit({&change, 1}, ""), CommitOutcome::applied);
  }
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  EXPECT_EQ(first->fence_epoch(), 10);
  EXPECT_EQ(first->progress(), progress(10));
  EXPECT_FALSE(record().is_version_1);
}

TEST_F(CommitTest, ATableWithoutRowsIsNotTouched) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const std::string before = catalog_->load(*TableIdentifier::parse("ops.rejects"))->metadata_location;
  expect_applied(first->commit(prepare(*first, 0, 10), {}));
  EXPECT_EQ(catalog_->load(*TableIdentifier::parse("ops.rejects"))->metadata_location, before);
  EXPECT_EQ(record().progress, progress(10));
}

TEST_F(CommitTest, NothingThatACommitNamesCanBeLostToAPowerFailure) {
  SyncTrackingEnv files(posix_file_env());
  store_ = make_local_store(files);
  catalog_ = open();
  TableDefinition days = definition("ops.days");
  days.spec.fields.push_back(
      {.source_id = 1, .field_id = 1000, .name = "part", .transform = *iceberg::Transform::parse("truncate[10]")});
  const LoadedTable table = *catalog_->create(days);
  const auto first_owner = committer(*catalog_, "q", {{.sink = "table", .table = table.table}});
  PipelineCommitter& first = *first_owner;
  ASSERT_TRUE(first.open().ok());
  const auto prepared = first.prepare({{.sink = "table", .parts = {write_file(table, 0, 30)}}}, progress(30), {});
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ(files.unsynced, std::set<std::string>()) << "data files and manifests, before what was prepared is stored";
  expect_applied(first.commit(*prepared, {}));
  EXPECT_EQ(files.unsynced, std::set<std::string>());
}

/// An epoch with rows for both tables.
PreparedCommit CommitTest::prepare_both(PipelineCommitter& committer, int64_t from, int64_t to) {
  std::vector<EpochFiles> files;
  for (const TargetTable& target : targets())
    files.push_back({.sink = target.sink, .parts = {write_file(*catalog_->load(target.table), from, to - from)}});
  const auto prepared = committer.prepare(files, progress(to), {});
  EXPECT_TRUE(prepared.ok()) << prepared.error().to_string();
  return *PreparedCommit::from_bytes(prepared->to_bytes());
}

// B15 of the review: such a catalog could not be used.
TEST_F(CommitTest, WithoutCommitsOfSeveralTablesTheLeadDecidesAndTheOthersFollow) {
  FaultyCatalog torn(*catalog_);
  torn.is_atomic = false;
  auto first = committer(torn);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit prepared = prepare_both(*first, 0, 10);
  torn.faults = {Fault::none, Fault::drop_request};  // the lead's arrives, the other's does not
  EXPECT_EQ(*first->commit(prepared, kPlace), CommitOutcome::unknown);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
  EXPECT_EQ(live_rows(*catalog_, "ops.rejects"), 0);

  auto second = committer(torn);  // the first one dies here
  const auto left = second->open();
  ASSERT_TRUE(left.ok()) << left.error().to_string();
  EXPECT_EQ(left->decided, kPlace);
  EXPECT_EQ(second->progress(), progress(10));
  expect_applied(second->recover(prepared, *left->decided));
  EXPECT_EQ(live_rows(*catalog_, "ops.rejects"), 10);
  const auto rejects = catalog_->load(*TableIdentifier::parse("ops.rejects"));
  EXPECT_EQ(rejects->metadata->current_snapshot_id, prepared.tables[1].snapshot_id) << "the id that was fixed";
  expect_applied(second->recover(prepared, *left->decided));
  expect_applied(second->commit(prepare_both(*second, 10, 20), kPlace));
  EXPECT_EQ(live_rows(*catalog_, "ops.rejects"), 20);
  auto third = committer(torn);
  EXPECT_FALSE(third->open()->decided.has_value());
}

TEST_F(CommitTest, ADecidedEpochRollsForwardOverForeignCommits) {
  FaultyCatalog torn(*catalog_);
  torn.is_atomic = false;
  auto first = committer(torn);
  ASSERT_TRUE(first->open().ok());
  expect_applied(first->commit(prepare_both(*first, 0, 10), kPlace));
  const PreparedCommit prepared = prepare_both(*first, 10, 20);
  torn.faults = {Fault::none, Fault::drop_request};
  EXPECT_EQ(*first->commit(prepared, kPlace), CommitOutcome::unknown);
  const TargetTable rejects = targets()[1];
  const auto other = committer(*catalog_, "q", {rejects});
  ASSERT_TRUE(other->open().ok());
  const auto foreign = other->prepare(
      {{.sink = rejects.sink, .parts = {write_file(*catalog_->load(rejects.table), 100, 5)}}}, progress(105), {});
  ASSERT_TRUE(foreign.ok());
  expect_applied(other->commit(*foreign, {}));
  expect_applied(first->commit(prepared, kPlace));
  EXPECT_EQ(live_rows(*catalog_, "ops.rejects"), 25);
}

TEST_F(CommitTest, AnUnknownOutcomeIsTriedAgainWithTheSameRequest) {
  FaultyCatalog faulty(*catalog_);
  auto first = committer(faulty);
  ASSERT_TRUE(first->open().ok());
  for (const Fault fault : {Fault::drop_request, Fault::unknown_and_applied}) {
    const int64_t from = fault == Fault::drop_request ? 0 : 10;
    const PreparedCommit prepared = prepare(*first, from, from + 10);
    faulty.faults = {fault};
    EXPECT_EQ(*first->commit(prepared, {}), CommitOutcome::unknown);
    expect_applied(first->commit(prepared, {}));
  }
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 20);
}

TEST_F(CommitTest, TheNextProcessFinishesWhatACrashLeft) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  auto second = committer(*catalog_);
  ASSERT_TRUE(second->open().ok());
  expect_applied(second->recover(prepared, {}));
  expect_applied(second->recover(prepared, {}));  // recovery that crashed before it forgot the epoch
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
  EXPECT_EQ(second->progress(), progress(10));
}

TEST_F(CommitTest, AnOperatorsWordFencesVoidsAndIsRemembered) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  expect_applied(first->commit(prepare(*first, 0, 10), {}));
  const PreparedCommit left_behind = prepare(*first, 10, 20);
  const ProgressOverride wanted{.source = "s", .partitions = {"p/0"}, .next = 30, .reason = "records are gone"};
  const auto decisions = committer(*catalog_)->override_progress(wanted);
  ASSERT_TRUE(decisions.ok()) << decisions.error().to_string();
  EXPECT_EQ(first->commit(left_behind, {}).error().kind(), ErrorKind::fenced);

  auto second = committer(*catalog_);
  ASSERT_TRUE(second->open().ok());
  EXPECT_EQ(*second->recover(left_behind, {}), CommitOutcome::refused);
  EXPECT_EQ(second->progress(), progress(30));
  expect_applied(second->commit(prepare(*second, 30, 35), {}));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 15);
  EXPECT_EQ(record().decisions, *decisions);
}

/// Of "ops.rows", "ops.rejects" and "ops.more".
std::vector<TargetTable> with_more(std::vector<TargetTable> targets) {
  targets.push_back({.sink = "more", .table = *TableIdentifier::parse("ops.more")});
  return targets;
}

TEST_F(CommitTest, ATableThatIsNewInThePipelineHaltsItUntilSomebodyDecides) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  expect_applied(first->commit(prepare(*first, 0, 10), {}));
  const std::vector<TargetTable> targets_now = with_more(targets());
  const auto missing = check_tables(*catalog_, *store_, "p", targets_now);
  ASSERT_FALSE(missing.ok()) << "before it is made";
  EXPECT_EQ(missing.error().kind(), ErrorKind::table_changed);
  ASSERT_TRUE(catalog_->create(definition("ops.more")).ok());

  const auto second_owner = committer(*catalog_, "p", targets_now);
  PipelineCommitter& second = *second_owner;
  const auto fenced = second.open();
  ASSERT_FALSE(fenced.ok());
  EXPECT_NE(fenced.error().message().find("'ops.more' lacks what"), std::string::npos) << fenced.error().message();
  expect_applied(first->commit(prepare(*first, 10, 20), {}));  // the process that runs was not fenced

  const TableIdentifier more = targets_now.back().table;
  ASSERT_TRUE(check_tables(*catalog_, *store_, "p", targets_now, {&more, 1}).ok());
  const auto joined = second.join({more}, "from now on");
  ASSERT_TRUE(joined.ok()) << joined.error().to_string();
  EXPECT_EQ(joined->front().table, "ops.more");
  EXPECT_TRUE(check_tables(*catalog_, *store_, "p", targets_now).ok());
  const auto third_owner = committer(*catalog_, "p", targets_now);
  PipelineCommitter& third = *third_owner;
  ASSERT_TRUE(third.open().ok());
  EXPECT_EQ(third.progress(), progress(20));
  EXPECT_EQ(record().decisions, *joined);
  EXPECT_EQ(third.join({more}, "again").error().kind(), ErrorKind::invalid_argument);
}

TEST_F(CommitTest, AnOldIntentWhoseFilesAreGoneIsVoid) {
  for (const bool manifest_is_gone : {false, true}) {
    auto first = committer(*catalog_);
    ASSERT_TRUE(first->open().ok());
    const PreparedCommit left_behind = prepare(*first, 0, 10);
    const iceberg::ManifestFile manifest = left_behind.tables.front().edit.added.front();
    const std::string gone = manifest_is_gone ? manifest.path : entries_of(manifest).front().file.path;
    std::filesystem::remove(*file_path(gone));
    auto second = committer(*catalog_);
    ASSERT_TRUE(second->open().ok());
    const auto outcome = second->recover(left_behind, {});
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    EXPECT_EQ(*outcome, CommitOutcome::refused) << gone;
    EXPECT_EQ(second->progress(), Progress());
  }
}

TEST_F(CommitTest, ASchemaThatSomebodyChangedWhileWeRanIsNoticed) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit on_its_way = prepare(*first, 0, 10);
  const auto change = [&](std::vector<Field> fields) {
    const LoadedTable table = *catalog_->load(*TableIdentifier::parse("ops.rows"));
    const TableChange changed{.base = table,
                              .requirements = {},
                              .updates = {iceberg::AddSchema{std::make_shared<const Schema>(
                                              std::move(fields), table.metadata->current_schema_id + 1)},
                                          iceberg::SetCurrentSchema{}}};
    ASSERT_EQ(*catalog_->commit({&changed, 1}, ""), CommitOutcome::applied);
  };
  std::vector<Field> fields = schema()->fields();
  fields[1].required = true;
  change(fields);
  const auto refused = first->commit(on_its_way, {});
  ASSERT_FALSE(refused.ok()) << "the rows may hold nulls in a column that is required now";
  EXPECT_EQ(refused.error().kind(), ErrorKind::table_changed);
  change(schema()->fields());
  expect_applied(first->commit(on_its_way, {}));
  const auto next = first->prepare({}, progress(20), {});
  ASSERT_FALSE(next.ok()) << "the next epoch's rows were made for another schema";
  EXPECT_EQ(next.error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, HaltsWhenOneTableWasRestoredToAnOlderMetadataFile) {
  for (const size_t which : {size_t{0}, size_t{1}}) {
    auto first = committer(*catalog_);
    ASSERT_TRUE(first->open().ok());
    expect_applied(first->commit(prepare_both(*first, 0, 10), {}));
    const LoadedTable old = *catalog_->load(targets()[which].table);
    const LoadedTable other = *catalog_->load(targets()[1 - which].table);
    expect_applied(first->commit(prepare_both(*first, 10, 20), {}));
    restore(old);
    auto next = committer(*catalog_);
    const auto again = next->open();
    if (which == 0) {
      ASSERT_FALSE(again.ok());
      EXPECT_EQ(again.error().kind(), ErrorKind::table_changed);
      EXPECT_NE(again.error().message().find("restored to an older state"), std::string::npos)
          << again.error().message();
    } else {
      ASSERT_TRUE(again.ok()) << again.error().to_string();
      EXPECT_TRUE(again->decided.has_value()) << "it lacks the last epoch, as one that has not followed yet";
    }
    const auto running = first->prepare({}, progress(30), {});
    EXPECT_FALSE(running.ok());
    restore(other);  // both are as of one moment: the rows in between are read again
    auto second = committer(*catalog_);
    ASSERT_TRUE(second->open().ok());
    EXPECT_EQ(second->progress(), progress(10));
  }
}

TEST_F(CommitTest, CountsOfAnEpochWithoutRowsGoIntoTheNextSnapshot) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const auto commit = [&](std::vector<EpochFiles> files, int64_t to, const Counts& counts) {
    const auto prepared = first->prepare(files, progress(to), counts);
    ASSERT_TRUE(prepared.ok());
    expect_applied(first->commit(*PreparedCommit::from_bytes(prepared->to_bytes()), {}));
  };
  const TableIdentifier rows = *TableIdentifier::parse("ops.rows");
  commit({}, 5, {{"rule.a.broken", 2}, {"rows.dropped", 5}});
  commit({}, 8, {{"rule.a.broken", 3}});
  EXPECT_EQ(record().counts, (Counts{{"rule.a.broken", 5}, {"rows.dropped", 5}}));
  commit({{.sink = "table", .parts = {write_file(*catalog_->load(rows), 0, 1)}}}, 9, {{"rule.a.broken", 1}});
  const auto loaded = catalog_->load(rows);
  const auto& summary = loaded->metadata->current_snapshot()->summary;
  EXPECT_EQ(summary.at("weir.rule.a.broken"), "6");
  EXPECT_EQ(summary.at("weir.rows.dropped"), "5");
  EXPECT_TRUE(record().counts.empty());
}

TEST_F(CommitTest, OldSnapshotsLeaveTheHistoryAndNoRowGoesWithThem) {
  const auto keeping = [&](int64_t keep) { return committer(*catalog_, "p", targets(), keep); };
  const TableIdentifier rows = *TableIdentifier::parse("ops.rows");
  const auto count = [&] { return catalog_->load(rows)->metadata->snapshots.size(); };
  for (int64_t run = 0; run < 4; ++run) {  // each takes over from the one before, whose epoch it finishes
    auto one = keeping(3);
    ASSERT_TRUE(one->open().ok());
    for (int64_t i = run * 50; i < run * 50 + 40; i += 10) expect_applied(one->commit(prepare(*one, i, i + 10), {}));
    const PreparedCommit left = prepare(*one, run * 50 + 40, run * 50 + 50);
    auto next = keeping(3);
    ASSERT_TRUE(next->open().ok());
    expect_applied(next->recover(left, {}));
    EXPECT_EQ(count(), 3U);
    EXPECT_EQ(next->progress(), progress((run + 1) * 50));
  }
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 200);
  auto all = keeping(0);
  ASSERT_TRUE(all->open().ok());
  for (int64_t i = 200; i < 240; i += 10) expect_applied(all->commit(prepare(*all, i, i + 10), {}));
  EXPECT_EQ(count(), 7U);
}

TEST_F(CommitTest, ARollbackIsNoticedInAShortHistoryToo) {
  auto first = committer(*catalog_, "p", targets(), 3);
  ASSERT_TRUE(first->open().ok());
  for (int64_t i = 0; i < 60; i += 10) expect_applied(first->commit(prepare(*first, i, i + 10), {}));
  const auto now = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const int64_t before = *now.metadata->current_snapshot()->parent_id;
  const TableChange rollback{
      .base = now, .requirements = {}, .updates = {iceberg::ref_to(*now.metadata, iceberg::kMainBranch, before)}};
  ASSERT_EQ(*catalog_->commit({&rollback, 1}, ""), CommitOutcome::applied);
  EXPECT_EQ(committer(*catalog_)->open().error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, TheOlderOfTwoProcessesIsFenced) {
  auto old = committer(*catalog_);
  ASSERT_TRUE(old->open().ok());
  const PreparedCommit prepared = prepare(*old, 0, 10);
  auto young = committer(*catalog_);
  ASSERT_TRUE(young->open().ok());
  const auto outcome = old->commit(prepared, {});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::fenced);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 0);
}

TEST_F(CommitTest, APreparedEpochThatWasOvertakenIsVoid) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit left_behind = prepare(*first, 0, 10);
  // Another process, which does not know of it, reads and commits the same positions.
  auto second = committer(*catalog_);
  ASSERT_TRUE(second->open().ok());
  expect_applied(second->commit(prepare(*second, 0, 10), {}));
  auto third = committer(*catalog_);
  ASSERT_TRUE(third->open().ok());
  const auto outcome = third->recover(left_behind, {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
  EXPECT_EQ(*outcome, CommitOutcome::refused);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 10);
}

TEST_F(CommitTest, RebasesOverAForeignCommitAndKeepsIt) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  // Another pipeline appends to the same table in between.
  const auto other_owner = committer(*catalog_, "q", {targets().front()});
  PipelineCommitter& other = *other_owner;
  ASSERT_TRUE(other.open().ok());
  expect_applied(other.commit(prepare(other, 100, 105), {}));
  expect_applied(first->commit(prepared, {}));
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), 15);
  const auto loaded = catalog_->load(*TableIdentifier::parse("ops.rows"));
  EXPECT_EQ(record("p").progress, progress(10));
  EXPECT_EQ(record("q").progress, progress(105));
}

TEST_F(CommitTest, HaltsWhenTheTableWasRolledBackBehindItsProgress) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  expect_applied(first->commit(prepare(*first, 0, 10), {}));
  const int64_t old_head = *catalog_->load(*TableIdentifier::parse("ops.rows"))->metadata->current_snapshot_id;
  expect_applied(first->commit(prepare(*first, 10, 20), {}));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const TableChange rollback{.base = loaded,
                             .requirements = {},
                             .updates = {iceberg::ref_to(*loaded.metadata, iceberg::kMainBranch, old_head)}};
  ASSERT_EQ(*catalog_->commit({&rollback, 1}, ""), CommitOutcome::applied);

  const auto next = first->prepare({}, progress(30), {});
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().kind(), ErrorKind::table_changed);
  auto second = committer(*catalog_);
  const auto fence = second->open();
  ASSERT_FALSE(fence.ok());
  EXPECT_EQ(fence.error().kind(), ErrorKind::table_changed);
}

TEST_F(CommitTest, ManifestsStayFewOverManyCommits) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  constexpr int64_t kCommits = 150;
  for (int64_t i = 0; i < kCommits; ++i) expect_applied(first->commit(prepare(*first, i, i + 1), {}));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const auto manifests = scan_manifests(loaded, std::nullopt, *store_);
  ASSERT_TRUE(manifests.ok());
  EXPECT_LE(manifests->size(), 2 * kMergeWidth);
  EXPECT_EQ(live_rows(*catalog_, "ops.rows"), kCommits);
  EXPECT_EQ(loaded.metadata->snapshots.size(), static_cast<size_t>(kCommits));
}

TEST_F(CommitTest, AnOlderSnapshotStillReadsAfterItsManifestsWereMerged) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  for (int64_t i = 0; i < 40; ++i) expect_applied(first->commit(prepare(*first, i, i + 1), {}));
  const auto loaded = *catalog_->load(*TableIdentifier::parse("ops.rows"));
  const auto& old = loaded.metadata->snapshots[10]->snapshot;
  const auto files = scan_files(loaded, old.id, *store_);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 11U);
}

TEST_F(CommitTest, PreparedCommitsSurviveTheirBytes) {
  auto first = committer(*catalog_);
  ASSERT_TRUE(first->open().ok());
  const PreparedCommit prepared = prepare(*first, 0, 10);
  EXPECT_EQ(PreparedCommit::from_bytes(prepared.to_bytes())->to_bytes(), prepared.to_bytes());
  std::string damaged = prepared.to_bytes();
  damaged.resize(damaged.size() / 2);
  EXPECT_EQ(PreparedCommit::from_bytes(damaged).error().kind(), ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::lake

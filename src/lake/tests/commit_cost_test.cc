/// \file
/// A commit costs what it brings, not what came before it: counted in bytes, objects and memory, not in time.
#include <algorithm>

#include "lake/commit/pipeline_committer.h"
#include "lake/tests/forwarding_store.h"
#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

class CountedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Result<void> put(const std::string& uri, std::string_view bytes) override {
    ++objects;
    written += static_cast<int64_t>(bytes.size());
    return ForwardingStore::put(uri, bytes);
  }
  int64_t objects = 0;
  int64_t written = 0;
};

struct Cost {
  double objects = 0;
  double bytes = 0;
};

class CommitCostTest : public LakeTest {
 protected:
  static constexpr int64_t kFilesACommit = 50;
  static constexpr int64_t kKeptSnapshots = 20;

  CommitCostTest() {
    counted_catalog_ =
        *open_sqlite_catalog({.directory = directory_, .busy_ms = 200}, counted_, posix_file_env(), clock_, random_);
    EXPECT_TRUE(catalog_->create(definition("ops.rows")).ok());
    committer_ = std::make_unique<PipelineCommitter>(
        CommitterOptions{.pipeline = "p",
                         .targets = {{.sink = "table", .table = *TableIdentifier::parse("ops.rows")}},
                         .keep_snapshots = kKeptSnapshots,
                         .store_folder = file_uri(directory_ + "/state", "/")},
        *counted_catalog_, counted_, clock_, random_);
    EXPECT_TRUE(committer_->open().ok());
    progress_ = committer_->progress();
  }

  /// Commits a row, and kFilesACommit files that were read to their ends.
  void commit() {
    for (int64_t i = 0; i < kFilesACommit; ++i)
      progress_.sources["s"].finish("incoming/" + std::to_string(finished_++), {.facts_hash = 1});
    const LoadedTable loaded = *counted_catalog_->load(*TableIdentifier::parse("ops.rows"));
    const std::vector<EpochFiles> files = {{.sink = "table", .parts = {write_file(loaded, finished_, 1)}}};
    const auto prepared = committer_->prepare(files, progress_, {});
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    ASSERT_EQ(*committer_->commit(*PreparedCommit::from_bytes(prepared->to_bytes()), {}), CommitOutcome::applied);
  }

  /// What each of `count` commits costs.
  Cost cost_of(int count) {
    const int64_t objects = counted_.objects;
    const int64_t written = counted_.written;
    for (int i = 0; i < count; ++i) commit();
    return {.objects = static_cast<double>(counted_.objects - objects) / count,
            .bytes = static_cast<double>(counted_.written - written) / count};
  }

  CountedStore counted_{*store_};
  std::unique_ptr<Catalog> counted_catalog_;
  std::unique_ptr<PipelineCommitter> committer_;
  Progress progress_;
  int64_t finished_ = 0;
};

TEST_F(CommitCostTest, ManySmallFilesLeaveACommitItsBytesAndObjects) {
  cost_of(60);
  const Cost early = cost_of(40);  // up to commit 100
  cost_of(540);
  const Cost late = cost_of(60);  // up to 35,000 files
  EXPECT_LE(late.bytes, 1.2 * early.bytes) << early.bytes << " bytes a commit before";
  EXPECT_LE(late.objects, 1.2 * early.objects) << early.objects << " objects a commit before";
}

// Each side kept its own copy of all that was ever finished, and a commit compared the two entry by entry.
TEST_F(CommitCostTest, FinishedFilesAreSharedWithWhoeverBuildsOnThem) {
  for (int i = 0; i < 20; ++i) commit();
  const FinishedPartitions& ours = committer_->progress().sources.at("s").finished;
  ASSERT_EQ(ours.size(), 20U * kFilesACommit);
  size_t apart = 0;
  progress_.sources.at("s").finished.for_each(
      [&](const FinishedPartition& entry) { apart += ours.find(entry.name_hash) == &entry ? 0 : 1; });
  EXPECT_EQ(apart, 0U);
}

}  // namespace
}  // namespace weir::lake

/// \file
/// A pipeline with a lead, another table and a dead letter over a catalog in memory; processes that come and go.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lake/commit/pipeline_committer.h"
#include "lake/tests/foreign_hand.h"
#include "lake/tests/lake_fixture.h"
#include "lake/tests/memory_catalog.h"

namespace weir::lake {

inline const StoredObject kPlace{.uri = "file:///prepared", .size_bytes = 1, .hash = 2};

inline const std::vector<CatalogHabits> kAllHabits = {{},
                                                      {.is_multi_table_atomic = false},
                                                      {.is_multi_table_atomic = false, .swaps_exact_base = false},
                                                      {.swaps_exact_base = false}};

/// All but those that say what happened.
inline constexpr Reply kUncertain[] = {Reply::lost, Reply::dropped, Reply::late, Reply::again};

class ProtocolTest : public LakeTest {
 protected:
  static std::vector<TargetTable> targets() {
    return {{.sink = "lead", .table = *TableIdentifier::parse("ops.lead")},
            {.sink = "more", .table = *TableIdentifier::parse("ops.more")},
            {.sink = "dead_letter", .table = *TableIdentifier::parse("ops.rejects"), .is_dead_letter = true}};
  }

  /// A catalog with the pipeline's tables, empty.
  void use_catalog(CatalogHabits habits) {
    const std::string folder = file_uri(directory_ + "/memory-" + std::to_string(++catalogs_), "/");
    memory_ = std::make_unique<MemoryCatalog>(habits, *store_, folder, clock_, random_);
    for (const TargetTable& target : targets()) EXPECT_TRUE(memory_->create(definition(target.table.to_string())).ok());
    hand_ = std::make_unique<ForeignHand>(
        *memory_, *store_, clock_, random_,
        [this](const LoadedTable& table, int64_t rows) { return write_file(table, 1'000, rows); });
    next_ = 0;
    last_prepared_.reset();
  }

  std::unique_ptr<PipelineCommitter> process() {
    return std::make_unique<PipelineCommitter>(
        CommitterOptions{.pipeline = "p", .targets = targets(), .store_folder = file_uri(directory_ + "/state", "/")},
        *memory_, *store_, clock_, random_);
  }

  /// Ten rows for each table; kept, as a host keeps it.
  Result<PreparedCommit> prepare(PipelineCommitter& committer) {
    std::vector<EpochFiles> files;
    for (const TargetTable& target : targets()) {
      if (!memory_->load(target.table).ok()) continue;
      files.push_back({.sink = target.sink, .parts = {write_file(memory_->whole(target.table), next_, 10)}});
    }
    WEIR_ASSIGN(const PreparedCommit prepared, committer.prepare(files, progress(next_ + 10), {}));
    last_prepared_ = *PreparedCommit::from_bytes(prepared.to_bytes());
    return *last_prepared_;
  }

  /// One epoch from files to all tables; asks again while the outcome is unknown.
  Result<void> epoch(PipelineCommitter& committer) {
    WEIR_ASSIGN(const PreparedCommit prepared, prepare(committer));
    return finish(committer, prepared);
  }

  Result<void> finish(PipelineCommitter& committer, const PreparedCommit& prepared) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      Result<CommitOutcome> outcome = committer.commit(prepared, kPlace);
      if (!outcome.ok() && outcome.error().retry() == RetryHint::backoff) continue;
      if (!outcome.ok()) return std::move(outcome).error();
      if (*outcome == CommitOutcome::refused) return Error(ErrorKind::internal, "refused");
      if (*outcome == CommitOutcome::unknown) continue;
      next_ += 10;
      return {};
    }
    return Error(ErrorKind::internal, "it never ends");
  }

  /// Opens as a host does: brings to an end what the last process prepared.
  Result<std::unique_ptr<PipelineCommitter>> start() {
    auto committer = process();
    WEIR_ASSIGN(const Unfinished left, committer->open());
    if (last_prepared_) {
      WEIR_ASSIGN(const CommitOutcome outcome, committer->recover(*last_prepared_, kPlace));
      if (outcome == CommitOutcome::unknown) return Error(ErrorKind::internal, "unknown");
    } else if (left.decided) {
      return Error(ErrorKind::internal, "decided, and nothing is kept");
    }
    next_ = committer->progress().empty() ? 0 : committer->progress().sources.at("s").partitions.at("p/0").next;
    return committer;
  }

  int64_t rows_in(const TableIdentifier& table) {
    int64_t count = 0;
    const auto files = scan_files(memory_->whole(table), std::nullopt, *store_);
    EXPECT_TRUE(files.ok()) << files.error().to_string();
    for (const iceberg::ManifestEntry& entry : *files) count += entry.file.record_count;
    return count;
  }

  std::unique_ptr<MemoryCatalog> memory_;
  std::unique_ptr<ForeignHand> hand_;
  std::optional<PreparedCommit> last_prepared_;
  int64_t next_ = 0;
  int catalogs_ = 0;
};

}  // namespace weir::lake

/// \file
/// Commits an epoch's files and progress to one or more tables, exactly once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "event/commit_outcome.h"
#include "event/progress.h"
#include "iceberg/data_file.h"
#include "lake/catalog.h"
#include "lake/pipeline_state.h"
#include "lake/prepared_commit.h"
#include "lake/progress_override.h"
#include "storage/object_store.h"

namespace weir::lake {

/// A table that a pipeline writes.
struct TargetTable {
  std::string sink;
  TableIdentifier table;
  bool is_dead_letter = false;
};

/// Files of one table in one epoch.
struct EpochFiles {
  std::string sink;
  std::vector<iceberg::DataFile> files;
};

/// Checks, before a missing table is made, that no table of the pipeline was dropped or made again behind its back: the
/// others would count rows as committed that are gone. All of them missing is a fresh start. Errors: table_changed.
Result<void> check_tables_complete(Catalog& catalog, const std::string& pipeline,
                                   const std::vector<TargetTable>& targets);

/// The commit side of one pipeline. One thread. It cannot delete: no error path removes a file.
///
/// Life: take_fence() once, then prepare() and resolve() by turns. All targets exist and are loaded from `catalog` as
/// needed.
class PipelineCommitter {
 public:
  /// `catalog`, `store`, `clock` and `random` outlive it. `pipeline` is the stable id that progress is keyed by.
  /// `keep_snapshots`: about so many stay in a table's history (snapshots_to_remove()); 0: all.
  PipelineCommitter(std::string pipeline, std::vector<TargetTable> targets, Catalog& catalog, ObjectStore& store,
                    const Clock& clock, RandomSource& random, int64_t keep_snapshots = 0);
  ~PipelineCommitter();

  /// Takes the next fence epoch in all tables by one atomic commit: from now on older processes of this pipeline are
  /// refused. Errors: conflict when others keep winning; table_changed when a table was rolled back behind this
  /// pipeline's progress; unavailable.
  Result<void> take_fence();

  /// Does what take_fence() does, and in the same commit puts the operator's word into all tables: a process that runs
  /// is fenced, an intent under way is void. Errors: as take_fence(), committed_progress() and lake::override_progress.
  Result<std::vector<ProgressDecision>> override_progress(const ProgressOverride& wanted);

  int64_t fence_epoch() const { return fence_epoch_; }

  /// The progress that the tables hold. Where the tables disagree (one was added to the pipeline later) the furthest
  /// counts, because every commit covers all tables. Errors: position_lost when they contradict each other.
  Result<Progress> committed_progress();

  /// Writes the manifests and fixes everything else that decides the outcome. `counts` of the epoch go into the
  /// snapshots' summaries as "weir.NAME"; a table that gets no rows keeps them for its next snapshot. Reads no clock
  /// that matters and deletes nothing.
  Result<PreparedCommit> prepare(const std::vector<EpochFiles>& files, const Progress& after, const Counts& counts);

  /// Tries to bring `prepared` to an end: one look at the tables, one attempt. Safe to call again with the same value,
  /// from this process or another. `refused` only when it was overtaken for good (recovery of an old intent).
  /// `unknown`: call again later. Errors: fenced, table_changed: halt.
  Result<CommitOutcome> resolve(const PreparedCommit& prepared);

 private:
  struct TableState;
  struct Attempt;
  using StateEdit = std::function<Result<void>(std::vector<PipelineState>&)>;
  Result<void> take_tables(const StateEdit& edit);
  Result<Progress> furthest_of(const std::vector<PipelineState>& states) const;
  Result<PreparedTable> prepare_table(const TargetTable& target, const std::vector<EpochFiles>& files);
  Result<Attempt> plan(const PreparedCommit& prepared, const PreparedTable& table);
  Result<TableChange> change_for(const PreparedCommit& prepared, const PreparedTable& table, const Attempt& attempt);
  iceberg::StringMap summary_of(const PreparedCommit& prepared, const Attempt& attempt, const Counts& counts) const;
  TableState& state_of(const TableIdentifier& table);
  Result<void> check_still_ours(const TargetTable& target, const LoadedTable& loaded, const PipelineState& state);

  std::string pipeline_;
  std::vector<TargetTable> targets_;
  Catalog& catalog_;
  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  int64_t keep_snapshots_;
  int64_t fence_epoch_ = 0;
  std::map<TableIdentifier, std::unique_ptr<TableState>> states_;
};

/// The state that `table` remembers of `pipeline`; a fresh one when it remembers none. Errors: corrupt; unsupported.
Result<PipelineState> pipeline_state_of(const iceberg::TableMetadata& table, std::string_view pipeline);

}  // namespace weir::lake

/// \file
/// Commits an epoch's files and progress to one or more tables, exactly once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
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
#include "lake/table_agreement.h"
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

/// Checks, before a missing table is made and without changing anything, that the tables tell the same story: none was
/// dropped, made again or rolled back behind the pipeline's back, and none lacks what the others hold. All of them
/// missing is a fresh start. Errors: table_changed; position_lost, as agreed_progress().
/// Tables in `joining` are left out: somebody is about to decide that they go on at the progress of the others.
Result<void> check_tables(Catalog& catalog, const std::string& pipeline, const std::vector<TargetTable>& targets,
                          std::span<const TableIdentifier> joining = {});

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
  /// pipeline's progress, or lacks what the others hold; unavailable.
  Result<void> take_fence();

  /// Does what take_fence() does, and in the same commit puts the operator's word into all tables: a process that runs
  /// is fenced, an intent under way is void. Errors: as take_fence(), committed_progress() and lake::override_progress.
  Result<std::vector<ProgressDecision>> override_progress(const ProgressOverride& wanted);

  /// Lets `tables` go on at the progress of the others, though they lack what lies before; fences, voids and remembers
  /// as override_progress(). Errors: as take_fence() and join_tables().
  Result<std::vector<ProgressDecision>> join(const std::vector<TableIdentifier>& tables, const std::string& reason);

  int64_t fence_epoch() const { return fence_epoch_; }

  /// The progress that the tables hold, all of them. Errors: as agreed_progress().
  Result<Progress> committed_progress();

  /// Writes the manifests and fixes everything else that decides the outcome. `counts` of the epoch go into the
  /// snapshots' summaries as "weir.NAME"; a table that gets no rows keeps them for its next snapshot. Reads no clock
  /// that matters and deletes nothing.
  Result<PreparedCommit> prepare(const std::vector<EpochFiles>& files, const Progress& after, const Counts& counts);

  /// Tries to bring `prepared` to an end: one look at the tables, one attempt. Safe to call again with the same value,
  /// from this process or another. `refused` only for an old intent that was overtaken for good, or whose files are
  /// gone: no table has it. `unknown`: call again later. Errors: fenced, table_changed: halt.
  Result<CommitOutcome> resolve(const PreparedCommit& prepared);

 private:
  struct TableState;
  struct Attempt;
  using StateEdit = std::function<Result<void>(std::vector<PipelineState>&)>;
  Result<void> take_tables(const StateEdit& edit);
  std::vector<TableProgress> progress_of(const std::vector<PipelineState>& states) const;
  Result<PreparedTable> prepare_table(const TargetTable& target, const std::vector<EpochFiles>& files);
  Result<Attempt> plan(const PreparedCommit& prepared, const PreparedTable& table);
  Result<TableChange> change_for(const PreparedCommit& prepared, const PreparedTable& table, const Attempt& attempt);
  static Result<void> require_schema(const iceberg::TableMetadata& metadata, const PreparedTable& table);
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

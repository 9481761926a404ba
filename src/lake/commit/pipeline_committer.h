/// \file
/// Commits the epochs of one pipeline, exactly once: the lead's commit decides, the other tables follow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "event/commit_outcome.h"
#include "event/outbox.h"
#include "event/progress.h"
#include "event/stored_object.h"
#include "lake/catalog/catalog.h"
#include "lake/commit/commit_decision.h"
#include "lake/commit/large_progress.h"
#include "lake/commit/pipeline_tables.h"
#include "lake/commit/prepared_commit.h"
#include "lake/commit/progress_override.h"
#include "lake/commit/savepoint_check.h"
#include "lake/commit/snapshot_writer.h"
#include "storage/object_store.h"

namespace weir::lake {

/// Finds the rows of `table`, as it is now, that have `keys` (FilePartWriter::delete_keys), and returns a part
/// (file_part.h) of files that mask them. Asked when others have rewritten files whose rows a decided epoch deletes by
/// position. Errors: end the run.
using KeyResolver = std::function<Result<std::string>(const LoadedTable& table, std::span<const std::string> keys)>;

struct CommitterOptions {
  std::string pipeline;              ///< stable id that progress is keyed by
  std::vector<TargetTable> targets;  ///< at least one
  int64_t keep_snapshots = 0;        ///< about so many stay in a table's history (snapshots_to_remove()); 0: all
  std::string store_folder = {};     ///< URI of the pipeline's store, for what is too large for a property
  std::map<std::string, KeyResolver> key_resolvers = {};  ///< by sink; none for those that delete nothing
};

/// The edit of one table in one epoch.
struct EpochFiles {
  std::string sink;
  std::vector<std::string> parts;  ///< file_part.h, one a writer; those that have nothing to say are empty

  bool empty() const {
    return std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  }
};

/// What goes into the lead with an epoch beside its rows and progress.
struct EpochCompanions {
  std::string commit_key = {};             ///< of the epoch; empty: one is drawn
  std::optional<StoredObject> state = {};  ///< the checkpoint of its barrier
  Outbox outbox = {};
};

/// What is left to do of an earlier process's work.
struct Unfinished {
  /// Prepared(N) of the last epoch, decided, when some table lacks it: hand its bytes to recover().
  std::optional<StoredObject> decided;
  /// Prepared(N) of the last epoch when all tables have it and no follower waits for it: nobody needs it any more.
  std::optional<StoredObject> settled;
  /// Names under which an epoch may lie that was prepared and not decided, newest first: hand the bytes of those that
  /// are there to recover(), which adopts one, or leave them: they are void.
  std::vector<std::string> undecided;
};

/// One thread. It cannot delete: no error path removes a file. All targets exist when open() is called.
///
/// Life: open(), recover() for what it says is left, then prepare() and commit() alternate.
class PipelineCommitter {
 public:
  /// All references outlive it.
  PipelineCommitter(CommitterOptions options, Catalog& catalog, ObjectStore& store, const Clock& clock,
                    RandomSource& random);
  ~PipelineCommitter();

  /// Takes the next fence epoch in the lead, from when on older processes of this pipeline are refused, and looks
  /// afterwards: what the lead says then is final. Safe to call again.
  /// Errors: conflict when others keep winning; fenced; table_changed as check_tables(); unavailable.
  Result<Unfinished> open();

  /// Does what open() does, and in the same commit puts a manual override into the lead: a process that runs is fenced,
  /// an undecided epoch is void. The override is made once, however often the catalog's answer gets lost.
  /// Errors: as open() and lake::override_progress.
  Result<std::vector<ProgressDecision>> override_progress(const ProgressOverride& wanted);

  /// Drops the state that belongs to progress(): the steps begin without any. Fences, voids and remembers as
  /// override_progress(). Errors: as open(); invalid_argument for a missing reason or when there is no state.
  Result<std::vector<ProgressDecision>> forget_state(const std::string& reason);

  /// Goes on from a savepoint: its state becomes that of progress(), and where the pipeline has none yet its progress
  /// too. Fences, voids and remembers as override_progress(). Errors: as open() and check_savepoint().
  Result<std::vector<ProgressDecision>> restore(const SavepointOverride& wanted);

  /// Remembers that a run may land so many rejects whatever its limit says. Fences, voids and remembers as
  /// override_progress(). Errors: as open().
  Result<std::vector<ProgressDecision>> accept_rejects(int64_t rejects, const std::string& reason);

  /// Takes `tables` as they are, though they lack what the lead has or are not the ones that it means; fences, voids
  /// and remembers as override_progress(). Errors: as open(); not_found for what is no target; invalid_argument for a
  /// missing reason or when nothing is wrong with the tables.
  Result<std::vector<ProgressDecision>> join(const std::vector<TableIdentifier>& tables, const std::string& reason);

  int64_t fence_epoch() const { return fence_epoch_; }

  /// What the lead said when it was last looked at or committed to.
  const Progress& progress() const { return progress_; }
  /// The state that belongs to it; nothing when the last epoch had none.
  const std::optional<StoredObject>& state() const { return state_; }
  /// Those before it that the lead still names, newest first.
  const std::vector<StoredObject>& older_states() const { return older_states_; }
  /// How many epochs were decided so far.
  int64_t epochs() const { return epochs_; }
  const FollowerRecords& followers() const { return followers_; }
  /// Epochs that followers may lack, oldest first.
  const std::vector<UnfollowedEpoch>& unfollowed() const { return unfollowed_; }

  /// The name that the next Prepared is to be stored under: another process finds it by the lead alone.
  std::string prepared_name() const;

  /// Writes the manifests and fixes everything else that decides the outcome. `counts` of the epoch go into the
  /// snapshots' summaries as "weir.NAME"; a table that gets no rows keeps them for its next snapshot. Reads no clock
  /// that matters and deletes nothing. Errors: fenced, table_changed: halt; limit_exceeded when kUnfollowedMax epochs
  /// wait for followers already.
  Result<PreparedCommit> prepare(const std::vector<EpochFiles>& files, const Progress& after, const Counts& counts,
                                 EpochCompanions companions = {});

  /// Tries to bring `prepared`, which lies at `place`, to an end: the lead, then the other tables, or all at once where
  /// the catalog can. Safe to call again with the same value, from this process or another. `applied` once all tables
  /// have it; `unknown`: call again later. Errors: fenced, table_changed: halt; conflict.
  Result<CommitOutcome> commit(const PreparedCommit& prepared, const StoredObject& place);

  /// Brings what an earlier process prepared to an end: rolls it forward where it is decided, adopts it under this
  /// fence where it is not. `refused`: it is void, no table has it or will have it. Errors: invalid_argument for
  /// another pipeline's; those of commit().
  Result<CommitOutcome> recover(PreparedCommit prepared, const StoredObject& place);

 private:
  struct TableState;
  struct Look;
  struct Request;
  using RecordEdit = std::function<Result<void>(LeadRecord&, const PipelineTables&)>;

  Result<void> take_lead(const RecordEdit& edit, const std::string& edit_key,
                         std::span<const TableIdentifier> joining = {});
  Result<TableChange> hand_over_change(const LoadedTable& former, const LoadedTable& heir) const;
  Result<PreparedTable> prepare_table(const Look& look, size_t i, const std::vector<EpochFiles>& files,
                                      const Counts& counts);
  Result<Look> look_at(std::span<const TableIdentifier> tables);
  Result<Look> look_twice_before_halt(std::span<const TableIdentifier> tables,
                                      const std::function<Result<void>(const Look&)>& judge);
  Result<void> check_still_ours(const Look& look, size_t i);
  Result<CommitDecision> decide(const PreparedCommit& prepared, const Look& look, size_t i);
  Result<const Request*> epoch_request(const PreparedCommit& prepared, const StoredObject& place, const Look& look);
  void take_record(const LeadRecord& record);
  void take_over(const PreparedCommit& prepared, const StoredObject& place);
  Result<CommitOutcome> roll_forward(const PreparedCommit& prepared);
  Result<CommitOutcome> follow(const PreparedCommit& prepared, const PreparedTable& table);
  Result<TableChange> lead_change(const LoadedTable& base, LeadRecord record, const PreparedTable* rows,
                                  iceberg::StringMap summary);
  Result<TableChange> follower_change(const PreparedCommit& prepared, const PreparedTable& table,
                                      const LoadedTable& base);
  Result<TableEdit> fit_edit(const LoadedTable& base, const PreparedTable& table);
  Result<LastCommit> add_snapshot(const LoadedTable& base, int64_t snapshot_id, const TableEdit& edit,
                                  iceberg::StringMap summary, TableChange& change);
  Result<std::string> record_text(LeadRecord record);
  iceberg::StringMap own_summary(const std::string& commit_key, const Counts& counts) const;
  TableState& state_of(const TableIdentifier& table);
  bool is_target(const TableIdentifier& table) const;
  Error halt(CommitDecision decision, const TableIdentifier& table) const;

  CommitterOptions options_;
  Catalog& catalog_;
  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  int64_t fence_epoch_ = 0;
  TableIdentifier lead_;
  std::string lead_uuid_;
  std::string commit_key_;  ///< of the lead, as last seen
  Progress progress_;
  /// What the caller said last that the progress becomes. Ours shares memory with it once that is decided: so what the
  /// caller builds on it is compared with ours at the cost of what moved.
  Progress after_;
  std::optional<StoredObject> state_;
  std::vector<StoredObject> older_states_;
  int64_t epochs_ = 0;
  FollowerRecords followers_;
  std::vector<UnfollowedEpoch> unfollowed_;
  LargeProgress large_;  ///< where the lead's record says that progress lies
  std::map<TableIdentifier, std::unique_ptr<TableState>> states_;
  std::unique_ptr<Request> request_;  ///< the last one, until its outcome is known
};

}  // namespace weir::lake

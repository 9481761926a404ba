#include "lake/commit.h"

#include <algorithm>

#include "base/fault.h"
#include "iceberg/schema_diff.h"
#include "lake/commit_decision.h"
#include "lake/intent_check.h"
#include "lake/snapshot_retention.h"
#include "lake/snapshot_writer.h"
#include "lake/table_history.h"

namespace weir::lake {
namespace {

constexpr int kAttemptsMax = 8;  // against foreign commits that win each time; then the caller waits and calls again

Error halt(CommitDecision decision, const TableIdentifier& table, const std::string& pipeline) {
  const std::string name = "table '" + table.to_string() + "'";
  switch (decision) {
    case CommitDecision::table_changed:
      return Error(ErrorKind::table_changed, name + " was dropped and created again since the pipeline '" + pipeline +
                                                 "' last wrote it; its progress does not belong to it");
    case CommitDecision::history_changed:
      return Error(ErrorKind::table_changed, name + " was rolled back behind what the pipeline '" + pipeline +
                                                 "' has committed; continuing would leave a gap");
    default:
      return Error(ErrorKind::fenced,
                   "a newer process of the pipeline '" + pipeline + "' writes " + name + "; this one stops");
  }
}

bool adds_files(CommitDecision decision) {
  return decision == CommitDecision::commit || decision == CommitDecision::rebase;
}

/// Puts the word of somebody who decided by hand into what a table remembers.
void decide(PipelineState& state, const std::string& key, const Progress& progress,
            const std::vector<ProgressDecision>& decisions) {
  state.commit_key = key;  // no intent of before has this parent
  state.progress = progress;
  std::vector<ProgressDecision>& all = state.decisions;
  all.insert(all.end(), decisions.begin(), decisions.end());
  if (all.size() > kDecisionsMax) all.erase(all.begin(), all.end() - static_cast<ptrdiff_t>(kDecisionsMax));
}

}  // namespace

/// What is kept of one table between commits.
struct PipelineCommitter::TableState {
  std::string uuid;       ///< of the table that take_fence() saw
  int32_t schema_id = 0;  ///< its current schema then
  SnapshotWriter writer;
};

/// One table's look at the moment of an attempt.
struct PipelineCommitter::Attempt {
  LoadedTable loaded;
  PipelineState state;
  CommitDecision decision = CommitDecision::commit;
};

Result<PipelineState> pipeline_state_of(const iceberg::TableMetadata& table, std::string_view pipeline) {
  const std::string_view text = table.property(pipeline_property(pipeline));
  if (text.empty()) return PipelineState();
  return PipelineState::from_text(text);
}

PipelineCommitter::PipelineCommitter(std::string pipeline, std::vector<TargetTable> targets, Catalog& catalog,
                                     ObjectStore& store, const Clock& clock, RandomSource& random,
                                     int64_t keep_snapshots)
    : pipeline_(std::move(pipeline)),
      targets_(std::move(targets)),
      catalog_(catalog),
      store_(store),
      clock_(clock),
      random_(random),
      keep_snapshots_(keep_snapshots) {}

PipelineCommitter::~PipelineCommitter() = default;

PipelineCommitter::TableState& PipelineCommitter::state_of(const TableIdentifier& table) {
  std::unique_ptr<TableState>& state = states_[table];
  if (!state)
    state = std::make_unique<TableState>(TableState{.uuid = {}, .schema_id = 0, .writer = {store_, clock_, random_}});
  return *state;
}

Result<void> PipelineCommitter::take_fence() {
  return take_tables([this](std::vector<PipelineState>& states) -> Result<void> {
    WEIR_TRY(agreed_progress(pipeline_, progress_of(states)));
    return {};
  });
}

Result<std::vector<ProgressDecision>> PipelineCommitter::override_progress(const ProgressOverride& wanted) {
  std::vector<ProgressDecision> decisions;
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_tables([&](std::vector<PipelineState>& states) -> Result<void> {
    WEIR_ASSIGN(Progress progress, agreed_progress(pipeline_, progress_of(states)));
    WEIR_ASSIGN(decisions, lake::override_progress(wanted, clock_.wall_ms(), progress));
    for (PipelineState& state : states) decide(state, key, progress, decisions);
    return {};
  }));
  return decisions;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::join(const std::vector<TableIdentifier>& tables,
                                                              const std::string& reason) {
  std::vector<ProgressDecision> decisions;
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_tables([&](std::vector<PipelineState>& states) -> Result<void> {
    WEIR_ASSIGN(const Joined joined, join_tables(pipeline_, progress_of(states), tables, reason, clock_.wall_ms()));
    decisions = joined.decisions;
    for (PipelineState& state : states) decide(state, key, joined.progress, decisions);
    return {};
  }));
  return decisions;
}

/// `states` are in the order of targets_.
std::vector<TableProgress> PipelineCommitter::progress_of(const std::vector<PipelineState>& states) const {
  std::vector<TableProgress> tables;
  tables.reserve(states.size());
  for (size_t i = 0; i < states.size(); ++i) tables.push_back({targets_[i].table, states[i].progress});
  return tables;
}

/// Takes the next fence epoch in all tables by one atomic commit, with `edit` of what they remember. `states` are in
/// the order of targets_.
Result<void> PipelineCommitter::take_tables(const StateEdit& edit) {
  if (targets_.size() > 1 && !catalog_.is_multi_table_atomic()) {
    return Error(ErrorKind::unsupported, "the pipeline '" + pipeline_ + "' writes " + std::to_string(targets_.size()) +
                                             " tables, and its catalog cannot change several at once");
  }
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    std::vector<TableChange> changes;
    std::vector<PipelineState> states;
    int64_t highest = 0;
    for (const TargetTable& target : targets_) {
      WEIR_ASSIGN(LoadedTable loaded, catalog_.load(target.table));
      WEIR_TRY(iceberg::check_writable(*loaded.metadata));
      WEIR_ASSIGN(PipelineState state, pipeline_state_of(*loaded.metadata, pipeline_));
      if (is_rolled_back(*loaded.metadata, state, pipeline_)) {
        return halt(CommitDecision::history_changed, target.table, pipeline_);
      }
      state_of(target.table).uuid = loaded.metadata->table_uuid;
      state_of(target.table).schema_id = loaded.metadata->current_schema_id;
      highest = std::max(highest, state.fence_epoch);
      states.push_back(std::move(state));
      changes.push_back({.base = std::move(loaded), .requirements = {}, .updates = {}});
    }
    WEIR_TRY(edit(states));
    std::map<std::string, std::string> tables;
    for (const TableChange& change : changes) tables[change.base.table.to_string()] = change.base.metadata->table_uuid;
    for (size_t i = 0; i < changes.size(); ++i) {
      states[i].fence_epoch = highest + 1;
      states[i].tables = tables;
      changes[i].requirements.push_back(iceberg::AssertTableUuid{changes[i].base.metadata->table_uuid});
      changes[i].requirements.push_back(iceberg::AssertRefSnapshotId{std::string(iceberg::kMainBranch),
                                                                     changes[i].base.metadata->current_snapshot_id});
      changes[i].updates.push_back(iceberg::SetProperties{{{pipeline_property(pipeline_), states[i].to_text()}}});
    }
    WEIR_TRY(fault_point("fence.before_commit"));
    WEIR_ASSIGN(const CommitOutcome outcome, catalog_.commit(changes));
    if (outcome == CommitOutcome::applied) {
      fence_epoch_ = highest + 1;
      return fault_point("fence.after_commit");
    }
    // Refused: somebody was faster. Unknown: perhaps ours; taking the next number is right either way.
  }
  return Error(ErrorKind::conflict, "could not take the pipeline '" + pipeline_ + "': other processes keep taking it");
}

Result<void> check_tables(Catalog& catalog, const std::string& pipeline, const std::vector<TargetTable>& targets,
                          std::span<const TableIdentifier> joining) {
  const auto is_joining = [&](const TargetTable& target) {
    return std::find(joining.begin(), joining.end(), target.table) != joining.end();
  };
  std::map<std::string, std::string> uuids;       // of the tables that are there
  std::map<std::string, std::string> remembered;  // what any of them says of all
  std::vector<TableProgress> progress;
  for (const TargetTable& target : targets) {
    if (!is_joining(target)) progress.push_back({.table = target.table, .progress = {}});
    const Result<LoadedTable> loaded = catalog.load(target.table);
    if (!loaded.ok() && loaded.error().kind() == ErrorKind::not_found) continue;
    if (!loaded.ok()) return loaded.error();
    uuids[target.table.to_string()] = loaded->metadata->table_uuid;
    WEIR_ASSIGN(const PipelineState state, pipeline_state_of(*loaded->metadata, pipeline));
    if (is_rolled_back(*loaded->metadata, state, pipeline))
      return halt(CommitDecision::history_changed, target.table, pipeline);
    remembered.insert(state.tables.begin(), state.tables.end());
    if (!is_joining(target)) progress.back().progress = state.progress;
  }
  for (const TargetTable& target : targets) {
    const auto known = remembered.find(target.table.to_string());
    if (known == remembered.end() || is_joining(target)) continue;
    const auto there = uuids.find(known->first);
    if (there == uuids.end() || there->second != known->second)
      return halt(CommitDecision::table_changed, target.table, pipeline);
  }
  WEIR_TRY(agreed_progress(pipeline, progress));
  return {};
}

/// What must hold before an epoch is prepared on a table as it is now: it is the table that take_fence() saw, nobody
/// has taken the pipeline over, and its history is whole. Without this an intent prepared on a newer process's commit
/// would count as its successor.
Result<void> PipelineCommitter::check_still_ours(const TargetTable& target, const LoadedTable& loaded,
                                                 const PipelineState& state) {
  if (loaded.metadata->table_uuid != state_of(target.table).uuid)
    return halt(CommitDecision::table_changed, target.table, pipeline_);
  if (state.fence_epoch != fence_epoch_) return halt(CommitDecision::fenced, target.table, pipeline_);
  if (loaded.metadata->current_schema_id != state_of(target.table).schema_id) {
    return Error(ErrorKind::table_changed, "the schema of table '" + target.table.to_string() +
                                               "' was changed while the pipeline '" + pipeline_ +
                                               "' ran. Start it again: it looks first whether its rows still fit");
  }
  if (state.snapshot_id != 0 && is_rolled_back(*loaded.metadata, state, pipeline_)) {
    return halt(CommitDecision::history_changed, target.table, pipeline_);
  }
  return {};
}

Result<Progress> PipelineCommitter::committed_progress() {
  std::vector<PipelineState> states;
  for (const TargetTable& target : targets_) {
    WEIR_ASSIGN(const LoadedTable loaded, catalog_.load(target.table));
    WEIR_ASSIGN(PipelineState state, pipeline_state_of(*loaded.metadata, pipeline_));
    states.push_back(std::move(state));
  }
  return agreed_progress(pipeline_, progress_of(states));
}

Result<PreparedCommit> PipelineCommitter::prepare(const std::vector<EpochFiles>& files, const Progress& after,
                                                  const Counts& counts) {
  PreparedCommit prepared{.pipeline = pipeline_,
                          .fence_epoch = fence_epoch_,
                          .commit_key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string(),
                          .after = after,
                          .counts = counts,
                          .tables = {}};
  for (const TargetTable& target : targets_) {
    WEIR_ASSIGN(PreparedTable table, prepare_table(target, files));
    prepared.tables.push_back(std::move(table));
  }
  return prepared;
}

Result<PreparedTable> PipelineCommitter::prepare_table(const TargetTable& target,
                                                       const std::vector<EpochFiles>& files) {
  WEIR_ASSIGN(const LoadedTable loaded, catalog_.load(target.table));
  WEIR_ASSIGN(const PipelineState state, pipeline_state_of(*loaded.metadata, pipeline_));
  WEIR_TRY(check_still_ours(target, loaded, state));
  PreparedTable table{.sink = target.sink,
                      .table = target.table,
                      .table_uuid = loaded.metadata->table_uuid,
                      .parent = loaded.metadata->current_snapshot_id,
                      .schema_id = loaded.metadata->current_schema_id,
                      .before_key = state.commit_key,
                      .manifests = {},
                      .is_dead_letter = target.is_dead_letter};
  const auto epoch =
      std::find_if(files.begin(), files.end(), [&](const EpochFiles& entry) { return entry.sink == target.sink; });
  if (epoch == files.end() || epoch->files.empty()) return table;
  table.snapshot_id = iceberg::new_snapshot_id(*loaded.metadata, random_);
  for (const iceberg::DataFile& file : epoch->files) {
    table.rows += file.record_count;
    table.bytes += file.size_bytes;
    ++table.files;
  }
  SnapshotWriter& writer = state_of(target.table).writer;
  WEIR_ASSIGN(table.manifests, writer.write_manifests(*loaded.metadata, table.snapshot_id, epoch->files));
  return table;
}

Result<CommitOutcome> PipelineCommitter::resolve(const PreparedCommit& prepared) {
  const bool is_of_earlier_process = prepared.fence_epoch < fence_epoch_;
  for (int round = 0; round < kAttemptsMax; ++round) {
    std::vector<TableChange> changes;
    for (const PreparedTable& table : prepared.tables) {
      WEIR_ASSIGN(const Attempt attempt, plan(prepared, table));
      if (is_of_earlier_process && round == 0 && adds_files(attempt.decision)) {
        WEIR_ASSIGN(const bool is_whole, can_be_committed(store_, table, *attempt.loaded.metadata));
        if (!is_whole) return CommitOutcome::refused;  // no table has it: its positions are read again
      }
      switch (attempt.decision) {
        case CommitDecision::applied: break;
        case CommitDecision::commit:
        case CommitDecision::rebase: {
          WEIR_ASSIGN(TableChange change, change_for(prepared, table, attempt));
          changes.push_back(std::move(change));
          break;
        }
        case CommitDecision::fenced:
          // An intent of an earlier process that somebody has overtaken is void: its positions have been read again and
          // committed by others.
          if (is_of_earlier_process && attempt.state.fence_epoch <= fence_epoch_) return CommitOutcome::refused;
          return halt(attempt.decision, table.table, pipeline_);
        case CommitDecision::table_changed:
        case CommitDecision::history_changed: return halt(attempt.decision, table.table, pipeline_);
      }
    }
    if (changes.empty()) return CommitOutcome::applied;
    WEIR_ASSIGN(const CommitOutcome outcome, catalog_.commit(changes));
    if (outcome != CommitOutcome::refused) return outcome;
  }
  return Error(ErrorKind::conflict,
               "other writers keep committing to the tables of the pipeline '" + pipeline_ + "' first");
}

/// Looks at one table and decides.
Result<PipelineCommitter::Attempt> PipelineCommitter::plan(const PreparedCommit& prepared, const PreparedTable& table) {
  Attempt attempt;
  WEIR_ASSIGN(attempt.loaded, catalog_.load(table.table));
  const iceberg::TableMetadata& metadata = *attempt.loaded.metadata;
  CommitFacts facts;
  facts.same_table = metadata.table_uuid == table.table_uuid;
  if (facts.same_table) {
    WEIR_ASSIGN(attempt.state, pipeline_state_of(metadata, pipeline_));
    facts.own_fence = fence_epoch_;
    facts.table_fence = attempt.state.fence_epoch;
    facts.progress = attempt.state.commit_key == prepared.commit_key ? StoredProgress::after
                     : attempt.state.commit_key == table.before_key  ? StoredProgress::before
                                                                     : StoredProgress::foreign;
    facts.parent_is_current = metadata.current_snapshot_id == table.parent;
    if (!facts.parent_is_current || facts.progress == StoredProgress::foreign) {
      facts.own_snapshot_found =
          table.snapshot_id != 0 && ancestry_of(metadata, table.snapshot_id, 0) == Ancestry::ancestor;
      facts.is_rolled_back = is_rolled_back(metadata, attempt.state, pipeline_);
    }
  }
  attempt.decision = decide_commit(facts);
  if (adds_files(attempt.decision) && table.snapshot_id != 0) WEIR_TRY(require_schema(metadata, table));
  return attempt;
}

/// Columns that became required since the files were written may be null in them.
Result<void> PipelineCommitter::require_schema(const iceberg::TableMetadata& metadata, const PreparedTable& table) {
  if (table.schema_id < 0 || table.schema_id == metadata.current_schema_id) return {};
  const iceberg::StoredSchema* written = metadata.find_schema(table.schema_id);
  const iceberg::StoredSchema& current = metadata.current_schema();
  if (written != nullptr && written->schema && current.schema &&
      iceberg::keeps_required(*written->schema, *current.schema))
    return {};
  return Error(ErrorKind::table_changed,
               "the schema of table '" + table.table.to_string() +
                   "' was changed while rows were on their way to it, and a column is required now that may be null "
                   "in them. Make it optional again");
}

/// What Weir says of a commit in a snapshot's summary; docs/formats/table-properties.md.
iceberg::StringMap PipelineCommitter::summary_of(const PreparedCommit& prepared, const Attempt& attempt,
                                                 const Counts& counts) const {
  iceberg::StringMap summary;
  for (const auto& [name, count] : counts) summary["weir." + name] = std::to_string(count);
  summary["engine-name"] = "weir";
  summary["weir.pipeline"] = pipeline_;
  summary["weir.fence-epoch"] = std::to_string(fence_epoch_);
  summary["weir.commit-key"] = prepared.commit_key;
  summary["weir.progress"] = prepared.after.changes_since(attempt.state.progress).to_text();
  return summary;
}

Result<TableChange> PipelineCommitter::change_for(const PreparedCommit& prepared, const PreparedTable& table,
                                                  const Attempt& attempt) {
  TableChange change{.base = attempt.loaded, .requirements = {}, .updates = {}};
  const iceberg::TableMetadata& base = *attempt.loaded.metadata;
  change.requirements.push_back(iceberg::AssertTableUuid{table.table_uuid});
  change.requirements.push_back(
      iceberg::AssertRefSnapshotId{std::string(iceberg::kMainBranch), base.current_snapshot_id});
  PipelineState state{.fence_epoch = fence_epoch_,
                      .commit_key = prepared.commit_key,
                      .snapshot_id = attempt.state.snapshot_id,
                      .sequence_number = attempt.state.sequence_number,
                      .progress = prepared.after,
                      .tables = attempt.state.tables,
                      .counts = attempt.state.counts,
                      .decisions = attempt.state.decisions};
  for (const auto& [name, count] : prepared.counts) state.counts[name] += count;
  if (table.snapshot_id != 0) {
    iceberg::StringMap summary = summary_of(prepared, attempt, std::exchange(state.counts, {}));
    WEIR_ASSIGN(
        iceberg::Snapshot snapshot,
        state_of(table.table).writer.write_snapshot(base, table.snapshot_id, table.manifests, std::move(summary)));
    state.snapshot_id = snapshot.id;
    state.sequence_number = snapshot.sequence_number;
    change.updates.push_back(iceberg::AddSnapshot{std::move(snapshot)});
    change.updates.push_back(iceberg::ref_to(base, iceberg::kMainBranch, table.snapshot_id));
    if (keep_snapshots_ > 0) {
      std::vector<int64_t> old = snapshots_to_remove(base, keep_snapshots_ - 1);  // and the new one
      if (!old.empty()) change.updates.push_back(iceberg::RemoveSnapshots{std::move(old)});
    }
  }
  change.updates.push_back(iceberg::SetProperties{{{pipeline_property(pipeline_), state.to_text()}}});
  return change;
}

}  // namespace weir::lake

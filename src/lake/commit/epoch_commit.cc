/// \file
/// Epochs: from files to a decision of the lead, and to the other tables.
#include <algorithm>

#include "iceberg/schema/schema_diff.h"
#include "lake/commit/committer_state_internal.h"
#include "lake/commit/prepared_check.h"
#include "lake/commit/table_history.h"

namespace weir::lake {
namespace {

bool adds_files(CommitDecision decision) {
  return decision == CommitDecision::commit || decision == CommitDecision::rebase;
}

Remembered compare(const std::string& key, const std::string& after, const std::string& before) {
  return key == after ? Remembered::after : key == before ? Remembered::before : Remembered::foreign;
}

/// Columns that became required since the files were written may be null in them.
Result<void> require_schema(const iceberg::TableMetadata& metadata, const PreparedTable& table) {
  if (table.schema_id < 0 || table.schema_id == metadata.current_schema_id) return {};
  const iceberg::StoredSchema* written = metadata.find_schema(table.schema_id);
  const iceberg::StoredSchema& current = metadata.current_schema();
  if (written != nullptr && written->schema && current.schema &&
      iceberg::keeps_required(*written->schema, *current.schema))
    return {};
  return Error(ErrorKind::table_changed,
               "the schema of table '" + table.target.table.to_string() +
                   "' was changed while rows were on their way to it, and a column is required now that may be null "
                   "in them. Make it optional again");
}

std::vector<TableIdentifier> names_of(const PreparedCommit& prepared) {
  std::vector<TableIdentifier> names;
  for (const PreparedTable& table : prepared.tables) names.push_back(table.target.table);
  return names;
}

void add_counts(Counts& counts, const Counts& more) {
  for (const auto& [name, count] : more) counts[name] += count;
}

}  // namespace

Result<PipelineCommitter::Look> PipelineCommitter::look_at(std::span<const TableIdentifier> tables) {
  Look look;
  WEIR_ASSIGN(std::vector<std::optional<LoadedTable>> loaded, catalog_.load_all(tables));
  for (size_t i = 0; i < tables.size(); ++i) {
    FoundTable table{.target = {.sink = {}, .table = tables[i]}, .loaded = std::move(loaded[i]), .property = {}};
    if (table.loaded) {
      WEIR_ASSIGN(table.property, property_of(*table.loaded, options_.pipeline));
    }
    look.tables.push_back(std::move(table));
  }
  if (!look.tables.front().loaded) return halt(CommitDecision::table_changed, tables.front());
  const PipelineProperty& property = look.tables.front().property;
  if (std::holds_alternative<TableMarker>(property))
    return halt(CommitDecision::fenced, tables.front());  // handed over
  if (const auto* record = std::get_if<LeadRecord>(&property)) look.record = *record;
  return look;
}

/// A look that `judge` takes. Where tables are read one by one while a newer process commits, they are of different
/// moments and seem to disagree: what halts must be seen twice.
Result<PipelineCommitter::Look> PipelineCommitter::look_twice_before_halt(
    std::span<const TableIdentifier> tables, const std::function<Result<void>(const Look&)>& judge) {
  const auto location = [](const FoundTable& table) {
    return table.loaded ? table.loaded->metadata_location : std::string();
  };
  std::vector<std::string> before;
  for (int attempt = 0;; ++attempt) {
    WEIR_ASSIGN(Look look, look_at(tables));
    Result<void> judged = judge(look);
    if (judged.ok()) return look;
    std::vector<std::string> now;
    for (const FoundTable& table : look.tables) now.push_back(location(table));
    const bool may_be_torn = judged.error().kind() == ErrorKind::table_changed && now != before;
    if (!may_be_torn || attempt == kAttemptsMax) return std::move(judged).error();
    before = std::move(now);
  }
}

/// What must hold before an epoch is prepared on a table as it is now. Without it an epoch prepared on a newer
/// process's commit would count as its successor.
Result<void> PipelineCommitter::check_still_ours(const Look& look, size_t i) {
  const FoundTable& table = look.tables[i];
  const TableIdentifier& name = table.target.table;
  if (!table.loaded || table.loaded->metadata->table_uuid != state_of(name).uuid)
    return halt(CommitDecision::table_changed, name);
  if (i == 0 && look.record.fence_epoch > fence_epoch_) return halt(CommitDecision::fenced, name);
  const std::optional<LastCommit> last = i == 0 ? look.record.last : last_commit_to(look.record, table);
  const bool is_behind = i == 0 ? look.record.fence_epoch < fence_epoch_ || look.record.commit_key != commit_key_
                                : !last || table.last().key != last->key;
  if (is_behind) return halt(CommitDecision::history_changed, name);
  if (table.loaded->metadata->current_schema_id != state_of(name).schema_id) {
    return Error(ErrorKind::table_changed, "the schema of table '" + name.to_string() +
                                               "' was changed while the pipeline '" + options_.pipeline +
                                               "' ran. Start it again: it looks first whether its rows still fit");
  }
  WEIR_ASSIGN(const HistoryVerdict verdict, prove_history(store_, *table.loaded, options_.pipeline, *last));
  return history_error(verdict, name, options_.pipeline);
}

Result<PreparedCommit> PipelineCommitter::prepare(const std::vector<EpochFiles>& files, const Progress& after,
                                                  const Counts& counts, EpochCompanions companions) {
  const auto waiting = std::ranges::count_if(
      unfollowed_, [&](const UnfollowedEpoch& epoch) { return epoch.number > companions.outbox.followed; });
  if (!companions.outbox.parts.empty() && waiting >= static_cast<ptrdiff_t>(kUnfollowedMax))
    return Error(ErrorKind::limit_exceeded, std::to_string(waiting) + " epochs wait for followers already");
  std::vector<TargetTable> targets;  // the lead, then those that get rows
  for (const TargetTable& target : options_.targets) {
    const bool has_rows = std::any_of(files.begin(), files.end(), [&](const EpochFiles& entry) {
      return entry.sink == target.sink && !entry.empty();
    });
    if (target.table == lead_)
      targets.insert(targets.begin(), target);
    else if (has_rows)
      targets.push_back(target);
  }
  std::vector<TableIdentifier> names;
  names.reserve(targets.size());
  for (const TargetTable& target : targets) names.push_back(target.table);
  const auto judge = [&](const Look& look) -> Result<void> {
    for (size_t i = 0; i < targets.size(); ++i) WEIR_TRY(check_still_ours(look, i));
    return {};
  };
  WEIR_ASSIGN(Look look, look_twice_before_halt(names, judge));
  PreparedCommit prepared{.pipeline = options_.pipeline,
                          .fence_epoch = fence_epoch_,
                          .commit_key = std::move(companions.commit_key),
                          .before_key = commit_key_,
                          .moved = after.changes_since(progress_),
                          .counts = counts,
                          .tables = {},
                          .number = epochs_ + 1,
                          .outbox = std::move(companions.outbox),
                          .state = std::move(companions.state)};
  if (prepared.commit_key.empty()) prepared.commit_key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  for (size_t i = 0; i < targets.size(); ++i) {
    look.tables[i].target = targets[i];
    WEIR_ASSIGN(PreparedTable table, prepare_table(look, i, files, counts));
    prepared.tables.push_back(std::move(table));
  }
  after_ = after;
  return prepared;
}

Result<PreparedTable> PipelineCommitter::prepare_table(const Look& look, size_t i, const std::vector<EpochFiles>& files,
                                                       const Counts& counts) {
  const FoundTable& found = look.tables[i];
  const iceberg::TableMetadata& metadata = *found.loaded->metadata;
  const bool is_lead = i == 0;
  PreparedTable table{
      .target = found.target,
      .table_uuid = metadata.table_uuid,
      .parent = metadata.current_snapshot_id,
      .schema_id = metadata.current_schema_id,
      .before = is_lead ? look.record.last : *last_commit_to(look.record, found),
      .edit = {},
      .counts = is_lead ? look.record.counts : look.record.tables.at(found.target.table.to_string()).counts};
  add_counts(table.counts, counts);
  const auto epoch = std::find_if(files.begin(), files.end(),
                                  [&](const EpochFiles& entry) { return entry.sink == found.target.sink; });
  if (epoch == files.end() || epoch->empty()) return table;
  table.snapshot_id = iceberg::new_snapshot_id(metadata, random_);
  SnapshotWriter& writer = state_of(found.target.table).writer;
  WEIR_ASSIGN(WrittenEdit written, writer.write_edit(metadata, table.snapshot_id, epoch->parts));
  table.edit = std::move(written.edit);
  table.rows = written.rows;
  table.files = written.files;
  table.bytes = written.bytes;
  return table;
}

/// Looks at one table of an epoch, the lead when `i` is 0.
Result<CommitDecision> PipelineCommitter::decide(const PreparedCommit& prepared, const Look& look, size_t i) {
  const PreparedTable& table = prepared.tables[i];
  const FoundTable& found = look.tables[i];
  if (!found.loaded || found.loaded->metadata->table_uuid != table.table_uuid) {
    const bool was_taken_out = !found.loaded && i != 0 && !is_target(table.target.table);
    return was_taken_out ? CommitDecision::applied : CommitDecision::table_changed;
  }
  const iceberg::TableMetadata& metadata = *found.loaded->metadata;
  const bool parent_is_current = metadata.current_snapshot_id == table.parent;
  const std::string& key = i == 0 ? look.record.commit_key : found.last().key;
  const Remembered remembered = compare(key, prepared.commit_key, i == 0 ? prepared.before_key : table.before.key);
  bool own_snapshot_found = false;
  bool history_intact = true;
  if (remembered != Remembered::after && (!parent_is_current || remembered == Remembered::foreign)) {
    own_snapshot_found = table.snapshot_id != 0 && is_in_main(metadata, table.snapshot_id);
    WEIR_ASSIGN(const HistoryVerdict verdict,
                prove_history(store_, *found.loaded, options_.pipeline, i == 0 ? look.record.last : table.before));
    history_intact = verdict == HistoryVerdict::intact;
  }
  CommitDecision decision;
  if (i == 0) {
    decision = decide_epoch({.own_snapshot_found = own_snapshot_found,
                             .remembered = remembered,
                             .table_fence = look.record.fence_epoch,
                             .own_fence = fence_epoch_,
                             .parent_is_current = parent_is_current,
                             .history_intact = history_intact});
  } else {
    decision = decide_roll_forward({.own_snapshot_found = own_snapshot_found,
                                    .remembered = remembered,
                                    .lead_is_ours = look.record.fence_epoch == fence_epoch_,
                                    .parent_is_current = parent_is_current,
                                    .history_intact = history_intact});
  }
  if (adds_files(decision) && table.snapshot_id != 0) WEIR_TRY(require_schema(metadata, table));
  return decision;
}

Result<CommitOutcome> PipelineCommitter::commit(const PreparedCommit& prepared, const StoredObject& place) {
  const bool is_atomic = catalog_.abilities().is_multi_table_atomic;
  for (int round = 0; round < kAttemptsMax; ++round) {
    WEIR_ASSIGN(const Look look, look_at(names_of(prepared)));
    WEIR_ASSIGN(const CommitDecision decision, decide(prepared, look, 0));
    if (decision == CommitDecision::applied) {
      take_over(prepared, place);
      return roll_forward(prepared);
    }
    if (!adds_files(decision)) return halt(decision, prepared.lead().target.table);
    WEIR_ASSIGN(const Request* request, epoch_request(prepared, place, look));
    WEIR_ASSIGN(const CommitOutcome outcome, catalog_.commit(request->changes, request->key));
    if (outcome == CommitOutcome::unknown) return outcome;
    request_.reset();
    if (outcome == CommitOutcome::refused) continue;
    take_over(prepared, place);
    return is_atomic ? outcome : roll_forward(prepared);
  }
  return Error(ErrorKind::conflict, "other writers keep committing to table '" +
                                        prepared.lead().target.table.to_string() + "' of the pipeline '" +
                                        options_.pipeline + "' first");
}

/// The epoch is decided. Done again it changes nothing.
void PipelineCommitter::take_over(const PreparedCommit& prepared, const StoredObject& place) {
  if (commit_key_ != prepared.commit_key) epochs_ += 1;
  commit_key_ = prepared.commit_key;
  progress_.merge(prepared.moved);
  progress_.share_with(after_);
  advance_state(prepared.state, state_, older_states_);
  advance_followers(prepared.outbox, epochs_, place, followers_, unfollowed_);
}

/// The changes that decide an epoch on the tables as `look` has them; the same request again when nothing has changed
/// since the last attempt.
Result<const PipelineCommitter::Request*> PipelineCommitter::epoch_request(const PreparedCommit& prepared,
                                                                           const StoredObject& place,
                                                                           const Look& look) {
  std::string of = prepared.commit_key + " " + std::to_string(fence_epoch_);
  for (const FoundTable& table : look.tables) of += " " + (table.loaded ? table.loaded->metadata_location : "");
  if (request_ && request_->of == of) return request_.get();
  auto request =
      std::make_unique<Request>(Request{.of = std::move(of), .key = Uuid::random(random_).to_string(), .changes = {}});
  LeadRecord record = look.record;
  record.fence_epoch = fence_epoch_;
  record.commit_key = prepared.commit_key;
  record.commit_fence = fence_epoch_;
  record.prepared = place;
  advance_state(prepared.state, record.state, record.older_states);
  ++record.epochs;
  advance_followers(prepared.outbox, record.epochs, place, record.followers, record.unfollowed);
  record.progress = progress_;
  record.progress.merge(prepared.moved);
  std::erase_if(record.tables, [&](const auto& entry) {  // a table that was taken out lacks what comes now
    const Result<TableIdentifier> name = TableIdentifier::parse(entry.first);
    return !name.ok() || !is_target(*name);
  });
  for (auto& [name, entry] : record.tables) add_counts(entry.counts, prepared.counts);
  std::vector<TableChange> others;
  for (size_t i = 1; i < prepared.tables.size(); ++i) {
    const PreparedTable& table = prepared.tables[i];
    TableEntry& entry = record.tables[table.target.table.to_string()];
    entry = {.uuid = table.table_uuid,
             .last = {.key = prepared.commit_key, .snapshot_id = table.snapshot_id},
             .before_key = table.before.key};
    if (!catalog_.abilities().is_multi_table_atomic) continue;
    WEIR_ASSIGN(const CommitDecision decision, decide(prepared, look, i));
    if (decision == CommitDecision::applied) continue;
    if (!adds_files(decision)) return halt(decision, table.target.table);
    WEIR_ASSIGN(TableChange change, follower_change(prepared, table, *look.tables[i].loaded));
    entry.last.sequence_number = look.tables[i].loaded->metadata->last_sequence_number + 1;
    others.push_back(std::move(change));
  }
  iceberg::StringMap summary = own_summary(prepared.commit_key, prepared.lead().counts);
  summary["weir.progress"] = prepared.moved.to_summary();
  add_counts(record.counts, prepared.counts);
  WEIR_ASSIGN(TableChange change, lead_change(look.lead(), std::move(record), &prepared.lead(), std::move(summary)));
  request->changes.push_back(std::move(change));
  std::move(others.begin(), others.end(), std::back_inserter(request->changes));
  request_ = std::move(request);
  return request_.get();
}

/// Brings the other tables after the lead: each with the snapshot id that was fixed, on whatever main it has now. One
/// that was changed halts, behind the others: whoever decides on it must not have to give up their rows too.
Result<CommitOutcome> PipelineCommitter::roll_forward(const PreparedCommit& prepared) {
  Result<CommitOutcome> all = CommitOutcome::applied;
  for (size_t i = 1; i < prepared.tables.size(); ++i) {
    if (prepared.tables[i].snapshot_id == 0) continue;
    Result<CommitOutcome> outcome = follow(prepared, prepared.tables[i]);
    const bool is_changed = !outcome.ok() && outcome.error().kind() == ErrorKind::table_changed;
    if (!is_changed && (!outcome.ok() || *outcome != CommitOutcome::applied)) return outcome;
    if (is_changed && all.ok()) all = std::move(outcome);
  }
  return all;
}

Result<CommitOutcome> PipelineCommitter::follow(const PreparedCommit& prepared, const PreparedTable& table) {
  PreparedCommit pair = prepared;
  pair.tables = {prepared.lead(), table};
  for (int round = 0; round < kAttemptsMax; ++round) {
    CommitDecision decision = CommitDecision::applied;
    const auto judge = [&](const Look& look) -> Result<void> {
      WEIR_ASSIGN(decision, decide(pair, look, 1));
      if (decision == CommitDecision::applied || adds_files(decision)) return {};
      return halt(decision, table.target.table);
    };
    WEIR_ASSIGN(const Look look, look_twice_before_halt(names_of(pair), judge));
    if (decision == CommitDecision::applied) return CommitOutcome::applied;
    const LoadedTable& base = *look.tables.back().loaded;
    std::string of = prepared.commit_key + " follows on " + base.metadata_location;
    if (!request_ || request_->of != of) {
      WEIR_ASSIGN(TableChange change, follower_change(prepared, table, base));
      request_ = std::make_unique<Request>(
          Request{.of = std::move(of), .key = Uuid::random(random_).to_string(), .changes = {std::move(change)}});
    }
    WEIR_ASSIGN(const CommitOutcome outcome, catalog_.commit(request_->changes, request_->key));
    if (outcome == CommitOutcome::unknown) return outcome;
    request_.reset();
    if (outcome == CommitOutcome::applied) return outcome;
  }
  return CommitOutcome::unknown;  // a decided epoch is never refused: others were faster so far
}

Result<CommitOutcome> PipelineCommitter::recover(PreparedCommit prepared, const StoredObject& place) {
  if (prepared.pipeline != options_.pipeline) {
    return Error(ErrorKind::invalid_argument, "a prepared epoch belongs to the pipeline '" + prepared.pipeline +
                                                  "', not to '" + options_.pipeline + "'");
  }
  auto& tables = prepared.tables;
  const auto lead = std::find_if(tables.begin(), tables.end(),
                                 [&](const PreparedTable& table) { return table.target.table == lead_; });
  if (lead == tables.end()) return CommitOutcome::refused;
  // Version 1 has all tables of the pipeline, in the order of the file.
  std::rotate(tables.begin(), lead, lead + 1);
  if (prepared.is_version_1) prepared.before_key = prepared.lead().before.key;
  std::erase_if(tables,
                [&](const PreparedTable& table) { return table.snapshot_id == 0 && table.target.table != lead_; });
  WEIR_ASSIGN(const Look look, look_at(names_of(prepared)));
  // Whoever is fenced deletes nothing: what is void for this process, a newer one may have decided.
  if (look.record.fence_epoch > fence_epoch_) return halt(CommitDecision::fenced, lead_);
  if (look.record.commit_key == prepared.commit_key) return commit(prepared, place);
  if (look.record.commit_key != prepared.before_key) return CommitOutcome::refused;  // overtaken
  for (size_t i = 0; i < tables.size(); ++i) {
    const std::optional<LoadedTable>& now = look.tables[i].loaded;
    if (!is_target(tables[i].target.table) || !now || now->metadata->table_uuid != tables[i].table_uuid)
      return CommitOutcome::refused;
    WEIR_ASSIGN(const bool is_whole, can_be_committed(store_, tables[i], *now->metadata));
    if (!is_whole) return CommitOutcome::refused;  // no table has it: its positions are read again
    const std::optional<LastCommit> last = i == 0 ? look.record.last : last_commit_to(look.record, look.tables[i]);
    if (!last || last->key != tables[i].before.key) return CommitOutcome::refused;
    tables[i].before = *last;
    if (prepared.is_version_1) {
      add_counts(tables[i].counts,
                 i == 0 ? look.record.counts : look.record.tables.at(tables[i].target.table.to_string()).counts);
    }
  }
  return commit(prepared, place);
}

}  // namespace weir::lake

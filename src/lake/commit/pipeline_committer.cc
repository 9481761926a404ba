#include "lake/commit/pipeline_committer.h"

#include <algorithm>

#include "base/fault.h"
#include "lake/commit/committer_state_internal.h"

namespace weir::lake {
namespace {

/// So many fence epochs back an undecided epoch is looked for: that many processes died before they decided anything.
constexpr int64_t kUndecidedMax = 16;

/// Where a table stands that is taken as it is.
LastCommit as_it_is(const FoundTable& table) {
  const iceberg::Snapshot* main = table.loaded->metadata->current_snapshot();
  LastCommit last = table.last();
  last.snapshot_id = main == nullptr ? 0 : main->id;
  last.sequence_number = main == nullptr ? 0 : main->sequence_number;
  return last;
}

/// Puts what was decided by hand into the record.
void remember(LeadRecord& record, const std::string& key, const std::vector<ProgressDecision>& decisions) {
  record.commit_key = key;  // no epoch that was prepared before has this parent
  record.commit_fence = record.fence_epoch + 1;
  record.prepared.reset();
  std::vector<ProgressDecision>& all = record.decisions;
  all.insert(all.end(), decisions.begin(), decisions.end());
  if (all.size() > kDecisionsMax) all.erase(all.begin(), all.end() - static_cast<ptrdiff_t>(kDecisionsMax));
}

ProgressDecision of_state(std::string became, int64_t at_ms, std::string reason) {
  return {.at_ms = at_ms,
          .state = std::move(became),
          .table = {},
          .source = {},
          .partition = {},
          .before = {},
          .next = {},
          .reason = std::move(reason)};
}

/// A new commit key voids what is undecided; what is decided must not be lost with it.
Result<void> require_followed(const PipelineTables& all, std::span<const TableIdentifier> joining) {
  for (const FoundTable* table : tables_behind(all)) {
    const TableIdentifier& name = table->target.table;
    if (std::find(joining.begin(), joining.end(), name) != joining.end()) continue;
    return Error(ErrorKind::table_changed, "table '" + name.to_string() +
                                               "' does not have the last commit of the pipeline '" + all.pipeline +
                                               "' yet. Start the pipeline once, so that it gets it; then decide. Or, "
                                               "where another table keeps it from starting, decide on both: `weir "
                                               "progress join PIPELINE.yaml --table TABLE --table " +
                                               name.to_string() + " --reason TEXT` leaves those rows out");
  }
  return {};
}

std::string name_of_prepared(const std::string& pipeline, const std::string& lead_uuid, int64_t fence,
                             const std::string& before_key) {
  return pipeline + "." + lead_uuid + "." + std::to_string(fence) + "." + (before_key.empty() ? "first" : before_key);
}

}  // namespace

PipelineCommitter::PipelineCommitter(CommitterOptions options, Catalog& catalog, ObjectStore& store, const Clock& clock,
                                     RandomSource& random)
    : options_(std::move(options)), catalog_(catalog), store_(store), clock_(clock), random_(random) {
  WEIR_CHECK(!options_.targets.empty());
}

PipelineCommitter::~PipelineCommitter() = default;

PipelineCommitter::TableState& PipelineCommitter::state_of(const TableIdentifier& table) {
  std::unique_ptr<TableState>& state = states_[table];
  if (!state)
    state = std::make_unique<TableState>(TableState{.uuid = {}, .schema_id = 0, .writer = {store_, clock_, random_}});
  return *state;
}

bool PipelineCommitter::is_target(const TableIdentifier& table) const {
  return std::any_of(options_.targets.begin(), options_.targets.end(),
                     [&](const TargetTable& target) { return target.table == table; });
}

std::string PipelineCommitter::prepared_name() const {
  return name_of_prepared(options_.pipeline, lead_uuid_, fence_epoch_, commit_key_);
}

Result<Unfinished> PipelineCommitter::open() {
  LeadRecord before;
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables&) -> Result<void> {
        before = record;
        return {};
      },
      ""));
  WEIR_ASSIGN(const PipelineTables all, check_tables(catalog_, store_, options_.pipeline, options_.targets));
  if (all.record.fence_epoch != fence_epoch_) return halt(CommitDecision::fenced, all.lead_table().target.table);
  for (const FoundTable& table : all.tables) {
    state_of(table.target.table).uuid = table.loaded->metadata->table_uuid;
    state_of(table.target.table).schema_id = table.loaded->metadata->current_schema_id;
  }
  Unfinished unfinished;
  const std::vector<const FoundTable*> behind = tables_behind(all);
  if (!behind.empty() && !all.record.prepared)
    return halt(CommitDecision::history_changed, behind.front()->target.table);
  const bool is_unfollowed = std::ranges::any_of(
      all.record.unfollowed, [&](const UnfollowedEpoch& epoch) { return epoch.prepared == all.record.prepared; });
  if (!behind.empty()) unfinished.decided = all.record.prepared;
  if (behind.empty() && !is_unfollowed) unfinished.settled = all.record.prepared;
  const int64_t oldest = std::max({before.commit_fence, before.fence_epoch - kUndecidedMax + 1, int64_t{1}});
  for (int64_t fence = before.fence_epoch; fence >= oldest; --fence)
    unfinished.undecided.push_back(name_of_prepared(options_.pipeline, lead_uuid_, fence, commit_key_));
  return unfinished;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::override_progress(const ProgressOverride& wanted) {
  std::vector<ProgressDecision> decisions;
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables& all) -> Result<void> {
        if (Result<void> followed = require_followed(all, {}); !followed.ok()) return followed;
        WEIR_ASSIGN(decisions, lake::override_progress(wanted, clock_.wall_ms(), record.progress));
        remember(record, key, decisions);
        return {};
      },
      key));
  return decisions;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::forget_state(const std::string& reason) {
  WEIR_TRY(check_reason(reason));
  const std::vector<ProgressDecision> decisions = {of_state(kStateForgotten, clock_.wall_ms(), reason)};
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables& all) -> Result<void> {
        if (Result<void> followed = require_followed(all, {}); !followed.ok()) return followed;
        if (!record.state) {
          return Error(ErrorKind::invalid_argument,
                       "the pipeline '" + options_.pipeline + "' has no state that could be forgotten");
        }
        advance_state(std::nullopt, record.state, record.older_states);
        remember(record, key, decisions);
        return {};
      },
      key));
  return decisions;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::accept_rejects(int64_t rejects, const std::string& reason) {
  WEIR_TRY(check_reason(reason));
  std::vector<ProgressDecision> decisions = {of_state("", clock_.wall_ms(), reason)};
  decisions.front().rejects = rejects;
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables& all) -> Result<void> {
        if (Result<void> followed = require_followed(all, {}); !followed.ok()) return followed;
        remember(record, key, decisions);
        return {};
      },
      key));
  return decisions;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::restore(const SavepointOverride& wanted) {
  WEIR_TRY(check_reason(wanted.reason));
  const std::vector<ProgressDecision> decisions = {of_state(wanted.place, clock_.wall_ms(), wanted.reason)};
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables& all) -> Result<void> {
        if (Result<void> followed = require_followed(all, {}); !followed.ok()) return followed;
        if (Result<void> fits = check_savepoint(all, wanted); !fits.ok()) return fits;
        if (record.progress.empty()) record.progress = wanted.progress;
        advance_state(wanted.state, record.state, record.older_states);
        remember(record, key, decisions);
        return {};
      },
      key));
  return decisions;
}

Result<std::vector<ProgressDecision>> PipelineCommitter::join(const std::vector<TableIdentifier>& tables,
                                                              const std::string& reason) {
  const auto invalid = [](std::string message) { return Error(ErrorKind::invalid_argument, std::move(message)); };
  WEIR_TRY(check_reason(reason));
  if (tables.empty()) return invalid("name the tables that go on as they are");
  std::vector<ProgressDecision> decisions;
  for (const TableIdentifier& table : tables) {
    if (!is_target(table) || std::count(tables.begin(), tables.end(), table) > 1) {
      return Error(ErrorKind::not_found, "'" + table.to_string() + "' is not a table of the pipeline '" +
                                             options_.pipeline + "', or is named twice");
    }
    decisions.push_back(
        {.at_ms = clock_.wall_ms(), .table = table.to_string(), .before = {}, .next = {}, .reason = reason});
  }
  const Result<PipelineTables> now = check_tables(catalog_, store_, options_.pipeline, options_.targets);
  if (now.ok() && tables_behind(*now).empty())
    return invalid("table '" + tables.front().to_string() + "' lacks nothing that the other tables hold");
  const std::string key = Uuid::time_ordered(random_, clock_.wall_ms()).to_string();
  WEIR_TRY(take_lead(
      [&](LeadRecord& record, const PipelineTables& all) -> Result<void> {
        if (Result<void> followed = require_followed(all, tables); !followed.ok()) return followed;
        for (const FoundTable& table : all.tables) {
          if (std::find(tables.begin(), tables.end(), table.target.table) == tables.end()) continue;
          if (table.target.table == all.lead_table().target.table) {
            record.last = as_it_is(table);
          } else {
            record.tables[table.target.table.to_string()] = {.uuid = table.loaded->metadata->table_uuid,
                                                             .last = as_it_is(table)};
          }
        }
        remember(record, key, decisions);
        return {};
      },
      key, tables));
  return decisions;
}

/// Raises the fence epoch in the lead by a commit of it alone, with `edit` of the record. `edit_key` is the commit key
/// that the edit leaves in the record: where it is found the edit has been made, whatever the catalog answered.
Result<void> PipelineCommitter::take_lead(const RecordEdit& edit, const std::string& edit_key,
                                          std::span<const TableIdentifier> joining) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    WEIR_ASSIGN(const PipelineTables all, check_tables(catalog_, store_, options_.pipeline, options_.targets, joining));
    for (const FoundTable& table : all.tables) {
      if (!table.loaded)
        return Error(ErrorKind::not_found, "table '" + table.target.table.to_string() + "' does not exist");
      WEIR_TRY(iceberg::check_writable(*table.loaded->metadata));
    }
    const LoadedTable& base = *all.lead_table().loaded;
    LeadRecord record = all.record;
    const bool is_made = !edit_key.empty() && record.commit_key == edit_key;
    CommitOutcome outcome = CommitOutcome::applied;
    if (!is_made) {
      record.uuid = base.metadata->table_uuid;
      for (const FoundTable& table : all.tables) {
        if (table.target.table == base.table) continue;
        record.tables.try_emplace(table.target.table.to_string(),
                                  TableEntry{.uuid = table.loaded->metadata->table_uuid});
      }
      WEIR_TRY(edit(record, all));
      ++record.fence_epoch;
      iceberg::StringMap summary = own_summary({}, {});  // of an epoch that has no rows and decides nothing
      summary["weir.fence-epoch"] = std::to_string(record.fence_epoch);
      WEIR_ASSIGN(const TableChange change, lead_change(base, record, nullptr, std::move(summary)));
      std::vector<TableChange> changes = {change};
      if (all.former_lead) {
        WEIR_ASSIGN(TableChange hand_over, hand_over_change(*all.former_lead, base));
        changes.push_back(std::move(hand_over));
      }
      WEIR_TRY(fault_point("fence.before_commit"));
      WEIR_ASSIGN(outcome, catalog_.commit(changes, Uuid::random(random_).to_string()));
    }
    if (outcome == CommitOutcome::applied) {
      fence_epoch_ = is_made ? record.commit_fence : record.fence_epoch;  // others may have fenced since it was made
      lead_ = base.table;
      lead_uuid_ = base.metadata->table_uuid;
      take_record(record);
      return fault_point("fence.after_commit");
    }
    // Refused: somebody was faster. Unknown: perhaps ours; taking the next number is right either way.
  }
  return Error(ErrorKind::conflict,
               "could not take the pipeline '" + options_.pipeline + "': other processes keep taking it");
}

void PipelineCommitter::take_record(const LeadRecord& record) {
  commit_key_ = record.commit_key;
  progress_ = record.progress;
  state_ = record.state;
  older_states_ = record.older_states;
  epochs_ = record.epochs;
  followers_ = record.followers;
  unfollowed_ = record.unfollowed;
}

/// The lead's sink was taken out: its record makes way for a marker in the same commit that makes the heir's.
Result<TableChange> PipelineCommitter::hand_over_change(const LoadedTable& former, const LoadedTable& heir) const {
  if (!catalog_.abilities().is_multi_table_atomic) {
    return Error(ErrorKind::unsupported,
                 "table '" + former.table.to_string() + "' leads the pipeline '" + options_.pipeline +
                     "' and is no longer one of its sinks; its catalog changes one table at a time, so that the lead "
                     "cannot move. Put the sink back");
  }
  TableChange change{.base = former,
                     .requirements = {iceberg::AssertTableUuid{former.metadata->table_uuid},
                                      iceberg::AssertRefSnapshotId{std::string(iceberg::kMainBranch),
                                                                   former.metadata->current_snapshot_id}},
                     .updates = {}};
  WEIR_ASSIGN(const PipelineProperty property, property_of(former, options_.pipeline));
  const TableMarker marker{.lead = heir.table.to_string(),
                           .lead_uuid = heir.metadata->table_uuid,
                           .last = std::get<LeadRecord>(property).last};
  change.updates.push_back(iceberg::SetProperties{{{pipeline_property_name(options_.pipeline), marker.to_text()}}});
  return change;
}

Error PipelineCommitter::halt(CommitDecision decision, const TableIdentifier& table) const {
  const std::string name = "table '" + table.to_string() + "'";
  switch (decision) {
    case CommitDecision::table_changed:
      return Error(ErrorKind::table_changed,
                   name + " was dropped and created again since the pipeline '" + options_.pipeline +
                       "' last wrote it; its progress does not belong to it" + join_hint(table));
    case CommitDecision::history_changed:
      return Error(ErrorKind::table_changed, name + " was rolled back behind what the pipeline '" + options_.pipeline +
                                                 "' has committed, or its properties were put back; continuing would "
                                                 "leave a gap or land rows twice" +
                                                 join_hint(table));
    default:
      return Error(
          ErrorKind::fenced,
          "a newer process of the pipeline '" + options_.pipeline + "' writes " + name +
              "; this one stops. If both should run, they are two pipelines: give one of them another name and "
              "other tables");
  }
}

}  // namespace weir::lake

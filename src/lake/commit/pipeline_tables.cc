#include "lake/commit/pipeline_tables.h"

#include <algorithm>

#include "base/hash.h"
#include "lake/commit/large_progress.h"
#include "lake/commit/table_agreement.h"
#include "lake/commit/table_history.h"

namespace weir::lake {
namespace {

constexpr int kLooksMax = 8;

bool has(std::span<const TableIdentifier> names, const TableIdentifier& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string quoted(const FoundTable& table) {
  return "table '" + table.target.table.to_string() + "'";
}

Error changed(std::string message) {
  return Error(ErrorKind::table_changed, std::move(message));
}

Error another_table(const FoundTable& table, const std::string& pipeline) {
  const std::string what = table.loaded ? "was dropped and created again" : "was dropped";
  return changed(quoted(table) + " " + what + " since the pipeline '" + pipeline +
                 "' last wrote it; its progress does not belong to it" + join_hint(table.target.table));
}

Result<std::vector<FoundTable>> load_targets(Catalog& catalog, const std::string& pipeline,
                                             std::span<const TargetTable> targets) {
  std::vector<TableIdentifier> names;
  for (const TargetTable& target : targets) names.push_back(target.table);
  WEIR_ASSIGN(std::vector<std::optional<LoadedTable>> loaded, catalog.load_all(names));
  std::vector<FoundTable> found;
  for (size_t i = 0; i < targets.size(); ++i) {
    FoundTable table{.target = targets[i], .loaded = std::move(loaded[i]), .property = {}};
    if (table.loaded) {
      WEIR_ASSIGN(table.property, property_of(*table.loaded, pipeline));
    }
    found.push_back(std::move(table));
  }
  return found;
}

const LeadRecord* record_of(const FoundTable& table, bool is_version_1) {
  const auto* record = std::get_if<LeadRecord>(&table.property);
  return record != nullptr && record->is_version_1 == is_version_1 ? record : nullptr;
}

/// The target that leads a pipeline without a record.
size_t configured_lead(const std::vector<FoundTable>& tables) {
  const auto chosen =
      std::find_if(tables.begin(), tables.end(), [](const FoundTable& table) { return table.target.is_lead; });
  return chosen == tables.end() ? 0 : static_cast<size_t>(chosen - tables.begin());
}

/// The target that holds the record. Nothing when none does.
std::optional<size_t> recorded_lead(const std::vector<FoundTable>& tables) {
  std::optional<size_t> lead;
  for (size_t i = 0; i < tables.size(); ++i) {
    const LeadRecord* record = record_of(tables[i], false);
    if (record == nullptr) continue;
    // The lead has moved: the older record stays behind where it was.
    if (!lead || record->fence_epoch > record_of(tables[*lead], false)->fence_epoch) lead = i;
  }
  return lead;
}

/// A lead whose sink was taken out still has the record: what it says is the pipeline's, as of the table that leads
/// now.
Result<void> take_from_former_lead(Catalog& catalog, PipelineTables& all) {
  for (const FoundTable& table : all.tables) {
    const auto* marker = std::get_if<TableMarker>(&table.property);
    if (marker == nullptr) continue;
    WEIR_ASSIGN(const TableIdentifier name, TableIdentifier::parse(marker->lead));
    const bool is_target = std::any_of(all.tables.begin(), all.tables.end(),
                                       [&](const FoundTable& other) { return other.target.table == name; });
    if (is_target) continue;
    WEIR_ASSIGN(std::vector<std::optional<LoadedTable>> former, catalog.load_all({&name, 1}));
    if (!former[0] || former[0]->metadata->table_uuid != marker->lead_uuid) continue;
    WEIR_ASSIGN(const PipelineProperty property, property_of(*former[0], all.pipeline));
    const auto* record = std::get_if<LeadRecord>(&property);
    if (record == nullptr) continue;
    const FoundTable& heir = all.lead_table();
    const auto entry = record->tables.find(heir.target.table.to_string());
    if (entry == record->tables.end() || entry->second.last.key != heir.last().key) continue;
    all.record = *record;
    all.record.uuid = entry->second.uuid;
    all.record.last = *last_commit_to(*record, heir);
    all.record.counts = entry->second.counts;
    all.record.tables.erase(heir.target.table.to_string());
    all.former_lead = std::move(former[0]);
    return {};
  }
  return {};
}

/// Nobody leads: fine for a new pipeline, a halt when some table has followed a lead.
Result<void> require_no_follower(const PipelineTables& all, std::span<const TableIdentifier> joining) {
  for (const FoundTable& table : all.tables) {
    const auto* marker = std::get_if<TableMarker>(&table.property);
    if (marker == nullptr || has(joining, table.target.table)) continue;
    return changed(quoted(table) + " follows table '" + marker->lead + "', which has the progress of the pipeline '" +
                   all.pipeline +
                   "' and is not there any more, was created again, or is no sink of the pipeline. Put it back; "
                   "otherwise the pipeline reads its sources from their beginning, and rows that are in " +
                   quoted(table) + " come again" + join_hint(table.target.table));
  }
  return {};
}

/// What a release before had in every table, as one record.
Result<void> merge_version_1(PipelineTables& all, std::span<const TableIdentifier> joining) {
  std::vector<TableProgress> progress;
  std::map<std::string, std::string> uuids;  // what any table says of all
  for (const FoundTable& table : all.tables) {
    const LeadRecord* state = record_of(table, true);
    if (state != nullptr) {
      for (const auto& [name, entry] : state->tables) uuids.try_emplace(name, entry.uuid);
    }
    if (has(joining, table.target.table)) continue;
    progress.push_back({.table = table.target.table, .progress = state == nullptr ? Progress() : state->progress});
  }
  for (const FoundTable& table : all.tables) {
    const auto known = uuids.find(table.target.table.to_string());
    if (known == uuids.end() || has(joining, table.target.table)) continue;
    if (!table.loaded || table.loaded->metadata->table_uuid != known->second) return another_table(table, all.pipeline);
  }
  WEIR_ASSIGN(all.record.progress, agreed_progress(all.pipeline, progress));
  for (size_t i = 0; i < all.tables.size(); ++i) {
    const LeadRecord* state = record_of(all.tables[i], true);
    if (state == nullptr) continue;
    all.record.fence_epoch = std::max(all.record.fence_epoch, state->fence_epoch);
    if (state->decisions.size() > all.record.decisions.size()) all.record.decisions = state->decisions;
    if (i == all.lead) {
      all.record.commit_key = state->commit_key;
      all.record.last = state->last;
      all.record.counts = state->counts;
    } else {
      all.record.tables[all.tables[i].target.table.to_string()] = {
          .uuid = all.tables[i].loaded->metadata->table_uuid, .last = state->last, .counts = state->counts};
    }
  }
  all.record.is_version_1 = true;
  return {};
}

Result<void> check_history(ObjectStore& store, const PipelineTables& all, const FoundTable& table,
                           const LastCommit& last) {
  WEIR_ASSIGN(const HistoryVerdict verdict, prove_history(store, *table.loaded, all.pipeline, last));
  return history_error(verdict, table.target.table, all.pipeline);
}

Result<void> check_follower(ObjectStore& store, const PipelineTables& all, const FoundTable& table) {
  const std::string name = table.target.table.to_string();
  const auto entry = all.record.tables.find(name);
  if (entry == all.record.tables.end()) {
    if (!Progress().is_behind(all.record.progress)) return {};
    return table_behind(all.pipeline, {.table = table.target.table, .progress = {}}, all.record.progress);
  }
  if (!table.loaded || table.loaded->metadata->table_uuid != entry->second.uuid)
    return another_table(table, all.pipeline);
  if (table.last().key == entry->second.last.key)
    return check_history(store, all, table, *last_commit_to(all.record, table));
  const bool may_have_to_follow = entry->second.last.key == all.record.commit_key && !all.record.commit_key.empty() &&
                                  table.last().key == entry->second.before_key;
  if (may_have_to_follow) return {};
  return changed(quoted(table) + " and the lead '" + all.lead_table().target.table.to_string() + "' of the pipeline '" +
                 all.pipeline + "' do not agree on the last commit: one of them was restored to an older state" +
                 join_hint(table.target.table));
}

Result<PipelineTables> with_large_progress(ObjectStore& store, PipelineTables all) {
  if (all.record.progress_at) {
    WEIR_ASSIGN(const LargeProgress large, LargeProgress::load(store, *all.record.progress_at));
    Progress progress = large.whole();
    progress.merge(all.record.progress);
    all.record.progress = std::move(progress);
  }
  return all;
}

bool is_same_look(const PipelineTables& a, const PipelineTables& b) {
  for (size_t i = 0; i < a.tables.size(); ++i) {
    const auto location = [](const FoundTable& table) {
      return table.loaded ? table.loaded->metadata_location : std::string();
    };
    if (location(a.tables[i]) != location(b.tables[i])) return false;
  }
  return true;
}

}  // namespace

std::string join_hint(const TableIdentifier& table) {
  return ". Restore it; or, to continue with it as it is: `weir progress join PIPELINE.yaml --table " +
         table.to_string() + " --reason TEXT`";
}

LastCommit FoundTable::last() const {
  if (const auto* record = std::get_if<LeadRecord>(&property)) return record->last;
  if (const auto* marker = std::get_if<TableMarker>(&property)) return marker->last;
  return {};
}

std::optional<LastCommit> last_commit_to(const LeadRecord& record, const FoundTable& table) {
  const auto entry = record.tables.find(table.target.table.to_string());
  if (entry == record.tables.end()) return std::nullopt;
  // The entry of a table that was taken as it was names where it stood then; else the table knows the sequence number,
  // which the lead learns late.
  const LastCommit own = table.last();
  return own.snapshot_id == entry->second.last.snapshot_id ? own : entry->second.last;
}

Result<PipelineTables> look_at_tables(Catalog& catalog, ObjectStore& store, const std::string& pipeline,
                                      std::span<const TargetTable> targets, std::span<const TableIdentifier> joining) {
  PipelineTables all{.pipeline = pipeline};
  WEIR_ASSIGN(all.tables, load_targets(catalog, pipeline, targets));
  if (const std::optional<size_t> lead = recorded_lead(all.tables)) {
    all.lead = *lead;
    all.record = *record_of(all.lead_table(), false);
    return with_large_progress(store, std::move(all));
  }
  all.lead = configured_lead(all.tables);
  WEIR_TRY(take_from_former_lead(catalog, all));
  if (all.former_lead) return with_large_progress(store, std::move(all));
  WEIR_TRY(require_no_follower(all, joining));
  const bool has_version_1 = std::any_of(all.tables.begin(), all.tables.end(),
                                         [](const FoundTable& table) { return record_of(table, true) != nullptr; });
  if (has_version_1) WEIR_TRY(merge_version_1(all, joining));
  return all;
}

Result<void> check_agreement(ObjectStore& store, const PipelineTables& all, std::span<const TableIdentifier> joining) {
  for (size_t i = 0; i < all.tables.size(); ++i) {
    const FoundTable& table = all.tables[i];
    if (has(joining, table.target.table)) continue;
    if (i != all.lead) {
      WEIR_TRY(check_follower(store, all, table));
      continue;
    }
    if (!table.loaded) continue;  // a fresh start, or look_at_tables() has complained
    if (!all.record.uuid.empty() && table.loaded->metadata->table_uuid != all.record.uuid)
      return another_table(table, all.pipeline);
    WEIR_TRY(check_history(store, all, table, all.record.last));
  }
  return {};
}

Result<PipelineTables> check_tables(Catalog& catalog, ObjectStore& store, const std::string& pipeline,
                                    std::span<const TargetTable> targets, std::span<const TableIdentifier> joining) {
  std::optional<PipelineTables> before;
  for (int look = 1;; ++look) {
    Result<PipelineTables> all = look_at_tables(catalog, store, pipeline, targets, joining);
    if (all.ok()) {
      Result<void> agreed = check_agreement(store, *all, joining);
      if (agreed.ok()) return all;
      const bool is_real = (before && is_same_look(*before, *all)) || look == kLooksMax;
      if (is_real || agreed.error().kind() != ErrorKind::table_changed) return std::move(agreed).error();
      before = *std::move(all);
      continue;
    }
    const ErrorKind kind = all.error().kind();
    const bool may_be_torn = kind == ErrorKind::table_changed || kind == ErrorKind::position_lost;
    if (!may_be_torn || look >= 2) return all;  // a pipeline of a release before, or a lead that is gone
  }
}

Result<PipelineProperty> property_of(const LoadedTable& table, const std::string& pipeline) {
  Result<PipelineProperty> property =
      pipeline_property_from_text(table.metadata->property(pipeline_property_name(pipeline)));
  if (property.ok()) return property;
  return std::move(property).error().with_context("table '" + table.table.to_string() + "', pipeline '" + pipeline +
                                                  "'");
}

std::vector<const FoundTable*> tables_behind(const PipelineTables& all) {
  std::vector<const FoundTable*> behind;
  for (size_t i = 0; i < all.tables.size(); ++i) {
    const auto entry = all.record.tables.find(all.tables[i].target.table.to_string());
    if (i == all.lead || entry == all.record.tables.end() || !all.tables[i].loaded) continue;
    const LastCommit& decided = entry->second.last;
    if (decided.key == all.record.commit_key && !decided.key.empty() && decided.key != all.tables[i].last().key)
      behind.push_back(&all.tables[i]);
  }
  return behind;
}

}  // namespace weir::lake

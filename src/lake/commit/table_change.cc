/// \file
/// The changes of tables that PipelineCommitter asks a catalog for.
#include "base/hash.h"
#include "lake/commit/committer_state_internal.h"
#include "lake/commit/snapshot_retention.h"

namespace weir::lake {
namespace {

/// What every change of ours depends on, in words that a catalog compares itself.
TableChange change_of(const LoadedTable& base) {
  return {.base = base,
          .requirements = {iceberg::AssertTableUuid{base.metadata->table_uuid},
                           iceberg::AssertRefSnapshotId{std::string(iceberg::kMainBranch),
                                                        base.metadata->current_snapshot_id}},
          .updates = {}};
}

/// Changes of schema and spec do not move main: rows depend on them too.
void require_layout(const LoadedTable& base, TableChange& change) {
  change.requirements.push_back(iceberg::AssertCurrentSchemaId{base.metadata->current_schema_id});
  change.requirements.push_back(iceberg::AssertDefaultSpecId{base.metadata->default_spec_id});
}

}  // namespace

/// What Weir says of a commit in a snapshot's summary; docs/formats/table-properties.md.
iceberg::StringMap PipelineCommitter::own_summary(const std::string& commit_key, const Counts& counts) const {
  iceberg::StringMap summary;
  for (const auto& [name, count] : counts) summary["weir." + name] = std::to_string(count);
  summary["engine-name"] = "weir";
  summary["weir.pipeline"] = options_.pipeline;
  summary["weir.fence-epoch"] = std::to_string(fence_epoch_);
  if (!commit_key.empty()) summary["weir.commit-key"] = commit_key;
  return summary;
}

/// The edit of a prepared epoch as it fits the table as it is now. What only adds fits always. Where others have
/// rewritten files whose rows it deletes, those rows are found again by their keys: a decided epoch is not refused.
Result<TableEdit> PipelineCommitter::fit_edit(const LoadedTable& base, const PreparedTable& table) {
  if (table.edit.only_adds() || base.metadata->current_snapshot_id == table.parent) return table.edit;
  const Result<void> fits = check_edit(store_, *base.metadata, table.edit);
  if (fits.ok()) return table.edit;
  const auto resolver = options_.key_resolvers.find(table.target.sink);
  const bool can_resolve = !table.edit.delete_keys.empty() && resolver != options_.key_resolvers.end();
  if (fits.error().kind() != ErrorKind::table_changed || !can_resolve) return fits.error();
  WEIR_ASSIGN(const std::string part, resolver->second(base, table.edit.delete_keys));
  WEIR_ASSIGN(WrittenEdit found, state_of(base.table).writer.write_edit(*base.metadata, table.snapshot_id, {&part, 1}));
  TableEdit edit = table.edit;
  edit.delete_positions = std::move(found.edit.delete_positions);
  return edit;
}

/// Adds a snapshot to main, and what leaves the history for it.
Result<LastCommit> PipelineCommitter::add_snapshot(const LoadedTable& base, int64_t snapshot_id, const TableEdit& edit,
                                                   iceberg::StringMap summary, TableChange& change) {
  const iceberg::TableMetadata& metadata = *base.metadata;
  WEIR_ASSIGN(iceberg::Snapshot snapshot,
              state_of(base.table).writer.write_snapshot(metadata, snapshot_id, edit, std::move(summary)));
  const LastCommit last{.key = {}, .snapshot_id = snapshot.id, .sequence_number = snapshot.sequence_number};
  change.updates.push_back(iceberg::AddSnapshot{std::move(snapshot)});
  change.updates.push_back(iceberg::ref_to(metadata, iceberg::kMainBranch, snapshot_id));
  if (options_.keep_snapshots > 0) {
    std::vector<int64_t> old = snapshots_to_remove(metadata, options_.keep_snapshots - 1);  // and the new one
    if (!old.empty()) change.updates.push_back(iceberg::RemoveSnapshots{std::move(old)});
  }
  return last;
}

/// The lead's part of an epoch, or a fence when there are no `rows`. Where the catalog compares no more than
/// requirements, one without rows moves main too: else nothing that it compares would refuse an older process.
Result<TableChange> PipelineCommitter::lead_change(const LoadedTable& base, LeadRecord record,
                                                   const PreparedTable* rows, iceberg::StringMap summary) {
  TableChange change = change_of(base);
  const bool has_rows = rows != nullptr && rows->snapshot_id != 0;
  if (has_rows) {
    require_layout(base, change);
    record.counts.clear();
    WEIR_ASSIGN(const TableEdit edit, fit_edit(base, *rows));
    WEIR_ASSIGN(record.last, add_snapshot(base, rows->snapshot_id, edit, std::move(summary), change));
    record.last.key = record.commit_key;
  } else if (!catalog_.abilities().swaps_exact_base) {
    const std::string key = record.last.key;
    WEIR_ASSIGN(record.last,
                add_snapshot(base, iceberg::new_snapshot_id(*base.metadata, random_), {}, std::move(summary), change));
    record.last.key = key;
  }
  WEIR_ASSIGN(std::string text, record_text(std::move(record)));
  change.updates.push_back(iceberg::SetProperties{{{pipeline_property_name(options_.pipeline), std::move(text)}}});
  return change;
}

/// The record as the property has it. Progress that is too large for one goes into an object of its own, and the
/// property has what moved since, until that is too large too: a commit costs what moved, not what there ever was.
Result<std::string> PipelineCommitter::record_text(LeadRecord record) {
  const auto fits = [&](const std::string& text) {
    return static_cast<int64_t>(text.size()) <= catalog_.abilities().property_bytes_max;
  };
  const Progress whole = std::exchange(record.progress, {});
  if (record.progress_at && (large_.empty() || large_.place() != *record.progress_at)) {
    WEIR_ASSIGN(large_, LargeProgress::load(store_, *record.progress_at));
    large_.share_with(whole);
  }
  if (record.progress_at) {
    record.progress = whole.changes_since(large_.whole());
    Progress merged = large_.whole();
    merged.merge(record.progress);
    std::string text = record.to_text();
    if (merged == whole && fits(text)) return text;  // a manual override may have taken something away
  } else {
    large_ = {};
    record.progress = whole;
    std::string text = record.to_text();
    if (fits(text) || options_.store_folder.empty()) return text;
  }
  WEIR_TRY(large_.add(store_, whole, [&] {
    return options_.store_folder + "/progress/" + options_.pipeline + "." + record.uuid + "." +
           Uuid::random(random_).to_string();
  }));
  record.progress_at = large_.place();
  record.progress = {};
  return record.to_text();
}

Result<TableChange> PipelineCommitter::follower_change(const PreparedCommit& prepared, const PreparedTable& table,
                                                       const LoadedTable& base) {
  TableChange change = change_of(base);
  require_layout(base, change);
  iceberg::StringMap summary = own_summary(prepared.commit_key, table.counts);
  summary["weir.progress"] = prepared.moved.to_summary();
  TableMarker marker{.lead = lead_.to_string(), .lead_uuid = lead_uuid_, .last = {}};
  WEIR_ASSIGN(const TableEdit edit, fit_edit(base, table));
  WEIR_ASSIGN(marker.last, add_snapshot(base, table.snapshot_id, edit, std::move(summary), change));
  marker.last.key = prepared.commit_key;
  change.updates.push_back(iceberg::SetProperties{{{pipeline_property_name(options_.pipeline), marker.to_text()}}});
  return change;
}

}  // namespace weir::lake

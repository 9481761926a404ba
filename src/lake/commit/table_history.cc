#include "lake/commit/table_history.h"

#include <algorithm>
#include <unordered_set>

#include "lake/commit/manifest_store_internal.h"

namespace weir::lake {
namespace {

constexpr size_t kVersionsMax = 256;
constexpr size_t kManifestsMax = 1'000;
constexpr int64_t kVersionBytesMax = int64_t{1} << 30;

const MainVersion::Link* find(const MainVersion& version, int64_t id) {
  const auto found = std::find_if(version.snapshots.begin(), version.snapshots.end(),
                                  [&](const MainVersion::Link& link) { return link.id == id; });
  return found == version.snapshots.end() ? nullptr : &*found;
}

/// The ids from main down to `id`; empty when it is not in main's visible past.
std::vector<int64_t> path_to(const MainVersion& version, int64_t id) {
  std::vector<int64_t> path;
  for (std::optional<int64_t> at = version.main; at && path.size() <= version.snapshots.size();) {
    const MainVersion::Link* link = find(version, *at);
    if (link == nullptr) break;
    path.push_back(*at);
    if (*at == id) return path;
    at = link->parent;
  }
  return {};
}

/// One step of main, from `before` to `after`; `ours` are S and what main is known to have built on it.
LogWitness step(const MainVersion& before, const MainVersion& after, std::unordered_set<int64_t>& ours) {
  if (after.main == before.main) return LogWitness::kept;
  if (!after.main) return LogWitness::left_behind;
  std::vector<int64_t> path;
  for (std::optional<int64_t> at = after.main; at && path.size() <= after.snapshots.size() + before.snapshots.size();) {
    if (ours.contains(*at)) {
      ours.insert(path.begin(), path.end());
      return LogWitness::kept;
    }
    path.push_back(*at);
    const MainVersion::Link* link = find(after, *at);
    // What the new version has cut off or emptied, the old one may still know.
    const MainVersion::Link* old = find(before, *at);
    if (link == nullptr || (!link->parent && old != nullptr)) link = old;
    at = link == nullptr ? std::nullopt : link->parent;
  }
  // A snapshot that was there before and is not built on ours: main went back, or over to another line.
  return find(before, *after.main) != nullptr || find(before, path.back()) != nullptr ? LogWitness::left_behind
                                                                                      : LogWitness::gone;
}

bool is_own(const iceberg::Snapshot& snapshot, std::string_view pipeline) {
  const auto owner = snapshot.summary.find("weir.pipeline");
  return owner != snapshot.summary.end() && owner->second == pipeline;
}

/// Whether main's visible past, down to the pipeline's last snapshot, has a younger one of the pipeline.
bool has_newer_own(const iceberg::TableMetadata& table, std::string_view pipeline, const LastCommit& last) {
  bool is_found = false;
  if (!table.current_snapshot_id || last.sequence_number == 0) return false;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    if (snapshot.id == last.snapshot_id) return false;
    is_found = is_own(snapshot, pipeline) && snapshot.sequence_number > last.sequence_number;
    return !is_found;
  });
  return is_found;
}

/// Reads the versions before `table`, newest first, until one has the pipeline's last snapshot in main's visible past.
/// Others may have expired what `table` itself lacks: a younger snapshot of the pipeline shows in an older version
/// only.
Result<void> read_log(ObjectStore& store, const iceberg::TableMetadata& table, std::string_view pipeline,
                      const LastCommit& last, HistoryFacts& facts) {
  std::vector<MainVersion> versions = {main_version_of(table)};
  const auto& log = table.metadata_log;
  for (auto entry = log.rbegin(); entry != log.rend() && versions.size() < kVersionsMax; ++entry) {
    const Result<std::string> json = store.get(entry->metadata_file, kVersionBytesMax);
    if (!json.ok() && json.error().kind() != ErrorKind::not_found) return json.error();
    if (!json.ok()) return {};
    const Result<iceberg::TableMetadata> older = iceberg::table_metadata_from_json(*json);
    if (!older.ok()) return {};
    facts.has_newer_own = facts.has_newer_own || has_newer_own(*older, pipeline, last);
    versions.push_back(main_version_of(*older));
    if (path_to(versions.back(), last.snapshot_id).empty()) continue;
    facts.log = walk_log(versions, last.snapshot_id);
    return {};
  }
  return {};
}

Result<bool> has_live_entry_in(ObjectStore& store, const iceberg::ManifestFile& manifest, const LastCommit& last) {
  WEIR_ASSIGN(StoredManifest entries, StoredManifest::open(store, manifest, {.with_metrics = false}));
  iceberg::ManifestEntry entry;
  while (true) {
    WEIR_ASSIGN(const bool more, entries.next(entry));
    if (!more) return false;
    const bool is_ours = entry.snapshot_id == last.snapshot_id ||
                         (last.sequence_number != 0 && entry.sequence_number == last.sequence_number);
    if (entry.is_live() && is_ours) return true;
  }
}

Result<bool> has_live_entry(ObjectStore& store, const iceberg::Snapshot& now, const LastCommit& last) {
  const auto is_missing = [](const Error& error) {
    return error.kind() == ErrorKind::not_found || error.kind() == ErrorKind::corrupt;
  };
  const Result<std::vector<iceberg::ManifestFile>> manifests = load_manifest_list(store, now.manifest_list);
  if (!manifests.ok()) return is_missing(manifests.error()) ? Result<bool>(false) : manifests.error();
  size_t read = 0;
  for (const iceberg::ManifestFile& manifest : *manifests) {
    const bool can_have = manifest.added_snapshot_id == last.snapshot_id ||
                          manifest.sequence_number.value_or(INT64_MAX) >= last.sequence_number;
    if (!can_have || !manifest.has_live_files() || ++read > kManifestsMax) continue;
    Result<bool> has_one = has_live_entry_in(store, manifest, last);
    if (!has_one.ok() && is_missing(has_one.error())) continue;
    if (!has_one.ok() || *has_one) return has_one;
  }
  return false;
}

/// Facts that main's visible past says.
HistoryFacts chain_facts(const iceberg::TableMetadata& table, std::string_view pipeline, const LastCommit& last) {
  HistoryFacts facts;
  bool has_own = false;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    facts.is_in_chain = snapshot.id == last.snapshot_id;
    if (facts.is_in_chain) return false;
    const bool is_ours = is_own(snapshot, pipeline);
    has_own = has_own || is_ours;
    facts.has_newer_own = facts.has_newer_own || (is_ours && snapshot.sequence_number > last.sequence_number);
    facts.has_older_visible = facts.has_older_visible || snapshot.sequence_number < last.sequence_number;
    return true;
  });
  if (facts.is_in_chain) facts.has_older_visible = false;
  if (last.sequence_number == 0 && !facts.is_in_chain) {
    // A property of before the sequence number was kept: one of ours that is not the last says that the last is gone.
    facts.has_newer_own = false;
    facts.has_older_visible = has_own && last.snapshot_id != 0;
  }
  if (last.snapshot_id == 0) facts.has_newer_own = has_own;
  return facts;
}

}  // namespace

bool is_in_main(const iceberg::TableMetadata& table, int64_t id) {
  if (!table.current_snapshot_id) return false;
  bool is_found = false;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    is_found = snapshot.id == id;
    return !is_found;
  });
  return is_found;
}

HistoryVerdict judge_history(const HistoryFacts& facts) {
  if (facts.has_newer_own) return HistoryVerdict::put_back;
  if (facts.is_in_chain) return HistoryVerdict::intact;
  if (facts.log == LogWitness::kept) return HistoryVerdict::intact;
  if (facts.log == LogWitness::left_behind) return HistoryVerdict::rolled_back;
  if (facts.has_older_visible) return HistoryVerdict::rolled_back;
  if (facts.has_live_entry) return HistoryVerdict::intact;
  if (facts.is_listed_unheld) return HistoryVerdict::rolled_back;
  return HistoryVerdict::unprovable;
}

MainVersion main_version_of(const iceberg::TableMetadata& table) {
  MainVersion version{.main = table.current_snapshot_id};
  version.snapshots.reserve(table.snapshots.size());
  for (const auto& stored : table.snapshots)
    version.snapshots.push_back({.id = stored->snapshot.id, .parent = stored->snapshot.parent_id});
  return version;
}

LogWitness walk_log(std::span<const MainVersion> versions, int64_t snapshot_id) {
  const std::vector<int64_t> path = path_to(versions.back(), snapshot_id);
  if (path.empty()) return LogWitness::gone;
  std::unordered_set<int64_t> ours(path.begin(), path.end());
  for (size_t i = versions.size() - 1; i > 0; --i) {
    const LogWitness witness = step(versions[i], versions[i - 1], ours);
    if (witness != LogWitness::kept) return witness;
  }
  return LogWitness::kept;
}

Result<HistoryVerdict> prove_history(ObjectStore& store, const LoadedTable& table, std::string_view pipeline,
                                     const LastCommit& last) {
  const iceberg::TableMetadata& now = *table.metadata;
  if (now.current_snapshot_id == last.snapshot_id && last.snapshot_id != 0) return HistoryVerdict::intact;
  if (!now.current_snapshot_id) return last.snapshot_id == 0 ? HistoryVerdict::intact : HistoryVerdict::rolled_back;
  HistoryFacts facts = chain_facts(now, pipeline, last);
  if (last.snapshot_id == 0) return facts.has_newer_own ? HistoryVerdict::put_back : HistoryVerdict::intact;
  if (facts.is_in_chain || facts.has_newer_own) return judge_history(facts);
  WEIR_TRY(read_log(store, now, pipeline, last, facts));
  if (facts.has_newer_own || facts.log != LogWitness::gone || facts.has_older_visible) return judge_history(facts);
  const iceberg::Snapshot* current = now.current_snapshot();
  if (current != nullptr && !current->manifest_list.empty()) {
    WEIR_ASSIGN(facts.has_live_entry, has_live_entry(store, *current, last));
  }
  if (now.find_snapshot(last.snapshot_id) != nullptr) {
    facts.is_listed_unheld = true;
    for (const auto& [name, ref] : now.refs) {
      now.visit_ancestors(ref.snapshot_id, [&](const iceberg::Snapshot& snapshot) {
        facts.is_listed_unheld = facts.is_listed_unheld && snapshot.id != last.snapshot_id;
        return facts.is_listed_unheld;
      });
    }
  }
  return judge_history(facts);
}

Result<void> history_error(HistoryVerdict verdict, const TableIdentifier& table, const std::string& pipeline) {
  const std::string name = "table '" + table.to_string() + "'";
  const std::string way_out =
      ". Restore it; or, to continue with it as it is: `weir progress join PIPELINE.yaml --table " + table.to_string() +
      " --reason TEXT`";
  switch (verdict) {
    case HistoryVerdict::intact: return {};
    case HistoryVerdict::rolled_back:
      return Error(ErrorKind::table_changed, name + " was rolled back behind what the pipeline '" + pipeline +
                                                 "' has committed; continuing would leave a gap" + way_out);
    case HistoryVerdict::put_back:
      return Error(ErrorKind::table_changed, name + " has more of the pipeline '" + pipeline +
                                                 "' than its properties say: they were put back to an older state, and "
                                                 "continuing would land rows twice" +
                                                 way_out);
    case HistoryVerdict::unprovable: break;
  }
  return Error(ErrorKind::table_changed,
               "nothing is left in the history of " + name + " that proves that the rows of the pipeline '" + pipeline +
                   "' are still in it: its last snapshot, the metadata files since then and its live files are gone" +
                   way_out);
}

}  // namespace weir::lake

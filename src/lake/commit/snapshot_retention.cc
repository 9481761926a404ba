#include "lake/commit/snapshot_retention.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_set>

namespace weir::lake {
namespace {

/// What branches other than main, and tags, can reach.
std::unordered_set<int64_t> held_by_refs(const iceberg::TableMetadata& table) {
  std::unordered_set<int64_t> held;
  for (const auto& [name, ref] : table.refs) {
    if (name == iceberg::kMainBranch) continue;
    table.visit_ancestors(ref.snapshot_id,
                          [&](const iceberg::Snapshot& snapshot) { return held.insert(snapshot.id).second; });
  }
  return held;
}

bool has_statistics(const iceberg::TableMetadata& table) {
  return std::any_of(table.other.begin(), table.other.end(), [](const auto& entry) {
    return (entry.first == "statistics" || entry.first == "partition-statistics") && entry.second != "[]";
  });
}

std::optional<int64_t> number_in(const iceberg::TableMetadata& table, std::string_view property) {
  const std::string_view text = table.property(property);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// What the table itself asks to keep of main, by the branch's own settings or else by its properties.
struct AskedFor {
  int64_t newest = 0;            ///< so many snapshots
  int64_t since_ms = INT64_MAX;  ///< and those from then on
};

AskedFor asked_for(const iceberg::TableMetadata& table) {
  const iceberg::SnapshotRef* main = table.find_ref(iceberg::kMainBranch);
  std::optional<int64_t> newest = main == nullptr ? std::nullopt : main->min_snapshots_to_keep;
  std::optional<int64_t> age_ms = main == nullptr ? std::nullopt : main->max_snapshot_age_ms;
  if (!newest) newest = number_in(table, "history.expire.min-snapshots-to-keep");
  if (!age_ms) age_ms = number_in(table, "history.expire.max-snapshot-age-ms");
  AskedFor asked;
  if (newest) asked.newest = std::min<int64_t>(*newest, INT32_MAX);
  // The last change stands in for now: it is a little earlier, which keeps rather more.
  const int64_t now_ms = std::max<int64_t>(table.last_updated_ms, 0);
  if (age_ms && *age_ms > 0) asked.since_ms = now_ms - std::min(*age_ms, now_ms);
  return asked;
}

}  // namespace

std::vector<int64_t> snapshots_to_remove(const iceberg::TableMetadata& table, int64_t keep) {
  const AskedFor asked = asked_for(table);
  keep = std::max(keep, asked.newest);
  const auto kept_and_more = static_cast<size_t>(keep + std::max<int64_t>(1, keep / 10));
  if (!table.current_snapshot_id || table.snapshots.size() < kept_and_more || has_statistics(table)) return {};
  if (table.property("gc.enabled") == "false") return {};
  const std::unordered_set<int64_t> held = held_by_refs(table);
  std::vector<int64_t> old;
  int64_t position = 0;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    if (++position > keep && snapshot.timestamp_ms < asked.since_ms && !held.contains(snapshot.id))
      old.push_back(snapshot.id);
    return true;
  });
  if (old.size() + static_cast<size_t>(keep) < kept_and_more) return {};
  return old;
}

}  // namespace weir::lake

#include "lake/snapshot_retention.h"

#include <algorithm>
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

}  // namespace

std::vector<int64_t> snapshots_to_remove(const iceberg::TableMetadata& table, int64_t keep) {
  const auto kept_and_more = static_cast<size_t>(keep + std::max<int64_t>(1, keep / 10));
  if (!table.current_snapshot_id || table.snapshots.size() < kept_and_more || has_statistics(table)) return {};
  const std::unordered_set<int64_t> held = held_by_refs(table);
  std::vector<int64_t> old;
  int64_t position = 0;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    if (++position > keep && !held.contains(snapshot.id)) old.push_back(snapshot.id);
    return true;
  });
  if (old.size() + static_cast<size_t>(keep) < kept_and_more) return {};
  return old;
}

}  // namespace weir::lake

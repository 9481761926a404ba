#include "lake/table_history.h"

#include <optional>

namespace weir::lake {

Ancestry ancestry_of(const iceberg::TableMetadata& table, int64_t snapshot_id, int64_t sequence_number) {
  if (!table.current_snapshot_id) return Ancestry::elsewhere;
  bool is_found = false;
  bool is_cut = false;
  int64_t oldest_sequence = 0;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    is_found = snapshot.id == snapshot_id;
    is_cut = snapshot.parent_id.has_value() && table.find_snapshot(*snapshot.parent_id) == nullptr;
    oldest_sequence = snapshot.sequence_number;
    return !is_found;
  });
  if (is_found) return Ancestry::ancestor;
  const bool is_listed = table.find_snapshot(snapshot_id) != nullptr;
  const bool is_too_young = sequence_number != 0 && sequence_number >= oldest_sequence;
  if (!is_cut || is_listed || is_too_young) return Ancestry::elsewhere;
  return Ancestry::expired;
}

bool is_rolled_back(const iceberg::TableMetadata& table, const PipelineState& state, std::string_view pipeline) {
  if (!table.current_snapshot_id) return state.snapshot_id != 0;
  if (table.current_snapshot_id == state.snapshot_id) return false;
  std::optional<int64_t> newest_own;
  table.visit_ancestors(*table.current_snapshot_id, [&](const iceberg::Snapshot& snapshot) {
    const auto owner = snapshot.summary.find("weir.pipeline");
    if (owner != snapshot.summary.end() && owner->second == pipeline) newest_own = snapshot.id;
    return !newest_own.has_value();
  });
  if (newest_own) return *newest_own != state.snapshot_id;
  return state.snapshot_id != 0 && ancestry_of(table, state.snapshot_id, state.sequence_number) == Ancestry::elsewhere;
}

}  // namespace weir::lake

#include "iceberg/metadata/table_metadata.h"

#include <algorithm>

namespace weir::iceberg {

const StoredSchema* TableMetadata::find_schema(int32_t id) const {
  const auto found =
      std::find_if(schemas.begin(), schemas.end(), [id](const auto& stored) { return stored->id == id; });
  return found == schemas.end() ? nullptr : found->get();
}

const StoredSpec* TableMetadata::find_spec(int32_t id) const {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [id](const auto& stored) { return stored->spec.spec_id == id; });
  return found == specs.end() ? nullptr : found->get();
}

const Snapshot* TableMetadata::find_snapshot(int64_t id) const {
  const auto found = std::find_if(snapshots.rbegin(), snapshots.rend(),
                                  [id](const auto& stored) { return stored->snapshot.id == id; });
  return found == snapshots.rend() ? nullptr : &(*found)->snapshot;
}

const SnapshotRef* TableMetadata::find_ref(std::string_view name) const {
  const auto found = refs.find(name);
  return found == refs.end() ? nullptr : &found->second;
}

std::string_view TableMetadata::property(std::string_view key, std::string_view otherwise) const {
  const auto found = properties.find(key);
  return found == properties.end() ? otherwise : std::string_view(found->second);
}

const StoredSchema& TableMetadata::current_schema() const {
  const StoredSchema* found = find_schema(current_schema_id);
  WEIR_CHECK(found != nullptr);
  return *found;
}

const PartitionSpec& TableMetadata::default_spec() const {
  const StoredSpec* found = find_spec(default_spec_id);
  WEIR_CHECK(found != nullptr);
  return found->spec;
}

void TableMetadata::visit_ancestors(int64_t id, const std::function<bool(const Snapshot&)>& visit) const {
  // Parents stand before their children in what everybody writes: go on downwards from where the child was, and look at
  // the rest only when that fails. No chain is longer than the list, so a circle ends too.
  std::optional<int64_t> wanted = id;
  size_t at = snapshots.size();
  for (size_t steps = 0; wanted && steps < snapshots.size(); ++steps) {
    size_t next = at;
    while (next > 0 && snapshots[next - 1]->snapshot.id != *wanted) --next;
    if (next == 0) {
      next = snapshots.size();
      while (next > at && snapshots[next - 1]->snapshot.id != *wanted) --next;
      if (next <= at) return;
    }
    at = next - 1;
    const Snapshot& snapshot = snapshots[at]->snapshot;
    if (!visit(snapshot)) return;
    wanted = snapshot.parent_id;
  }
}

Result<void> check_writable(const TableMetadata& metadata) {
  if (metadata.format_version != 2) {
    return Error(
        ErrorKind::unsupported,
        "the table has Iceberg format version " + std::to_string(metadata.format_version) +
            "; Weir writes version 2 only" +
            (metadata.format_version < 2 ? ": set the table property 'format-version' to 2 with another engine" : ""));
  }
  for (const PartitionField& field : metadata.default_spec().fields) {
    if (field.transform.kind() == TransformKind::unknown) {
      return Error(ErrorKind::unsupported,
                   "the table is partitioned by '" + field.transform.to_string() + "', which Weir does not know");
    }
  }
  return {};
}

}  // namespace weir::iceberg

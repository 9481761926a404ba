/// \file
/// Table metadata (Iceberg specification, "Table Metadata") in memory and as JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "columnar/schema.h"
#include "iceberg/metadata/snapshot.h"
#include "iceberg/partition/partition_spec.h"

namespace weir::iceberg {

/// The parts of metadata that commits leave alone carry their JSON text along: it is written back as it was read, with
/// everything in it that we do not know, and writing a table with ten thousand snapshots is copying memory.
struct StoredSchema {
  int32_t id = 0;
  SchemaPtr schema = {};  ///< null when it has types that we do not support
  std::string json = {};
};
struct StoredSpec {
  PartitionSpec spec = {};
  std::string json = {};
};
struct StoredSortOrder {
  int32_t id = 0;
  bool is_unsorted = true;
  std::string json = {};
};
struct StoredSnapshot {
  Snapshot snapshot = {};
  std::string json = {};
};

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  int64_t snapshot_id = 0;
};
struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  std::string metadata_file = {};
};

inline constexpr std::string_view kMainBranch = "main";

enum class RefKind : uint8_t { branch, tag };

/// A name for a snapshot, with how long it and its history are kept.
struct SnapshotRef {
  int64_t snapshot_id = 0;
  RefKind kind = RefKind::branch;
  std::optional<int32_t> min_snapshots_to_keep = {};  ///< branches
  std::optional<int64_t> max_snapshot_age_ms = {};    ///< branches
  std::optional<int64_t> max_ref_age_ms = {};         ///< not main

  friend bool operator==(const SnapshotRef&, const SnapshotRef&) = default;
};

/// The state of a table. A value: copying it copies pointers to what is large. Never changed in place once shared;
/// metadata_update.h makes the next.
struct TableMetadata {
  int32_t format_version = 2;
  std::string table_uuid = {};  ///< empty only in old tables of format version 1
  std::string location = {};
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int32_t last_column_id = 0;
  std::vector<std::shared_ptr<const StoredSchema>> schemas = {};
  int32_t current_schema_id = 0;
  std::vector<std::shared_ptr<const StoredSpec>> specs = {};
  int32_t default_spec_id = 0;
  int32_t last_partition_id = kPartitionFieldIdMin - 1;
  std::vector<std::shared_ptr<const StoredSortOrder>> sort_orders = {};
  int32_t default_sort_order_id = 0;
  StringMap properties = {};
  std::optional<int64_t> current_snapshot_id = {};  ///< equals refs["main"]
  std::vector<std::shared_ptr<const StoredSnapshot>> snapshots = {};
  std::map<std::string, SnapshotRef, std::less<>> refs = {};
  std::vector<SnapshotLogEntry> snapshot_log = {};
  std::vector<MetadataLogEntry> metadata_log = {};
  /// Keys that we do not know or do not use, such as statistics, with their JSON.
  std::vector<std::pair<std::string, std::string>> other = {};

  /// Lookups; null when there is none.
  const StoredSchema* find_schema(int32_t id) const;
  const StoredSpec* find_spec(int32_t id) const;
  /// Looks from the newest on.
  const Snapshot* find_snapshot(int64_t id) const;
  const SnapshotRef* find_ref(std::string_view name) const;
  const Snapshot* current_snapshot() const {
    return current_snapshot_id ? find_snapshot(*current_snapshot_id) : nullptr;
  }
  std::string_view property(std::string_view key, std::string_view otherwise = {}) const;

  /// The current schema and the default spec, which reading and making metadata sees to: both are there, and the schema
  /// is supported.
  const StoredSchema& current_schema() const;
  const PartitionSpec& default_spec() const;

  /// Calls `visit` for the snapshot `id`, its parent, and so on to the oldest that is kept; stops when it returns
  /// false. Takes time linear in the number of snapshots.
  void visit_ancestors(int64_t id, const std::function<bool(const Snapshot&)>& visit) const;
};

/// Says whether this version may write to the table: format version 2, a default spec with known transforms.
/// Errors: unsupported, with what to do.
Result<void> check_writable(const TableMetadata& metadata);

/// Writes the document: two-level JSON without blanks. Cost: that of copying the snapshots' text.
std::string table_metadata_to_json(const TableMetadata& metadata);

/// Reads metadata of format versions 1 to 3. Leniently: what is missing in version 1 gets its default, unknown keys are
/// kept. Errors: corrupt, naming the key; unsupported for a higher version or a current schema with types of version 3;
/// limit_exceeded.
Result<TableMetadata> table_metadata_from_json(std::string_view text);

}  // namespace weir::iceberg

/// \file
/// From one state of a table to the next: requirements and updates as data (the REST catalog's vocabulary) and pure
/// functions that check and apply them. A catalog that keeps metadata files applies them itself; one behind a server
/// sends them as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "iceberg/metadata/table_metadata.h"

namespace weir::iceberg {

// Requirements: what must hold of the table as it is now.

struct AssertCreate {};  ///< the table does not exist
struct AssertTableUuid {
  std::string uuid = {};
};
struct AssertRefSnapshotId {
  std::string ref = {};
  std::optional<int64_t> snapshot_id = {};  ///< none: the ref must not exist
};
struct AssertCurrentSchemaId {
  int32_t schema_id = 0;
};
struct AssertLastAssignedFieldId {
  int32_t field_id = 0;
};
struct AssertDefaultSpecId {
  int32_t spec_id = 0;
};
using Requirement = std::variant<AssertCreate, AssertTableUuid, AssertRefSnapshotId, AssertCurrentSchemaId,
                                 AssertLastAssignedFieldId, AssertDefaultSpecId>;

/// Checks one requirement against the table, null when there is none.
/// Errors: already_exists (assert-create), not_found (no table), table_changed (another uuid), conflict (everything
/// else).
Result<void> check_requirement(const Requirement& requirement, const TableMetadata* table);
Result<void> check_requirements(std::span<const Requirement> requirements, const TableMetadata* table);

// Updates: what becomes of it.

struct AddSnapshot {
  Snapshot snapshot = {};
};
/// Replaces the ref whole; ref_to() makes one that keeps the retention of the present.
struct SetSnapshotRef {
  std::string name = {};
  SnapshotRef ref = {};
};
struct RemoveSnapshotRef {
  std::string name = {};
};
struct RemoveSnapshots {
  std::vector<int64_t> snapshot_ids = {};
};
struct SetProperties {
  StringMap updates = {};
};
struct RemoveProperties {
  std::vector<std::string> keys = {};
};
struct AddSchema {
  SchemaPtr schema = {};                           ///< its schema_id is the one it gets
  std::vector<int32_t> identifier_field_ids = {};  ///< columns that tell rows apart; a table of ours has none
  int32_t last_column_id = 0;                      ///< the table's, where a column with a higher id was dropped
};
struct SetCurrentSchema {
  int32_t schema_id = -1;  ///< -1: the schema added last
};
using MetadataUpdate = std::variant<AddSnapshot, SetSnapshotRef, RemoveSnapshotRef, RemoveSnapshots, SetProperties,
                                    RemoveProperties, AddSchema, SetCurrentSchema>;

/// Returns `base` with `updates` applied in order, as the next metadata file says it.
///
/// `base_location` is the file that `base` was read from: it goes to the metadata log, which is cut to the property
/// write.metadata.previous-versions-max (100); empty: no entry. `now_ms` is the wall clock; time never steps back in
/// the result. Errors: unsupported as check_writable; invalid_argument for an update that cannot be applied: a snapshot
/// whose id exists or whose sequence number is not above the last, a ref to a snapshot that is not there, removing a
/// snapshot that a ref needs.
Result<TableMetadata> apply_updates(const TableMetadata& base, std::string_view base_location,
                                    std::span<const MetadataUpdate> updates, int64_t now_ms);

/// An update that moves `name` to `snapshot_id` and keeps how the ref is retained; a new branch when there is none.
SetSnapshotRef ref_to(const TableMetadata& base, std::string_view name, int64_t snapshot_id);

/// What the format fixes of the next snapshot of a branch.
struct SnapshotSlot {
  std::optional<int64_t> parent_id = {};
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;  ///< `now_ms`, or the table's last change if that is later
  int32_t schema_id = 0;
};
SnapshotSlot next_snapshot_slot(const TableMetadata& base, std::string_view branch, int64_t now_ms);

/// Draws a positive id that no snapshot of the table has.
int64_t new_snapshot_id(const TableMetadata& base, RandomSource& random);

/// A table that is to be made.
struct NewTable {
  std::string table_uuid = {};
  std::string location = {};  ///< absolute URI, no slash at the end
  SchemaPtr schema = {};      ///< with ids assigned; becomes schema 0
  PartitionSpec spec = {};    ///< becomes spec 0; its fields have ids from 1000 on
  StringMap properties = {};
  int64_t now_ms = 0;
};
/// Returns the first metadata of a table: format version 2, no snapshot. Errors: invalid_argument.
Result<TableMetadata> new_table_metadata(const NewTable& table);

// Names of files below <location>/metadata.

/// "00003-<uuid>.metadata.json"
std::string metadata_file_name(int32_t version, std::string_view uuid);
/// The version in the name of a metadata file, with or without folders before it; none for other names. Understands
/// v<N>.metadata.json too.
std::optional<int32_t> metadata_file_version(std::string_view location);
/// "snap-<snapshot>-<attempt>-<uuid>.avro"
std::string manifest_list_file_name(int64_t snapshot_id, int32_t attempt, std::string_view uuid);
/// "<uuid>-m<number>.avro"
std::string manifest_file_name(std::string_view uuid, int32_t number);

}  // namespace weir::iceberg

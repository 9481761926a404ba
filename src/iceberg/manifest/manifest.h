/// \file
/// Manifests and manifest lists in memory (Iceberg specification, "Manifests" and "Manifest Lists").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifest/data_file.h"

namespace weir::iceberg {

enum class EntryStatus : int32_t { existing = 0, added = 1, deleted = 2 };

/// One line of a manifest.
///
/// Added entries leave the sequence numbers empty: readers inherit them from the manifest list, so that a manifest
/// stays valid when its commit is tried again with a later number. Compaction sets `sequence_number` alone, to keep the
/// age of the rows. Existing and deleted entries carry all three; for deleted ones snapshot_id is the snapshot that
/// deletes.
struct ManifestEntry {
  EntryStatus status = EntryStatus::added;
  std::optional<int64_t> snapshot_id = {};
  std::optional<int64_t> sequence_number = {};       ///< of the data
  std::optional<int64_t> file_sequence_number = {};  ///< of the file
  DataFile file = {};

  bool is_live() const { return status != EntryStatus::deleted; }
  friend bool operator==(const ManifestEntry&, const ManifestEntry&) = default;
};

/// What a manifest holds. The numbers are the format's.
enum class ManifestContent : int32_t { data = 0, deletes = 1 };

/// What a manifest list says of one partition field over all files of a manifest. Bounds are value_to_bytes of the
/// field's result type.
struct PartitionSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan = {};
  std::optional<std::string> lower_bound = {};  ///< absent when all values are null or NaN
  std::optional<std::string> upper_bound = {};

  friend bool operator==(const PartitionSummary&, const PartitionSummary&) = default;
};

/// One line of a manifest list.
struct ManifestFile {
  std::string path = {};
  int64_t length_bytes = 0;
  int32_t spec_id = 0;
  ManifestContent content = ManifestContent::data;
  /// Absent until the manifest's snapshot has a number: write_manifest_list fills it in.
  std::optional<int64_t> sequence_number = {};
  /// Smallest data sequence number of the live files; absent when it is the manifest's own.
  std::optional<int64_t> min_sequence_number = {};
  int64_t added_snapshot_id = 0;
  /// Counts by status. Absent only in lists of format version 1, and then to be taken as more than zero.
  std::optional<int32_t> added_files = {};
  std::optional<int32_t> existing_files = {};
  std::optional<int32_t> deleted_files = {};
  std::optional<int64_t> added_rows = {};
  std::optional<int64_t> existing_rows = {};
  std::optional<int64_t> deleted_rows = {};
  /// One for each field of the spec; empty when unpartitioned. Absent when the writer gave none.
  std::optional<std::vector<PartitionSummary>> partitions = {};
  std::optional<std::string> key_metadata = {};
  std::optional<int64_t> first_row_id = {};  ///< format version 3; kept when read, not written

  /// False when every file is deleted: a new list may leave the manifest out.
  bool has_live_files() const { return added_files.value_or(1) + existing_files.value_or(1) > 0; }
  friend bool operator==(const ManifestFile&, const ManifestFile&) = default;
};

}  // namespace weir::iceberg

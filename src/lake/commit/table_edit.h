/// \file
/// One commit's change of a table: rows that come, rows that go, files that go.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest/manifest.h"
#include "iceberg/metadata/table_metadata.h"
#include "storage/object_store.h"

namespace weir::lake {

/// An edit as Prepared(N) has it: manifests that are written already, whose sequence numbers are inherited.
struct TableEdit {
  std::vector<iceberg::ManifestFile> added;             ///< files of rows
  std::vector<iceberg::ManifestFile> delete_positions;  ///< files that delete rows by their positions in other files
  std::vector<std::string> delete_keys;  ///< the same rows by key, in bytes that only the sink's KeyResolver reads
  std::vector<std::string> removed;      ///< files of rows that go: manifests in memory, of no snapshot

  bool empty() const { return added.empty() && delete_positions.empty() && delete_keys.empty() && removed.empty(); }
  /// Nothing in it depends on what the table has.
  bool only_adds() const { return delete_positions.empty() && delete_keys.empty() && removed.empty(); }
};

/// The paths of the files that `edit` removes. Errors: corrupt.
Result<std::set<std::string, std::less<>>> removed_paths(const TableEdit& edit);

/// Checks an edit against a table that has changed since it was prepared: what it removes must still be there, and so
/// must the files whose rows it deletes by position. Nothing to read where it only adds. Errors: table_changed, naming
/// a file; those of the store.
Result<void> check_edit(ObjectStore& store, const iceberg::TableMetadata& table, const TableEdit& edit);

/// The operation that the snapshot of `edit` is named after (Iceberg specification, "Snapshots").
std::string_view operation_of(const TableEdit& edit);

}  // namespace weir::lake

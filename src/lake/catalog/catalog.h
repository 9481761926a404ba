/// \file
/// The catalog port: which metadata of a table is current, and the atomic swap from one to the next.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "event/commit_outcome.h"
#include "iceberg/metadata/metadata_update.h"
#include "iceberg/metadata/table_metadata.h"
#include "lake/table_identifier.h"

namespace weir::lake {

/// A table as it was at one moment. Cheap to copy; the metadata is shared and never changes.
struct LoadedTable {
  TableIdentifier table;
  std::string metadata_location;                           ///< URI of the metadata file that `metadata` was read from
  std::shared_ptr<const iceberg::TableMetadata> metadata;  ///< never null
};

/// A table that is to be made.
struct TableDefinition {
  TableIdentifier table;
  SchemaPtr schema;  ///< ids assigned
  iceberg::PartitionSpec spec;
  iceberg::StringMap properties;
};

/// One table's part in a commit.
struct TableChange {
  LoadedTable base;  ///< what the change was made from; a catalog of metadata files swaps exactly this one
  std::vector<iceberg::Requirement> requirements;
  std::vector<iceberg::MetadataUpdate> updates;
};

/// What a catalog can do. The protocol asks these, never which catalog it is.
struct CatalogAbilities {
  bool is_multi_table_atomic = false;  ///< commit() of several tables is all or nothing
  /// Each change is applied to exactly its base or not at all. Else the catalog compares no more than the change's
  /// requirements, so that two changes of properties alone both succeed.
  bool swaps_exact_base = false;
  int64_t property_bytes_max = 0;  ///< what the value of one table property may have
};

/// One thread at a time. Nothing is ever retried inside: a retry is the caller's decision, because the outcome of a
/// failed call may be unknown.
class Catalog {
 public:
  virtual ~Catalog() = default;

  /// The tables as they are, in the order asked for, nothing for one that does not exist. They are seen at one moment
  /// as far as the catalog can: abilities() says nothing about that, a caller who compares tables looks again.
  /// Errors: corrupt; unavailable.
  virtual Result<std::vector<std::optional<LoadedTable>>> load_all(std::span<const TableIdentifier> tables) = 0;

  /// One table. Errors: not_found; those of load_all().
  Result<LoadedTable> load(const TableIdentifier& table);

  /// Makes a table and its namespace where missing. Errors: already_exists.
  virtual Result<LoadedTable> create(const TableDefinition& definition) = 0;

  /// Applies all changes, or none of them where they are several and the catalog is atomic over tables (else several
  /// are invalid_argument). Nothing rebases silently. `refused`: nothing was and nothing will be applied, because some
  /// table has moved on. `unknown`: the catalog did not answer for certain, and may still apply it.
  /// An error means that nothing was sent: not_found for a table that is gone, permission_denied, unavailable,
  /// invalid_argument, resource_exhausted.
  /// `request_key` names these very changes: a caller who tries the same changes again gives the same key, and nobody
  /// gives one key to two different ones. Files that an attempt wrote are then written once.
  virtual Result<CommitOutcome> commit(std::span<const TableChange> changes, std::string_view request_key) = 0;

  virtual CatalogAbilities abilities() const = 0;

  /// All tables, sorted by name.
  virtual Result<std::vector<TableIdentifier>> list() = 0;

 protected:
  static Error no_table(const TableIdentifier& table);
};

}  // namespace weir::lake

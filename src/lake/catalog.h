/// \file
/// The catalog port: which metadata of a table is current, and the atomic swap from one to the next.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "event/commit_outcome.h"
#include "iceberg/metadata_update.h"
#include "iceberg/table_metadata.h"
#include "lake/table_identifier.h"
#include "storage/object_store.h"

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

/// One thread at a time. Nothing is ever retried inside: a retry is the caller's decision, because the outcome of a
/// failed call may be unknown.
class Catalog {
 public:
  virtual ~Catalog() = default;

  /// Errors: not_found; corrupt; unavailable.
  virtual Result<LoadedTable> load(const TableIdentifier& table) = 0;

  /// Makes a table and its namespace where missing. Errors: already_exists.
  virtual Result<LoadedTable> create(const TableDefinition& definition) = 0;

  /// Applies all changes, or none of them where is_multi_table_atomic(). Each change names its exact base; nothing
  /// rebases silently. `refused`: some table has moved on. `unknown`: the catalog did not answer for certain and may
  /// still apply it. Errors mean that nothing was and nothing will be applied: table_changed, invalid_argument,
  /// resource_exhausted, ... Except io: the catalog's disk has failed, perhaps in the middle, and the process must end;
  /// the next one finds out.
  virtual Result<CommitOutcome> commit(std::span<const TableChange> changes) = 0;

  /// True when commit() of several tables is all or nothing.
  virtual bool is_multi_table_atomic() const = 0;

  /// All tables, sorted by name.
  virtual Result<std::vector<TableIdentifier>> list() = 0;
};

/// Where an embedded catalog lives.
struct SqliteCatalogOptions {
  std::string directory;          ///< absolute path of the warehouse; holds catalog.db and the tables
  std::string name = "weir";      ///< catalog_name in the database's rows; what other engines must call the catalog
  int busy_ms = 5'000;            ///< how long to wait for another process's lock before `unavailable`
  bool create_if_missing = true;  ///< else not_found when there is no catalog.db
  bool read_only = false;         ///< changes nothing: not_found as above, create() and commit() are permission_denied
};

/// The embedded catalog: one SQLite file with the tables of Iceberg's JDBC catalog (Java) and SqlCatalog (PyIceberg),
/// which can use it at the same time. Tables lie at <directory>/<namespace>/<table>. `store`, `files`, `clock` and
/// `random` outlive it. Errors: invalid_argument for a directory that is not UTF-8 or has '#', '?' or '%' in it.
Result<std::unique_ptr<Catalog>> open_sqlite_catalog(const SqliteCatalogOptions& options, ObjectStore& store,
                                                     FileEnv& files, const Clock& clock, RandomSource& random);

/// The URI of the catalog's file for PyIceberg: "sqlite:////absolute/catalog.db".
std::string sqlite_catalog_uri(const SqliteCatalogOptions& options);

}  // namespace weir::lake

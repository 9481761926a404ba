/// \file
/// The embedded catalog: one SQLite file beside the tables.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/random.h"
#include "base/result.h"
#include "lake/catalog/catalog.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::lake {

/// Where an embedded catalog lives.
struct SqliteCatalogOptions {
  std::string directory;          ///< absolute path of the warehouse; holds catalog.db and the tables
  std::string name = "weir";      ///< catalog_name in the database's rows; what other engines must call the catalog
  int busy_ms = 5'000;            ///< how long to wait for another process's lock before `unavailable`
  bool create_if_missing = true;  ///< else not_found when there is no catalog.db
  bool read_only = false;         ///< changes nothing: not_found as above, create() and commit() are permission_denied
  /// Removes metadata files that have left a table's log, where write.metadata.delete-after-commit.enabled says so;
  /// outlives the catalog. Null: they stay.
  ObjectRemover* remover = nullptr;
};

/// The embedded catalog: one SQLite file with the tables of Iceberg's JDBC catalog (Java) and SqlCatalog (PyIceberg),
/// which can use it at the same time. Tables lie at <directory>/<namespace>/<table>. `store`, `files`, `clock` and
/// `random` outlive it. Errors: invalid_argument for a directory that is not UTF-8 or has '#', '?' or '%' in it.
Result<std::unique_ptr<Catalog>> open_sqlite_catalog(const SqliteCatalogOptions& options, ObjectStore& store,
                                                     FileEnv& files, const Clock& clock, RandomSource& random);

/// The catalog's file in the warehouse `directory`.
std::string sqlite_catalog_file(const std::string& directory);

}  // namespace weir::lake

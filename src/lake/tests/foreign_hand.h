/// \file
/// What other engines and people do to tables, each by the habits of its library.
#pragma once

#include <string>
#include <vector>

#include "iceberg/manifest/manifest_avro.h"
#include "lake/commit/snapshot_writer.h"
#include "lake/tests/memory_catalog.h"

namespace weir::lake {

class ForeignHand {
 public:
  /// All references outlive it. `write` makes data files of so many rows of a table and returns the writer's part.
  using WriteRows = std::function<std::string(const LoadedTable&, int64_t rows)>;
  ForeignHand(MemoryCatalog& catalog, ObjectStore& store, const Clock& clock, RandomSource& random, WriteRows write)
      : catalog_(catalog), store_(store), clock_(clock), random_(random), write_(std::move(write)) {}

  void append(const TableIdentifier& table);
  /// All rows make way for a few new ones.
  void overwrite(const TableIdentifier& table);
  /// All rows go.
  void remove_rows(const TableIdentifier& table);
  /// All files become one manifest's, with the ages that they had.
  void compact(const TableIdentifier& table);
  /// All snapshots that no ref names leave the list. Java's library keeps the survivor's parent id.
  void expire_as_java(const TableIdentifier& table);
  /// PyIceberg's empties it.
  void expire_as_pyiceberg(const TableIdentifier& table);
  /// Main goes back by one snapshot.
  void roll_back(const TableIdentifier& table);
  void make_ref(const TableIdentifier& table, iceberg::RefKind kind);
  void add_column(const TableIdentifier& table);
  void require_column(const TableIdentifier& table);
  void change_spec(const TableIdentifier& table);
  void set_property(const TableIdentifier& table);
  /// Drops the table and makes another one of its name.
  void make_again(const TableDefinition& definition);

 private:
  /// A snapshot on main whose list holds `manifests`.
  void commit(const TableIdentifier& table, const char* operation, std::vector<iceberg::ManifestFile> manifests,
              int64_t snapshot_id);
  std::vector<iceberg::ManifestFile> add_rows(const LoadedTable& table, int64_t snapshot_id);

  MemoryCatalog& catalog_;
  ObjectStore& store_;
  const Clock& clock_;
  RandomSource& random_;
  WriteRows write_;
};

}  // namespace weir::lake

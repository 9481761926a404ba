/// \file
/// A catalog in memory with the habits of real ones, and with replies that get lost or come late. Metadata files lie in
/// an object store, as every catalog's do.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "lake/catalog/catalog.h"
#include "storage/object_store.h"

namespace weir::lake {

struct CatalogHabits {
  bool is_multi_table_atomic = true;
  bool swaps_exact_base = true;  ///< else it checks the requirements of the request alone, as REST catalogs do
  bool shows_only_head = false;  ///< load() has the current snapshot without its parent and no log, as Nessie
  int64_t property_bytes_max = int64_t{1} << 20;
};

/// What becomes of one call of commit().
enum class Reply {
  as_it_is,
  lost,     ///< applied or refused, and the caller never learns it
  dropped,  ///< never arrives, and the caller does not learn that
  late,     ///< arrives when deliver_late() is called: a zombie
  again,    ///< arrives and is answered, and arrives once more when deliver_late() is called
  error     ///< is refused before it is sent
};

class MemoryCatalog final : public Catalog {
 public:
  /// All references outlive it. `folder`: URI below which tables lie.
  MemoryCatalog(CatalogHabits habits, ObjectStore& store, std::string folder, const Clock& clock, RandomSource& random)
      : habits_(habits), store_(store), folder_(std::move(folder)), clock_(clock), random_(random) {}

  Result<std::vector<std::optional<LoadedTable>>> load_all(std::span<const TableIdentifier> tables) override;
  Result<LoadedTable> create(const TableDefinition& definition) override;
  Result<CommitOutcome> commit(std::span<const TableChange> changes, std::string_view request_key) override;
  CatalogAbilities abilities() const override;
  Result<std::vector<TableIdentifier>> list() override;

  std::deque<Reply> replies;              ///< to the next commits; then as_it_is
  std::function<void()> during_load_all;  ///< called once, after the first table was read: others commit meanwhile
  int commits = 0;                        ///< calls that arrived
  std::vector<TableChange> last_changes;  ///< of the last call that arrived

  /// What was late arrives now, in any order. Returns the outcomes, which nobody is told.
  std::vector<CommitOutcome> deliver_late();

  /// A foreign hand: a new version made by `edit` of the whole metadata; its log has the version before.
  void edit(const TableIdentifier& table, const std::function<void(iceberg::TableMetadata&)>& edit);
  void drop(const TableIdentifier& table) { rows_.erase(table); }
  void rename(const TableIdentifier& from, const TableIdentifier& to);
  /// Points a table at an older metadata file again.
  void put_back(const LoadedTable& old) { rows_[old.table] = old; }
  /// The table with all that it has, whatever load() shows.
  LoadedTable whole(const TableIdentifier& table) const { return rows_.at(table); }

 private:
  CommitOutcome apply(const std::vector<TableChange>& changes);
  LoadedTable store(const TableIdentifier& table, const std::string& before, iceberg::TableMetadata next);

  CatalogHabits habits_;
  ObjectStore& store_;
  std::string folder_;
  const Clock& clock_;
  RandomSource& random_;
  std::map<TableIdentifier, LoadedTable> rows_;
  std::vector<std::vector<TableChange>> late_;
};

}  // namespace weir::lake

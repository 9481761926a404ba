#include "lake/catalog/catalog.h"

namespace weir::lake {

Error Catalog::no_table(const TableIdentifier& table) {
  return Error(ErrorKind::not_found, "table '" + table.to_string() + "' does not exist in the catalog");
}

Result<LoadedTable> Catalog::load(const TableIdentifier& table) {
  WEIR_ASSIGN(std::vector<std::optional<LoadedTable>> loaded, load_all({&table, 1}));
  if (!loaded.front()) return no_table(table);
  return *std::move(loaded.front());
}

}  // namespace weir::lake

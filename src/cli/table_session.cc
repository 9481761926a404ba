#include "cli/table_session.h"

#include <string>
#include <utility>
#include <vector>

#include "lake/scan.h"

namespace weir::cli {
namespace {

/// Files of the table's current snapshot, as local paths.
Result<expression::QueryTable> query_table(const lake::LoadedTable& table, ObjectStore& store) {
  expression::QueryTable described{.name_space = table.table.ns,
                                   .name = table.table.name,
                                   .schema = table.metadata->current_schema().schema,
                                   .files = {}};
  const auto take = [&](const iceberg::ManifestEntry& entry) -> Result<void> {
    WEIR_ASSIGN(std::string path, file_path(entry.file.path));
    described.files.push_back(std::move(path));
    return {};
  };
  WEIR_TRY(lake::visit_files(table, std::nullopt, store, false, take));
  return described;
}

Result<void> register_files(expression::QuerySession& session, const lake::LoadedTable& table, ObjectStore& store) {
  WEIR_ASSIGN(const expression::QueryTable described, query_table(table, store));
  return session.register_table(described);
}

}  // namespace

Result<void> register_loaded(expression::QuerySession& session, const lake::LoadedTable& table, ObjectStore& store) {
  Result<void> added = register_files(session, table, store);
  // The table names it: that one of its files is missing is no mistake of whoever asks.
  if (!added.ok() && added.error().kind() == ErrorKind::not_found)
    return Error(ErrorKind::corrupt, added.error().message());
  return added;
}

}  // namespace weir::cli

#include "lake/catalog/sqlite_kind.h"

#include "lake/catalog/sqlite_catalog.h"

namespace weir::lake {
namespace {

struct SqliteKeys {
  std::optional<std::string> path;
  std::string name = "weir";
};

void describe(config::Description& d, SqliteKeys& s) {
  d.structure(
      "sqlite_catalog",
      "The embedded catalog: a folder with a SQLite file and the tables. PyIceberg and Iceberg Java can use it too.");
  d.shorthand("path");
  d.field("path", s.path)
      .not_empty()
      .doc(
          "The folder; by default the one that WEIR_WAREHOUSE names, else `warehouse` beside this file. "
          "`--warehouse` overrides it.")
      .example("./warehouse");
  d.field("name", s.name).not_empty().doc("Name of the catalog in the SQLite file; other engines must use the same.");
}

BoundCatalog bind_sqlite(const SqliteKeys& keys, const CatalogContext& context) {
  if (keys.path) context.errors.refuse_url(*keys.path, config::path_key(context.path, "path"));
  const std::string folder = context.warehouse(keys.path);
  const std::string name = context.name.empty() ? keys.name : context.name;
  const std::string file = sqlite_catalog_file(folder);
  return {.name = name,
          .warehouse = folder,
          .state_root = folder,
          .foreign = {.pyiceberg = {{"type", "sql"}, {"uri", "sqlite:///" + file}},
                      .spark = {{"type", "jdbc"}, {"uri", "jdbc:sqlite:" + file}, {"warehouse", "file://" + folder}}},
          .open = [folder, name](CatalogAccess access, const CatalogEnvironment& environment) {
            return open_sqlite_catalog({.directory = folder,
                                        .name = name,
                                        .create_if_missing = access == CatalogAccess::create,
                                        .read_only = access == CatalogAccess::read,
                                        .remover = environment.remover},
                                       environment.store, environment.files, environment.clock, environment.random);
          }};
}

}  // namespace

CatalogKind sqlite_kind() {
  return catalog_kind("sqlite", "The embedded catalog; the default.", &bind_sqlite);
}

}  // namespace weir::lake

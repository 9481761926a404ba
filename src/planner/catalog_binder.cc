#include <algorithm>

#include "planner/catalog_binder_internal.h"

namespace weir::planner {
namespace {

/// The one rule for where tables lie: what the command line names; what the file names, if anything; what the process's
/// environment names; the folder `warehouse` in `folder`.
std::string warehouse_folder(const PlanEnvironment& environment, const std::optional<std::string>& named,
                             const std::string& folder) {
  if (!environment.warehouse.empty()) return environment.warehouse;
  if (named) return absolute_path(folder, *named);
  if (!environment.default_warehouse.empty()) return environment.default_warehouse;
  return absolute_path(folder, "warehouse");
}

}  // namespace

lake::BoundCatalog bind_catalog(const PlanEnvironment& environment, const SpecParts* parts, const std::string& folder,
                                config::FileErrors& errors) {
  const std::vector<lake::CatalogKind>& kinds = environment.kinds->catalogs;
  const auto given = std::find_if(kinds.begin(), kinds.end(), [&](const lake::CatalogKind& kind) {
    return parts != nullptr && parts->contains(kind.key) && kind.is_given(parts->at(kind.key).get());
  });
  const lake::CatalogKind& kind = given == kinds.end() ? kinds.front() : *given;
  const std::shared_ptr<void> spec = given == kinds.end() ? kind.make_spec() : parts->at(kind.key);
  const std::function<std::string(const std::optional<std::string>&)> warehouse =
      [&](const std::optional<std::string>& named) { return warehouse_folder(environment, named, folder); };
  const std::string path = config::path_key("catalog", kind.key);
  return kind.bind(spec.get(),
                   {.path = path, .name = environment.catalog_name, .warehouse = warehouse, .errors = errors});
}

Result<lake::BoundCatalog> default_catalog(const PlanEnvironment& environment) {
  config::Diagnostics diagnostics;
  const std::optional<config::Document> nothing = config::parse("", "{}", diagnostics);
  WEIR_CHECK(nothing.has_value());
  config::FileErrors errors(*nothing, diagnostics);
  lake::BoundCatalog catalog = bind_catalog(environment, nullptr, environment.working_directory, errors);
  if (!diagnostics.ok()) return Error(ErrorKind::invalid_argument, diagnostics.render());
  return catalog;
}

}  // namespace weir::planner

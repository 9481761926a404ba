/// \file
/// Kinds of catalogs: what may keep the tables of a pipeline, as data. The validator, the JSON Schema and the reference
/// page come from a kind's description; bind() turns what stands in the file into something that opens the catalog.
///
/// A new kind is one file and one line where the program registers all of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/random.h"
#include "base/result.h"
#include "config/file_errors.h"
#include "config/type_shape.h"
#include "lake/catalog/catalog.h"
#include "storage/object_remover.h"
#include "storage/object_store.h"

namespace weir::lake {

/// What a catalog is opened for.
enum class CatalogAccess {
  read,    ///< changes nothing: create() and commit() are permission_denied; not_found where there is no catalog
  change,  ///< not_found where there is no catalog
  create   ///< the catalog is made where it is missing, if its kind can be made
};

/// What a process gives a catalog that it opens. The references outlive it.
struct CatalogEnvironment {
  ObjectStore& store;  ///< finds what tables are made of by the scheme of its URI
  FileEnv& files;
  const Clock& clock;
  RandomSource& random;
  /// Removes metadata files that have left a table's log, where write.metadata.delete-after-commit.enabled says so.
  /// Null: they stay.
  ObjectRemover* remover = nullptr;
};

/// The settings by which other engines open the same catalog: name and value, in the order to show them.
struct ForeignSettings {
  using Setting = std::pair<std::string, std::string>;
  std::vector<Setting> pyiceberg = {};  ///< arguments of load_catalog() after the catalog's name
  std::vector<Setting> spark = {};      ///< below spark.sql.catalog.NAME
};

/// A catalog that has been checked as far as that goes without opening it. An immutable value.
struct BoundCatalog {
  std::string name;       ///< what other engines must call it
  std::string warehouse;  ///< where its tables lie, for people: an absolute folder, a URI, or what its server calls it
  /// Below which pipelines keep what lies beside the tables, unless their file says where: an absolute folder. Empty:
  /// the file has to say.
  std::string state_root;
  ForeignSettings foreign = {};
  /// Errors: those of CatalogAccess; unavailable; corrupt; invalid_argument where `warehouse` cannot hold tables.
  std::function<Result<std::unique_ptr<Catalog>>(CatalogAccess access, const CatalogEnvironment& environment)> open =
      {};
};

/// What a kind binds with.
struct CatalogContext {
  const std::string& path;  ///< of the kind's key in the file
  const std::string& name;  ///< what the command line calls the catalog, before what the file says; empty: nothing
  /// The one rule for where tables lie, when the file names `named`: as an absolute folder.
  const std::function<std::string(const std::optional<std::string>& named)>& warehouse;
  config::FileErrors& errors;
};

/// One kind. `catalog` in the file has the key of at most one.
struct CatalogKind {
  std::string key;
  std::function<std::shared_ptr<void>()> make_spec;
  std::function<bool(const void* spec)> is_given;
  /// Adds its key to the description of `catalog`.
  std::function<void(config::Description& catalog, void* spec)> describe;
  /// Of a spec that is not given: with the defaults of its keys. Adds what is wrong to context.errors, all of it.
  std::function<BoundCatalog(const void* spec, const CatalogContext& context)> bind;
};

/// A kind whose key is described as Keys.
template <typename Keys>
CatalogKind catalog_kind(const std::string& key, std::string_view doc,
                         BoundCatalog (*bind)(const Keys& keys, const CatalogContext& context)) {
  using Part = std::optional<Keys>;
  return {
      .key = key,
      .make_spec = [] { return std::make_shared<Part>(); },
      .is_given = [](const void* spec) { return static_cast<const Part*>(spec)->has_value(); },
      .describe = [key, doc = std::string(doc)](config::Description& catalog,
                                                void* spec) { catalog.field(key, *static_cast<Part*>(spec)).doc(doc); },
      .bind =
          [bind](const void* spec, const CatalogContext& context) {
            return bind(static_cast<const Part*>(spec)->value_or(Keys()), context);
          }};
}

}  // namespace weir::lake

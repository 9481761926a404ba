/// \file
/// The embedded catalog as the pipeline file knows it.
#pragma once

#include "lake/catalog/catalog_kind.h"

namespace weir::lake {

/// `catalog: {sqlite: FOLDER}`; see open_sqlite_catalog().
CatalogKind sqlite_kind();

}  // namespace weir::lake

/// \file
/// Tables of a catalog as SQL sees them.
#pragma once

#include "expression/query.h"
#include "lake/catalog/catalog.h"
#include "storage/object_store.h"

namespace weir::cli {

/// Registers the current snapshot of `table`. Errors: those of reading manifests and of register_table(); corrupt when
/// a file that the table names is missing.
Result<void> register_loaded(expression::QuerySession& session, const lake::LoadedTable& table, ObjectStore& store);

}  // namespace weir::cli

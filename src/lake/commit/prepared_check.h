/// \file
/// Whether what an earlier process prepared is still there.
#pragma once

#include "base/result.h"
#include "iceberg/metadata/table_metadata.h"
#include "lake/commit/prepared_commit.h"
#include "storage/object_store.h"

namespace weir::lake {

/// True when `now`, the table as it is, knows the partition specs of a prepared epoch's part for it and still has the
/// files that it removes or deletes rows of, and when every manifest and every file that they add exists with its size.
/// One that was left for long may have lost them: to somebody's removal of files that no table names, or to a disk.
/// Errors: those of ObjectStore, but not_found; corrupt.
Result<bool> can_be_committed(ObjectStore& store, const PreparedTable& table, const iceberg::TableMetadata& now);

}  // namespace weir::lake

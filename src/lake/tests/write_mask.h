/// \file
/// Files that delete rows by their positions, as an upsert makes them.
#pragma once

#include <string>
#include <vector>

#include "iceberg/manifest/data_file.h"
#include "iceberg/metadata/table_metadata.h"
#include "storage/object_store.h"

namespace weir::lake {

/// Writes a file that deletes the rows at `positions`, ascending, of `masked`, a file of `table`.
iceberg::DataFile write_mask(ObjectStore& store, const iceberg::TableMetadata& table, const iceberg::DataFile& masked,
                             const std::vector<int64_t>& positions);

}  // namespace weir::lake

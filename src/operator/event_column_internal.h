/// \file
/// Columns by name, and the one that holds the event time.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "columnar/schema.h"

namespace weir::operators {

/// Index of a top-level column. Errors: not_found, with the nearest name.
Result<int> column_index(const Schema& schema, const std::string& name);

/// As column_index, for a column of type timestamp or timestamptz. Errors: invalid_argument for another type.
Result<int> time_column(const Schema& schema, const std::string& name);

/// Calls `one(i, row)` for the i-th selected row.
template <typename One>
void each_selected(const Batch& batch, One one) {
  if (batch.all_selected()) {
    for (int32_t row = 0; row < batch.physical_rows(); ++row) one(static_cast<uint32_t>(row), row);
  } else {
    const std::span<const int32_t> rows = batch.selection();
    for (uint32_t i = 0; i < rows.size(); ++i) one(i, rows[i]);
  }
}

}  // namespace weir::operators

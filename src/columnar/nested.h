/// \file
/// Columns inside of structs.
#pragma once

#include <span>

#include "columnar/batch.h"

namespace weir {

/// The physical rows of the column that `path` leads to: the index of a column of `batch`, then of a field of that
/// struct, and so on. Null wherever a struct on the way is null, whatever the field says there. Shares every buffer
/// except validity. `path` is not empty and leads through structs only.
ColumnPtr column_at(const Batch& batch, std::span<const int> path);

}  // namespace weir

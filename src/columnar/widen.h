/// \file
/// Columns of one type as columns of another that holds all of it.
#pragma once

#include "columnar/column.h"

namespace weir {

/// Returns `column` as a column of `type`, which is the same type or a promotion of it that Iceberg allows: int to
/// long, float to double, decimal to more digits of the same scale; inside lists and maps too. Fields of a struct are
/// found by name, as columns of a table are; those that `column` lacks are null. Shares the buffers that stay the same.
ColumnPtr widen(const ColumnPtr& column, const TypePtr& type);

}  // namespace weir

/// \file
/// Columns of a narrower type as columns of a wider one.
#pragma once

#include "columnar/column.h"

namespace weir {

/// Returns `column` as a column of `type`, which is the same type or a promotion of it that Iceberg allows: int to
/// long, float to double, decimal to more digits of the same scale; inside structs (by position), lists and maps too.
/// Shares the buffers that stay the same.
ColumnPtr widen(const ColumnPtr& column, const TypePtr& type);

}  // namespace weir

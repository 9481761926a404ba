/// \file
/// Columns in another shape, with as many shared buffers as can be.
#pragma once

#include <cstdint>
#include <span>

#include "columnar/column.h"

namespace weir::expression {

/// The same values under `type`, which differs from the column's only in field ids and names.
ColumnPtr retype(const ColumnPtr& column, const TypePtr& type);

/// A column of `length` rows with the values of `column` at `rows` (ascending) and nulls elsewhere. Bytes and elements
/// are shared.
ColumnPtr spread(const Column& column, std::span<const int32_t> rows, int64_t length);

}  // namespace weir::expression

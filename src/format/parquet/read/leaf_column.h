/// \file
/// Values of a leaf as they stand in a file, as a column.
#pragma once

#include "base/result.h"
#include "columnar/column.h"
#include "format/parquet/read/leaf_pages.h"

namespace weir::parquet {

/// True when values of the file's `element` can be read as `type`: the same, or narrower integers, floats and decimals
/// of the same scale.
bool is_readable_as(const SchemaElement& element, const Type& type);

/// Fills `values` and `offsets` of a column of `slots` values of `column.type`, of which `values` are those that
/// `is_present` says (one byte a slot; empty: all). Errors: corrupt for a decimal or text that the type cannot hold.
Result<void> fill_values(const LeafValues& values, const SchemaElement& element, std::span<const uint8_t> is_present,
                         int64_t slots, Column& column);

}  // namespace weir::parquet

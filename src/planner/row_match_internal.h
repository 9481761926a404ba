/// \file
/// Whether a row is what a test expects.
#pragma once

#include <cstdint>

#include "columnar/column.h"
#include "config/document.h"

namespace weir::planner {

/// True when `node`, as a test file has it, is the value of row `row` of `column`. Null is null only; fields of a
/// struct that the test leaves out are not compared; text that cannot be read as the column's type is no match.
bool matches(const config::Node& node, const Column& column, int64_t row);

}  // namespace weir::planner

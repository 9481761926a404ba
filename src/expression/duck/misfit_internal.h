/// \file
/// Values that DuckDB's types have and Weir's do not: infinite dates and timestamps, 24:00.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "columnar/type.h"
#include "expression/duck/duck_internal.h"

namespace weir::expression {

/// Calls `on_misfit` for each of the rows [begin, end) of a flat vector whose value, or a value inside of it, does not
/// fit `type`, with the reason.
void find_misfits(duckdb_vector vector, const Type& type, int64_t begin, int64_t end,
                  const std::function<void(int64_t row, std::string reason)>& on_misfit);

}  // namespace weir::expression

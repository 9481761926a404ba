/// \file
/// Columns into DuckDB's vectors.
#pragma once

#include "columnar/column.h"
#include "expression/duck/duck_internal.h"
#include "expression/duck/rows_internal.h"

namespace weir::expression {

/// Puts `rows` of `column` into the first places of `vector`, whose type is to_duck(*column.type) and which holds
/// nothing yet. Strings and bytes longer than 12 are not copied: the column must outlive the vector.
void fill_vector(duckdb_vector vector, const Column& column, Rows rows);

}  // namespace weir::expression

/// \file
/// Cells of DuckDB's vectors as text and JSON.
#pragma once

#include <cstdint>
#include <string>

#include "expression/duck/duck_internal.h"

namespace weir::expression {

/// True when cells of the type can be written from a vector; other types are cast to text by DuckDB first.
bool is_writable(duckdb_logical_type type);

/// Appends the value in row `i` of a flat vector, which is not null.
void append_cell_text(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out);
/// Appends the value, or null, as JSON.
void append_cell_json(duckdb_vector vector, duckdb_logical_type type, int64_t i, std::string& out);

bool is_null_cell(duckdb_vector vector, int64_t i);

}  // namespace weir::expression

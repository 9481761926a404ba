/// \file
/// Weir's types and DuckDB's, both ways.
#pragma once

#include <string>

#include "columnar/type.h"
#include "expression/duck/duck_internal.h"

namespace weir::expression {

/// The DuckDB type that holds the values of a Weir type exactly. uuid: UUID; fixed, binary: BLOB; timestamptz:
/// TIMESTAMP WITH TIME ZONE. Empty for a struct without fields, alone or inside, and for one whose fields differ only
/// in case.
LogicalTypeHandle to_duck(const Type& type);

/// As SQL text: "DECIMAL(9,2)", "STRUCT(\"a\" INTEGER)".
std::string to_duck_sql(const Type& type);

/// What a result column becomes.
struct MappedType {
  TypePtr type;
  bool needs_cast = false;  ///< the values must first be CAST to to_duck_sql(*type), which is exact or fails for a row
};

/// The Weir type for the values of a DuckDB type; nested fields are optional and without ids.
/// Errors: unsupported when there is no exact one; the message says what to cast to.
Result<MappedType> from_duck(duckdb_logical_type type);

/// DuckDB's name of a type, as users write it: "TINYINT", "DECIMAL(9,2)", "STRUCT(a INTEGER)[]".
std::string duck_type_name(duckdb_logical_type type);

/// The width in bytes of DuckDB's values of decimal(precision, ...): 2, 4, 8 or 16.
constexpr int duck_decimal_width(int precision) {
  return precision <= 4 ? 2 : precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
}

}  // namespace weir::expression

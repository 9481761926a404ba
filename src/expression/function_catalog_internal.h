/// \file
/// DuckDB's functions by what they may be used for.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "expression/duck_internal.h"
#include "expression/json_internal.h"

namespace weir::expression {

/// What an expression may do with a function.
enum class FunctionUse {
  allowed,
  unknown,
  aggregate,  ///< would see one batch only
  table,      ///< gives rows, not a value
  unstable,   ///< depends on time, chance or session, or acts on something
};

/// Thread-safe once loaded.
class FunctionCatalog {
 public:
  /// Reads duckdb_functions(); macros are followed into their definitions, parsed by `parse`.
  Result<void> load(duckdb_connection connection, const std::function<Result<JsonValue>(std::string_view)>& parse);

  /// By lower-case name; `argument_count` as written.
  FunctionUse use(const std::string& name, size_t argument_count) const;
  /// Names of allowed functions, for suggestions.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, FunctionUse> uses_;
  std::vector<std::string> names_;
};

/// True for words that DuckDB reads as a function call when no column has that name: current_date, user, ...
bool is_sql_value_name(const std::string& lower_case_name);

/// ASCII lower case, as DuckDB compares names.
std::string to_lower(std::string_view text);

}  // namespace weir::expression

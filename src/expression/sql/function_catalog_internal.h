/// \file
/// DuckDB's functions by what they may be used for.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "expression/duck/duck_internal.h"
#include "expression/duck/json_internal.h"

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
  /// Gives the syntax tree of SQL text.
  using Parse = std::function<Result<JsonValue>(std::string_view)>;

  /// Reads duckdb_functions(). Macros are followed into their definitions, by `parse`, when they are first asked for.
  Result<void> load(duckdb_connection connection, Parse parse);

  /// By lower-case name; `argument_count` as written.
  FunctionUse use(const std::string& name, size_t argument_count) const;
  /// Names of functions and macros, for suggestions.
  const std::vector<std::string>& names() const { return names_; }

 private:
  FunctionUse resolve(const std::string& name) const;

  Parse parse_;
  std::vector<std::string> names_;
  mutable std::mutex mutex_;  ///< over what follows
  mutable std::map<std::string, FunctionUse> uses_;
  mutable std::map<std::string, std::vector<std::string>> macros_;  ///< definitions not looked into yet
};

/// True for words that DuckDB reads as a function call when no column has that name: current_date, user, ...
bool is_sql_value_name(const std::string& lower_case_name);

/// ASCII lower case, as DuckDB compares names.
std::string to_lower(std::string_view text);

}  // namespace weir::expression

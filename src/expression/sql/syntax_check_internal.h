/// \file
/// The walk over a syntax tree that refuses what expressions may not use and finds the columns they read.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/schema.h"
#include "expression/duck/json_internal.h"
#include "expression/sql/function_catalog_internal.h"

namespace weir::expression {

/// Where names lead. Names compare without regard to ASCII case, as in DuckDB.
/// Errors: invalid_argument for no such column (naming the nearest), for one of several that differ only in case.
Result<int> resolve_column(const Schema& input, std::string_view name);

/// Follows `names` through structs: the column, then the field in each struct. Stops without error at what is no
/// struct.
Result<std::vector<int>> resolve_path(const Schema& input, const std::vector<std::string>& names);

/// Checks one expression.
class SyntaxCheck {
 public:
  SyntaxCheck(const FunctionCatalog& functions, const Schema& input) : functions_(functions), input_(input) {}

  /// Errors: invalid_argument, unsupported; offset() is then the place in the parsed text, or -1.
  Result<void> check(const JsonValue& tree);

  int64_t offset() const { return offset_; }
  /// Indexes of the columns found.
  const std::set<int>& columns() const { return columns_; }

 private:
  Result<void> check_node(const JsonValue& node);
  Result<void> check_children(const JsonValue& node);
  Result<void> check_column(const JsonValue& node);
  Result<void> check_function(const JsonValue& node);
  Result<void> check_lambda(const JsonValue& node);
  Error refuse(const JsonValue& node, ErrorKind kind, std::string message);

  const FunctionCatalog& functions_;
  const Schema& input_;
  std::set<int> columns_;
  std::vector<std::string> parameters_;  ///< names of lambdas in scope
  int64_t offset_ = -1;
};

}  // namespace weir::expression

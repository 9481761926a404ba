/// \file
/// SQL text read and judged: what it is, which columns it reads, and whether it may be evaluated here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "columnar/schema.h"
#include "expression/duck/engine_internal.h"

namespace weir::expression {

/// A condition, or one item of a select list, that passed all checks but DuckDB's own of types.
struct ParsedItem {
  enum class Kind { all_columns, reference, computed };
  Kind kind = Kind::computed;
  std::string sql;       ///< the expression without its alias
  size_t sql_begin = 0;  ///< where it starts in the item's text
  std::string alias;
  std::vector<int> columns;  ///< indexes of the columns it reads, ascending; all_columns: the columns meant, in order
  std::vector<int> path;     ///< reference: the column, then the field in each struct on the way
};

/// `offset`, in all of these: set to the place in the text when the result is an error.
Result<ParsedItem> parse_condition(Engine& engine, std::string_view text, const Schema& input, size_t& offset);
Result<ParsedItem> parse_select_item(Engine& engine, std::string_view text, const Schema& input, size_t& offset);

}  // namespace weir::expression

/// \file
/// The outside of SQL text: bounds, and the name that a select item is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::expression {

/// A word, quoted name, number, string or other character of SQL text. Comments and space are none.
struct SqlToken {
  enum class Kind : unsigned char { word, quoted_name, string, number, symbol };
  Kind kind;
  size_t begin;
  size_t end;
};

/// Splits SQL text as DuckDB does, as far as finding the ends of tokens goes. Text that never ends (a quote, a comment)
/// ends with the text.
std::vector<SqlToken> split_sql(std::string_view sql);

/// Refuses what is not UTF-8 or has control characters; `what` names the text in the message. `offset` is set to the
/// place.
Result<void> check_sql_characters(std::string_view sql, std::string_view what, size_t& offset);

/// Refuses text that is empty, too long, too deep in brackets, not UTF-8 or has control characters. `offset` is set to
/// the place.
Result<void> check_sql_text(std::string_view sql, size_t& offset);

/// The part of a select item that is the expression, given that the item has an alias: without "as name", "name" or
/// "name:". Nothing when none of these forms is recognized.
struct SqlPart {
  size_t begin = 0;
  size_t end = 0;
};
std::optional<SqlPart> without_alias(std::string_view item);

}  // namespace weir::expression

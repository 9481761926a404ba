/// \file
/// How the rows of a query are written.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expression/query.h"

namespace weir::cli {

enum class RowFormat { table, csv, json };

struct RowOutput {
  RowFormat format = RowFormat::table;
  int64_t rows_max = 0;  ///< 0: all
  size_t columns = 0;    ///< width of the terminal that reads them; 0: none does
  /// Takes text; false: nobody wants more.
  std::function<bool(std::string_view)> write;
};

/// Writes the rows of `result` as they come. table: aligned, in pieces of 1,000 rows; one column a line where a piece
/// is wider than the terminal. csv: RFC 4180 with a header; null is an empty field, empty text is "". json: one object
/// a line. Errors: those of QueryResult::next().
Result<void> write_query_rows(expression::QueryResult& result, const RowOutput& output);

/// The line of `text` in which byte `offset` stands, and a caret below it; without a caret when `offset` is npos. Lines
/// longer than `width` are cut around the place. Before the line stands `label` or, when it is null, its number.
std::string excerpt_at(std::string_view text, size_t offset, size_t width, const char* label = nullptr);

}  // namespace weir::cli

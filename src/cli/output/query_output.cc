#include "cli/output/query_output.h"

#include <algorithm>

#include "cli/output/console.h"

namespace weir::cli {
namespace {

using expression::QueryResult;

/// Rows that are held to align the columns; a longer result is written in pieces of this many rows.
constexpr size_t kPieceRows = 1000;

using Cells = std::vector<std::string>;

std::string cell_text(const QueryResult& result, int64_t row, size_t column) {
  if (result.is_null(row, column)) return "null";
  std::string text;
  result.append_text(row, column, text);
  return text;
}

Cells names(const QueryResult& result) {
  Cells header;
  for (const expression::QueryColumn& column : result.columns()) header.push_back(column.name);
  return header;
}

std::string json_row(const QueryResult& result, int64_t row) {
  std::string line = "{";
  for (size_t c = 0; c < result.columns().size(); ++c) {
    line += (c == 0 ? "" : ",") + json_string(result.columns()[c].name) + ":";
    if (result.is_null(row, c))
      line += "null";
    else
      result.append_json(row, c, line);
  }
  return line + "}\n";
}

std::string csv_field(std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string csv_line(const Cells& fields) {
  std::string line;
  for (const std::string& field : fields) line += (line.empty() ? "" : ",") + field;
  return line + "\n";
}

std::string csv_row(const QueryResult& result, int64_t row) {
  std::string line;
  for (size_t c = 0; c < result.columns().size(); ++c) {
    if (c > 0) line += ",";
    if (result.is_null(row, c)) continue;
    std::string text;
    result.append_text(row, c, text);
    line += csv_field(text);
  }
  return line + "\n";
}

size_t longest_line(std::string_view text) {
  size_t longest = 0;
  size_t length = 0;
  for (const char c : text) {
    if (c == '\n') {
      longest = std::max(longest, length);
      length = 0;
    } else if ((static_cast<uint8_t>(c) & 0xc0) != 0x80) {
      ++length;
    }
  }
  return std::max(longest, length);
}

/// One column a line, for rows that are wider than the screen.
std::string upright(const std::vector<Cells>& piece, int64_t first_row) {
  size_t width = 0;
  for (const std::string& name : piece[0]) width = std::max(width, name.size());
  std::string text;
  for (size_t r = 1; r < piece.size(); ++r) {
    text += "-- row " + format_count(first_row + static_cast<int64_t>(r)) + "\n";
    for (size_t c = 0; c < piece[r].size(); ++c) {
      const std::string name = printable(piece[0][c]);
      text += name + std::string(width + 2 - std::min(width, name.size()), ' ') + printable(piece[r][c]) + "\n";
    }
  }
  return text;
}

/// Rows as an aligned table.
class TableWriter {
 public:
  TableWriter(const QueryResult& result, const RowOutput& output) : output_(output), piece_{names(result)} {}

  bool add(const QueryResult& result, int64_t row) {
    Cells cells;
    for (size_t c = 0; c < result.columns().size(); ++c) cells.push_back(cell_text(result, row, c));
    piece_.push_back(std::move(cells));
    return piece_.size() <= kPieceRows || flush();
  }
  bool finish() { return (piece_.size() == 1 && written_ > 0) || flush(); }

 private:
  bool flush() {
    std::string text = format_table(piece_);
    if (output_.columns > 0 && piece_.size() > 1 && longest_line(text) > output_.columns)
      text = upright(piece_, written_);
    written_ += static_cast<int64_t>(piece_.size()) - 1;
    piece_.resize(1);
    return output_.write(text);
  }

  const RowOutput& output_;
  std::vector<Cells> piece_;
  int64_t written_ = 0;
};

/// EXPLAIN gives drawings of several lines, which no column of a table can hold.
bool is_explanation(const QueryResult& result) {
  return result.columns().size() == 2 && result.columns()[1].name == "explain_value";
}

/// Calls `each` for the rows up to the limit, until it says false.
Result<void> for_each_row(QueryResult& result, int64_t rows_max, const std::function<bool(int64_t)>& each) {
  int64_t done = 0;
  while (rows_max == 0 || done < rows_max) {
    WEIR_ASSIGN(const bool more, result.next());
    if (!more) return {};
    for (int64_t row = 0; row < result.rows() && (rows_max == 0 || done < rows_max); ++row, ++done) {
      if (!each(row)) return {};
    }
  }
  return {};
}

}  // namespace

Result<void> write_query_rows(QueryResult& result, const RowOutput& output) {
  if (output.format == RowFormat::json)
    return for_each_row(result, output.rows_max, [&](int64_t row) { return output.write(json_row(result, row)); });
  if (output.format == RowFormat::csv) {
    Cells header = names(result);
    for (std::string& name : header) name = csv_field(name);
    if (!output.write(csv_line(header))) return {};
    return for_each_row(result, output.rows_max, [&](int64_t row) { return output.write(csv_row(result, row)); });
  }
  if (is_explanation(result)) {
    return for_each_row(result, output.rows_max,
                        [&](int64_t row) { return output.write(printable_lines(cell_text(result, row, 1)) + "\n"); });
  }
  TableWriter table(result, output);
  WEIR_TRY(for_each_row(result, output.rows_max, [&](int64_t row) { return table.add(result, row); }));
  table.finish();
  return {};
}

std::string excerpt_at(std::string_view text, size_t offset, size_t width, const char* label) {
  const bool has_place = offset != std::string_view::npos;
  offset = has_place ? std::min(offset, text.size()) : 0;
  const size_t line_number =
      1 + static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n'));
  const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(begin, std::min(text.find('\n', offset), text.size()) - begin);
  size_t from = offset - begin > width / 2 ? offset - begin - width / 2 : 0;
  while (from > 0 && from < line.size() && (static_cast<uint8_t>(line[from]) & 0xc0) == 0x80) --from;
  size_t to = std::min(from + width, line.size());
  while (to < line.size() && (static_cast<uint8_t>(line[to]) & 0xc0) == 0x80) ++to;
  const std::string before = (from > 0 ? "..." : "") + printable(line.substr(from, offset - begin - from));
  const std::string after =
      printable(line.substr(offset - begin, to - (offset - begin))) + (to < line.size() ? "..." : "");
  const auto columns = static_cast<size_t>(
      std::count_if(before.begin(), before.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
  const std::string number = std::to_string(line_number);
  const std::string begins = label != nullptr ? label : number + " | ";
  const std::string below =
      label != nullptr ? std::string(begins.size(), ' ') : std::string(number.size(), ' ') + " | ";
  const std::string shown = "  " + begins + before + after + "\n";
  return has_place ? shown + "  " + below + std::string(columns, ' ') + "^\n" : shown;
}

}  // namespace weir::cli

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "expression/query.h"
#include "lake/scan.h"

namespace weir::cli {
namespace {

using expression::QueryResult;
using expression::QuerySession;

/// Rows that are held to align the columns; a longer result is printed in pieces of this many rows.
constexpr size_t kPieceRows = 1000;

/// Files of the table's current snapshot, as local paths.
Result<expression::QueryTable> query_table(const lake::LoadedTable& table, ObjectStore& store) {
  expression::QueryTable described{.name_space = table.table.ns,
                                   .name = table.table.name,
                                   .schema = table.metadata->current_schema().schema,
                                   .files = {}};
  WEIR_ASSIGN(const std::vector<iceberg::ManifestEntry> entries, lake::scan_files(table, std::nullopt, store));
  for (const iceberg::ManifestEntry& entry : entries) {
    WEIR_ASSIGN(std::string path, file_path(entry.file.path));
    described.files.push_back(std::move(path));
  }
  return described;
}

Result<void> register_tables(Environment& environment, const CatalogArguments& arguments, QuerySession& session) {
  const lake::SqliteCatalogOptions options{
      .directory = planner::absolute_path(environment.working_directory, arguments.warehouse),
      .name = arguments.catalog_name,
      .create_if_missing = false};
  WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog, environment.open_catalog(options));
  WEIR_ASSIGN(const std::vector<lake::TableIdentifier> tables, catalog->list());
  for (const lake::TableIdentifier& table : tables) {
    WEIR_ASSIGN(const lake::LoadedTable loaded, catalog->load(table));
    WEIR_ASSIGN(const expression::QueryTable described, query_table(loaded, *environment.store));
    WEIR_TRY(session.register_table(described));
  }
  return {};
}

std::string cell_text(const QueryResult& result, int64_t row, size_t column) {
  if (result.is_null(row, column)) return "null";
  std::string text;
  result.append_text(row, column, text);
  return text;
}

std::vector<std::string> names(const QueryResult& result) {
  std::vector<std::string> header;
  for (const expression::QueryColumn& column : result.columns()) header.push_back(column.name);
  return header;
}

/// One JSON object a line.
void print_json_row(Environment& environment, const QueryResult& result, int64_t row) {
  std::string line = "{";
  for (size_t c = 0; c < result.columns().size(); ++c) {
    line += (c == 0 ? "" : ",") + json_string(result.columns()[c].name) + ":";
    if (result.is_null(row, c))
      line += "null";
    else
      result.append_json(row, c, line);
  }
  environment.console.out(line + "}\n");
}

Result<void> print_rows(Environment& environment, QueryResult& result, int64_t rows_max) {
  std::vector<std::vector<std::string>> piece = {names(result)};
  int64_t printed = 0;
  while (true) {
    WEIR_ASSIGN(const bool more, result.next());
    if (!more) break;
    for (int64_t row = 0; row < result.rows() && (rows_max == 0 || printed < rows_max); ++row, ++printed) {
      if (environment.json) {
        print_json_row(environment, result, row);
        continue;
      }
      std::vector<std::string> cells;
      for (size_t c = 0; c < result.columns().size(); ++c) cells.push_back(cell_text(result, row, c));
      piece.push_back(std::move(cells));
      if (piece.size() > kPieceRows) {
        environment.console.out(format_table(piece));
        piece.resize(1);
      }
    }
    if (rows_max != 0 && printed >= rows_max) break;
  }
  if (!environment.json && (piece.size() > 1 || printed == 0)) environment.console.out(format_table(piece));
  return {};
}

Result<void> run_query(Environment& environment, const QueryArguments& arguments) {
  WEIR_ASSIGN(const std::unique_ptr<QuerySession> session, QuerySession::open());
  WEIR_TRY(register_tables(environment, arguments.catalog, *session));
  WEIR_ASSIGN(const std::unique_ptr<QueryResult> result, session->run(arguments.sql));
  return print_rows(environment, *result, arguments.rows_max);
}

}  // namespace

int query_command(Environment& environment, const QueryArguments& arguments) {
  const Result<void> done = run_query(environment, arguments);
  return done.ok() ? kExitDone : fail(environment, done.error());
}

}  // namespace weir::cli

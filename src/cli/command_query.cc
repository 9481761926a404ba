#include <algorithm>
#include <iterator>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/query_guard.h"
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

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  return out;
}

/// True when `text` may speak of the table: its name occurs, in any case. Does not read the SQL: a name inside of
/// another word only costs the loading of a table that is not needed.
bool may_name(std::string_view text, const lake::TableIdentifier& table) {
  return lower(text).find(lower(table.name)) != std::string::npos;
}

/// A table that a query cannot have, and why.
struct Unreadable {
  lake::TableIdentifier table;
  Error error;
};

/// The tables of a catalog as a session has them.
class QueryTables {
 public:
  QueryTables(Environment& environment, QuerySession& session, const QueryGuard& guard)
      : environment_(environment), session_(session), guard_(guard) {}

  /// Registers the tables that `arguments.sql` may name: to know a table means to read its manifests and the footers of
  /// its files. A query that names none of them may ask for all (SHOW ALL TABLES) or have a name wrong: it gets all.
  /// One that cannot be read does not stop queries of the others.
  Result<void> open(const QueryArguments& arguments) {
    const lake::SqliteCatalogOptions options{
        .directory = planner::absolute_path(environment_.working_directory, arguments.catalog.warehouse),
        .name = arguments.catalog.catalog_name,
        .read_only = true};
    WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog, environment_.open_catalog(options));
    WEIR_ASSIGN(const std::vector<lake::TableIdentifier> tables, catalog->list());
    std::vector<lake::TableIdentifier> wanted;
    std::copy_if(tables.begin(), tables.end(), std::back_inserter(wanted),
                 [&](const lake::TableIdentifier& table) { return may_name(arguments.sql, table); });
    std::copy_if(tables.begin(), tables.end(), std::back_inserter(unquoted_), [&](const lake::TableIdentifier& table) {
      return table.ns.find('.') != std::string::npos &&
             lower(arguments.sql).find(lower(table.to_string())) != std::string::npos;
    });
    const bool all = wanted.empty();
    for (const lake::TableIdentifier& table : all ? tables : wanted) {
      const Result<void> added = add(*catalog, table);
      WEIR_TRY(guard_.check());
      if (added.ok()) continue;
      if (all) environment_.console.warning(table.to_string() + " cannot be read: " + added.error().message());
      unreadable_.push_back({.table = table, .error = added.error()});
    }
    return {};
  }

  /// The reason why a query could not begin: DuckDB does not know of tables that could not be read.
  Error explain(const Error& error) const {
    const auto found = std::find_if(unreadable_.begin(), unreadable_.end(),
                                    [&](const Unreadable& table) { return may_name(error.message(), table.table); });
    if (found != unreadable_.end()) return found->error;
    if (unquoted_.empty()) return error;
    const lake::TableIdentifier& table = unquoted_.front();
    return Error(error.kind(), error.message() + "; in SQL the table " + table.to_string() + " is called \"" +
                                   table.ns + "\"." + table.name);
  }

 private:
  Result<void> add(lake::Catalog& catalog, const lake::TableIdentifier& table) {
    Result<void> added = add_known(catalog, table);
    // The catalog lists it: that one of its files is missing is no mistake of whoever asks.
    if (!added.ok() && added.error().kind() == ErrorKind::not_found)
      return Error(ErrorKind::corrupt, added.error().message());
    return added;
  }
  Result<void> add_known(lake::Catalog& catalog, const lake::TableIdentifier& table) {
    WEIR_ASSIGN(const lake::LoadedTable loaded, catalog.load(table));
    WEIR_ASSIGN(const expression::QueryTable described, query_table(loaded, *environment_.store));
    return session_.register_table(described);
  }

  Environment& environment_;
  QuerySession& session_;
  const QueryGuard& guard_;
  std::vector<Unreadable> unreadable_;
  std::vector<lake::TableIdentifier> unquoted_;  ///< of nested namespaces, that the SQL calls without quotes
};

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

/// EXPLAIN gives drawings of several lines, which no column of a table can hold.
bool is_explanation(const QueryResult& result) {
  return result.columns().size() == 2 && result.columns()[1].name == "explain_value";
}

Result<void> print_explanation(Environment& environment, QueryResult& result) {
  while (environment.console.out_error() == 0) {
    WEIR_ASSIGN(const bool more, result.next());
    if (!more) return {};
    for (int64_t row = 0; row < result.rows(); ++row)
      environment.console.out(printable_lines(cell_text(result, row, 1)) + "\n");
  }
  return {};
}

Result<void> print_rows(Environment& environment, QueryResult& result, int64_t rows_max) {
  if (is_explanation(result) && !environment.json) return print_explanation(environment, result);
  std::vector<std::vector<std::string>> piece = {names(result)};
  int64_t printed = 0;
  while (environment.console.out_error() == 0) {
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

Result<void> run_query(Environment& environment, QuerySession& session, const QueryGuard& guard,
                       const QueryArguments& arguments) {
  QueryTables tables(environment, session, guard);
  WEIR_TRY(tables.open(arguments));
  const Result<std::unique_ptr<QueryResult>> result = session.run(arguments.sql);
  if (!result.ok()) return tables.explain(result.error());
  return print_rows(environment, **result, arguments.rows_max);
}

Result<void> guarded_query(Environment& environment, const QueryArguments& arguments) {
  WEIR_ASSIGN(const std::unique_ptr<QuerySession> session, QuerySession::open());
  const QueryGuard guard(*session, environment.console, environment.clock, arguments.time_ms_max);
  Result<void> done = run_query(environment, *session, guard, arguments);
  if (!done.ok()) WEIR_TRY(guard.check());  // what an interrupted session says is of no use to anybody
  return done;
}

}  // namespace

int query_command(Environment& environment, const QueryArguments& arguments) {
  const Result<void> done = guarded_query(environment, arguments);
  if (done.ok()) return kExitDone;
  if (!environment.console.has_reader()) return kExitFailed;  // and nothing to say: `weir query ... | head` is no fault
  const int code = fail(environment, done.error());
  return done.error().kind() == ErrorKind::cancelled ? kExitInterrupted : code;
}

}  // namespace weir::cli

#include <algorithm>
#include <cstdio>
#include <iterator>

#include <unistd.h>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/query_output.h"
#include "cli/query_guard.h"
#include "cli/table_session.h"

namespace weir::cli {
namespace {

using expression::QueryResult;
using expression::QuerySession;

constexpr size_t kSqlExcerptColumns = 72;

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

  /// Registers the tables that `sql` may name: to know a table means to read its manifests and the footers of its
  /// files. A query that names none of them may ask for all (SHOW ALL TABLES) or have a name wrong: it gets all. One
  /// that cannot be read does not stop queries of the others.
  Result<void> open(lake::Catalog& catalog, const std::string& sql) {
    WEIR_ASSIGN(const std::vector<lake::TableIdentifier> tables, catalog.list());
    std::vector<lake::TableIdentifier> wanted;
    std::copy_if(tables.begin(), tables.end(), std::back_inserter(wanted),
                 [&](const lake::TableIdentifier& table) { return may_name(sql, table); });
    std::copy_if(tables.begin(), tables.end(), std::back_inserter(unquoted_), [&](const lake::TableIdentifier& table) {
      return table.ns.find('.') != std::string::npos && lower(sql).find(lower(table.to_string())) != std::string::npos;
    });
    const bool all = wanted.empty();
    for (const lake::TableIdentifier& table : all ? tables : wanted) {
      const Result<void> added = add(catalog, table);
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
    WEIR_ASSIGN(const lake::LoadedTable loaded, catalog.load(table));
    return register_loaded(session_, loaded, *environment_.store);
  }

  Environment& environment_;
  QuerySession& session_;
  const QueryGuard& guard_;
  std::vector<Unreadable> unreadable_;
  std::vector<lake::TableIdentifier> unquoted_;  ///< of nested namespaces, that the SQL calls without quotes
};

/// The words of a short statement in lower case, without a semicolon at its end.
std::vector<std::string> words_of(std::string_view sql) {
  std::vector<std::string> words;
  size_t at = 0;
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ';'; };
  while (at < sql.size() && words.size() < 4) {
    while (at < sql.size() && is_space(sql[at])) ++at;
    const size_t begin = at;
    while (at < sql.size() && !is_space(sql[at])) ++at;
    if (at > begin) words.emplace_back(sql.substr(begin, at - begin));
  }
  return words;
}

std::string sql_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

/// `rows` of literals as a SELECT, which every format can write.
std::string values_sql(const std::vector<std::vector<std::string>>& rows, const std::string& columns, size_t width) {
  std::string values;
  for (const std::vector<std::string>& row : rows) {
    std::string list;
    for (const std::string& cell : row) list += (list.empty() ? "" : ", ") + cell;
    values += (values.empty() ? "(" : ", (") + list + ")";
  }
  if (!rows.empty()) return "SELECT * FROM (VALUES " + values + ") AS t(" + columns + ")";
  std::string nulls;
  for (size_t i = 0; i < width; ++i) nulls += i == 0 ? "NULL::VARCHAR" : ", NULL::VARCHAR";
  return "SELECT * FROM (SELECT " + nulls + ") AS t(" + columns + ") LIMIT 0";
}

void add_fields(const std::vector<Field>& fields, const std::string& prefix,
                std::vector<std::vector<std::string>>& rows) {
  for (const Field& field : fields) {
    const std::string name = prefix + field.name;
    const bool is_struct = field.type->kind() == TypeKind::structure;
    rows.push_back({sql_literal(name), sql_literal(is_struct ? "struct" : field.type->to_string()),
                    field.required ? "true" : "false", field.doc.empty() ? "NULL" : sql_literal(field.doc)});
    if (is_struct) add_fields(field.type->fields(), name + ".", rows);
  }
}

/// `show tables` and `describe TABLE` are answered by the catalog: it knows Iceberg's types, and no file is opened.
/// Anything else stays as it is.
Result<std::string> answered_by_catalog(lake::Catalog& catalog, const std::string& sql) {
  const std::vector<std::string> words = words_of(sql);
  if (words.size() != 2) return sql;
  const std::string verb = lower(words[0]);
  if (verb == "show" && lower(words[1]) == "tables") {
    WEIR_ASSIGN(const std::vector<lake::TableIdentifier> tables, catalog.list());
    std::vector<std::vector<std::string>> rows;
    rows.reserve(tables.size());
    for (const lake::TableIdentifier& table : tables) rows.push_back({sql_literal(table.to_string())});
    return values_sql(rows, "\"table\"", 1);
  }
  if (verb != "describe" && verb != "desc") return sql;
  const Result<lake::TableIdentifier> table = lake::TableIdentifier::parse(words[1]);
  if (!table.ok()) return sql;
  WEIR_ASSIGN(const lake::LoadedTable loaded, catalog.load(*table));
  std::vector<std::vector<std::string>> rows;
  add_fields(loaded.metadata->current_schema().schema->fields(), "", rows);
  return values_sql(rows, "\"column\", type, required, doc", 4);
}

/// What a query is, once it was read from wherever it stands.
struct Question {
  std::string sql;
  std::string source;  ///< the file's name; empty for an argument and for stdin
};

Result<Question> question_of(Environment& environment, const QueryArguments& arguments) {
  if (!arguments.file.empty()) {
    const std::string path = planner::absolute_path(environment.working_directory, arguments.file);
    WEIR_ASSIGN(std::string sql, read_file(environment.files, path, static_cast<int64_t>(expression::kQueryBytesMax)));
    return Question{.sql = std::move(sql), .source = arguments.file};
  }
  if (!arguments.sql.empty() && arguments.sql != "-") return Question{.sql = arguments.sql, .source = {}};
  const bool is_asked_for = !arguments.sql.empty() || ::isatty(STDIN_FILENO) == 0;
  std::string sql;
  if (is_asked_for) {
    WEIR_ASSIGN(sql, read_stdin(expression::kQueryBytesMax));
  }
  if (sql.find_first_not_of(" \t\r\n") == std::string::npos)
    return Error(ErrorKind::invalid_argument, "no SQL: give it as an argument, with --file, or on stdin");
  return Question{.sql = std::move(sql), .source = {}};
}

/// Writes rows where the arguments say. A file appears under its name when it is complete.
class QueryWriter {
 public:
  QueryWriter(Environment& environment, const QueryArguments& arguments)
      : environment_(environment), arguments_(arguments), format_(arguments.format) {
    if (format_.empty()) format_ = environment.json ? "json" : "table";
    if (!arguments.output.empty()) {
      path_ = planner::absolute_path(environment.working_directory, arguments.output);
      part_ = path_ + ".part";
    }
  }

  Result<void> write(QuerySession& session, const std::string& sql, size_t* offset) {
    if (path_.empty())
      return write_rows(session, sql, offset, [this](std::string_view text) {
        environment_.console.out(text);
        return environment_.console.out_error() == 0;
      });
    (void)environment_.files.remove(part_);  // of an earlier run that was ended
    Result<void> written =
        format_ == "parquet" ? session.write_parquet(sql, part_, offset) : write_file(session, sql, offset);
    if (written.ok()) return environment_.files.rename(part_, path_);
    (void)environment_.files.remove(part_);
    return written;
  }
  /// What must be allowed before the session is locked; empty when rows go through here.
  std::string parquet_path() const { return format_ == "parquet" ? part_ : std::string(); }

 private:
  Result<void> write_file(QuerySession& session, const std::string& sql, size_t* offset) {
    WEIR_ASSIGN(const std::unique_ptr<WritableFile> file, environment_.files.create(part_));
    Result<void> appended;
    WEIR_TRY(write_rows(session, sql, offset, [&](std::string_view text) {
      appended = file->append(text);
      return appended.ok();
    }));
    WEIR_TRY(appended);
    WEIR_TRY(file->sync());
    return file->close();
  }
  Result<void> write_rows(QuerySession& session, const std::string& sql, size_t* offset,
                          std::function<bool(std::string_view)> write) {
    WEIR_ASSIGN(const std::unique_ptr<QueryResult> result, session.run(sql, offset));
    *offset = std::string::npos;  // what comes now is about values
    return write_query_rows(*result, {.format = format_ == "csv"    ? RowFormat::csv
                                                : format_ == "json" ? RowFormat::json
                                                                    : RowFormat::table,
                                      .rows_max = arguments_.rows_max,
                                      .columns = path_.empty() ? environment_.console.out_columns() : 0,
                                      .write = std::move(write)});
  }

  Environment& environment_;
  const QueryArguments& arguments_;
  std::string format_;
  std::string path_;  ///< empty: stdout
  std::string part_;
};

Result<void> run_query(Environment& environment, QuerySession& session, const QueryGuard& guard,
                       const QueryArguments& arguments, const lake::BoundCatalog& bound) {
  WEIR_ASSIGN(Question question, question_of(environment, arguments));
  WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog, environment.open_catalog(bound, lake::CatalogAccess::read));
  WEIR_ASSIGN(const std::string sql, answered_by_catalog(*catalog, question.sql));
  QueryTables tables(environment, session, guard);
  if (sql == question.sql) WEIR_TRY(tables.open(*catalog, sql));
  QueryWriter writer(environment, arguments);
  if (!writer.parquet_path().empty()) session.allow_output(writer.parquet_path());
  size_t offset = std::string::npos;
  const Result<void> written = writer.write(session, sql, &offset);
  if (written.ok()) return {};
  Error error = tables.explain(written.error());
  if (sql != question.sql || offset == std::string::npos || error.kind() != ErrorKind::invalid_argument) return error;
  environment.console.err((question.source.empty() ? std::string() : printable(question.source) + "\n") +
                          excerpt_at(environment.redactor.redact(sql), offset, kSqlExcerptColumns));
  return error;
}

Result<void> guarded_query(Environment& environment, const QueryArguments& arguments, const lake::BoundCatalog& bound) {
  WEIR_ASSIGN(const std::unique_ptr<QuerySession> session, QuerySession::open());
  const QueryGuard guard(*session, environment.console, environment.clock, arguments.time_ms_max);
  Result<void> done = run_query(environment, *session, guard, arguments, bound);
  if (!done.ok()) WEIR_TRY(guard.check());  // what an interrupted session says is of no use to anybody
  return done;
}

}  // namespace

int query_command(Environment& environment, const QueryArguments& arguments) {
  const std::optional<lake::BoundCatalog> bound =
      environment.catalog_of(arguments.catalog.pipeline_file, arguments.catalog.catalog_name);
  if (!bound) return environment.plan_exit_code();
  const Result<void> done = guarded_query(environment, arguments, *bound);
  if (done.ok()) return kExitDone;
  if (!environment.console.has_reader()) return kExitFailed;  // and nothing to say: `weir query ... | head` is no fault
  const int code = fail(environment, done.error());
  return done.error().kind() == ErrorKind::cancelled ? kExitInterrupted : code;
}

}  // namespace weir::cli

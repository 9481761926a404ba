#include "expression/query.h"

#include <algorithm>
#include <set>
#include <utility>

#include "expression/duck/cell_text_internal.h"
#include "expression/duck/duck_guard_internal.h"
#include "expression/duck/duck_internal.h"
#include "expression/duck/type_mapping_internal.h"
#include "expression/sql/sql_text_internal.h"

namespace weir::expression {
namespace {

using StatementsHandle = Handle<duckdb_extracted_statements, &duckdb_destroy_extracted>;

Error query_error(const DuckError& error) {
  if (error.type == DUCKDB_ERROR_OUT_OF_MEMORY)
    return Error(ErrorKind::resource_exhausted, "the query needs more memory than it may use: " + error.message);
  return error.to_error();
}

/// A glob of DuckDB that matches exactly `path`.
std::string exact_glob(std::string_view path) {
  std::string glob;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      glob += std::string("[") + c + "]";
    } else {
      glob += c;
    }
  }
  return glob;
}

std::string list_of_literals(const std::vector<std::string>& texts) {
  std::string sql = "[";
  for (const std::string& text : texts) sql += (sql.size() == 1 ? "" : ", ") + quote_literal(text);
  return sql + "]";
}

/// The statement that gives a table's rows.
std::string table_sql(const QueryTable& table) {
  std::string columns;
  if (table.files.empty()) {
    for (const Field& field : table.schema->fields()) {
      columns += (columns.empty() ? "" : ", ") + ("CAST(NULL AS " + to_duck_sql(*field.type) + ") AS ") +
                 quote_identifier(field.name);
    }
    return "SELECT " + columns + " LIMIT 0";
  }
  for (const Field& field : table.schema->fields()) {
    columns += (columns.empty() ? "" : ", ") + std::to_string(field.id) + ": {name: " + quote_literal(field.name) +
               ", type: " + quote_literal(to_duck_sql(*field.type)) + ", default_value: NULL}";
  }
  std::vector<std::string> globs;
  for (const std::string& file : table.files) globs.push_back(exact_glob(file));
  return "SELECT * FROM read_parquet(" + list_of_literals(globs) + ", schema = MAP {" + columns +
         "}, hive_partitioning = false, filename = false)";
}

std::string without_semicolon(std::string_view sql) {
  std::vector<SqlToken> tokens = split_sql(sql);
  while (!tokens.empty() && sql[tokens.back().begin] == ';') tokens.pop_back();
  return std::string(sql.substr(0, tokens.empty() ? 0 : tokens.back().end));
}

class StreamedResult final : public QueryResult {
 public:
  StreamedResult(ResultHandle result, std::vector<QueryColumn> columns)
      : result_(std::move(result)), columns_(std::move(columns)) {
    for (idx_t i = 0; i < columns_.size(); ++i) types_.emplace_back(duckdb_column_logical_type(&result_.get(), i));
  }

  const std::vector<QueryColumn>& columns() const override { return columns_; }

  Result<bool> next() override {
    WEIR_TRY(guard_duck([&]() -> Result<void> {
      chunk_ = ChunkHandle(duckdb_fetch_chunk(result_.get()));
      return {};
    }));
    if (!chunk_) {
      const char* error = duckdb_result_error(&result_.get());
      if (error != nullptr && *error != '\0') return query_error(error_of(result_));
      return false;
    }
    return duckdb_data_chunk_get_size(chunk_.get()) != 0;
  }

  int64_t rows() const override { return chunk_ ? static_cast<int64_t>(duckdb_data_chunk_get_size(chunk_.get())) : 0; }
  bool is_null(int64_t row, size_t column) const override { return is_null_cell(vector(column), row); }
  void append_text(int64_t row, size_t column, std::string& out) const override {
    if (!is_null(row, column)) append_cell_text(vector(column), types_[column].get(), row, out);
  }
  void append_json(int64_t row, size_t column, std::string& out) const override {
    append_cell_json(vector(column), types_[column].get(), row, out);
  }

 private:
  duckdb_vector vector(size_t column) const { return duckdb_data_chunk_get_vector(chunk_.get(), column); }

  ResultHandle result_;
  std::vector<QueryColumn> columns_;
  std::vector<LogicalTypeHandle> types_;
  ChunkHandle chunk_;
};

class DuckSession final : public QuerySession {
 public:
  explicit DuckSession(const QueryOptions& options) : options_(options) {}

  Result<void> open();
  Result<void> register_table(const QueryTable& table) override;
  Result<std::unique_ptr<QueryResult>> run(std::string_view sql, size_t* offset) override;
  void allow_output(const std::string& path) override { allowed_.insert(path); }
  Result<void> write_parquet(std::string_view sql, const std::string& path, size_t* offset) override;
  void interrupt() override { duckdb_interrupt(connection_.get()); }

 private:
  Result<void> check_field_ids(const QueryTable& table, const std::string& shown);
  Result<void> lock();
  Result<PreparedHandle> prepare_query(std::string_view sql, size_t& offset);
  Result<PreparedHandle> prepare(const std::string& sql, size_t& offset);
  Result<PreparedHandle> prepare_writable(std::string_view sql, PreparedHandle prepared);

  QueryOptions options_;
  DatabaseHandle database_;
  ConnectionHandle connection_;
  std::set<std::string> allowed_;  ///< paths that may be read
  bool locked_ = false;
};

Result<void> DuckSession::open() {
  return guard_duck([&]() -> Result<void> {
    WEIR_ASSIGN(database_, open_duck(options_.memory_bytes_max));
    WEIR_ASSIGN(connection_, connect_duck(database_));
    return {};
  });
}

Result<void> DuckSession::register_table(const QueryTable& table) {
  return guard_duck([&]() -> Result<void> {
    if (locked_) return Error(ErrorKind::invalid_argument, "tables must be registered before the first query");
    std::string name = quote_identifier(table.name);
    const std::string shown = (table.name_space.empty() ? "" : table.name_space + ".") + table.name;
    const auto execute = [&](const std::string& sql) -> Result<void> {
      ResultHandle result;
      if (duckdb_query(connection_.get(), sql.c_str(), result.out()) == DuckDBSuccess) return {};
      const DuckError error = error_of(result);
      if (error.type == DUCKDB_ERROR_CATALOG)
        return Error(ErrorKind::already_exists, "table '" + shown + "': " + error.message);
      return error.to_error().with_context("table '" + shown + "'");
    };
    if (!table.files.empty()) WEIR_TRY(check_field_ids(table, shown));
    if (!table.name_space.empty()) {
      WEIR_TRY(execute("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(table.name_space)));
      name = quote_identifier(table.name_space) + "." + name;
    }
    WEIR_TRY(execute("CREATE VIEW " + name + " AS " + table_sql(table)));
    for (const std::string& file : table.files) {
      allowed_.insert(file);
      allowed_.insert(exact_glob(file));  // DuckDB asks for leave to look for it, too
    }
    return {};
  });
}

/// DuckDB gives nulls for a file without field ids, and says nothing.
Result<void> DuckSession::check_field_ids(const QueryTable& table, const std::string& shown) {
  std::vector<std::string> globs;
  for (const std::string& file : table.files) globs.push_back(exact_glob(file));
  const std::string sql = "SELECT file_name FROM parquet_schema(" + list_of_literals(globs) +
                          ") GROUP BY file_name HAVING count(field_id) = 0 ORDER BY file_name LIMIT 1";
  ResultHandle result;
  if (duckdb_query(connection_.get(), sql.c_str(), result.out()) != DuckDBSuccess) {
    const DuckError error = error_of(result);
    const bool missing = error.message.starts_with("No files found");
    return Error(missing ? ErrorKind::not_found : error.to_error().kind(), "table '" + shown + "': " + error.message);
  }
  const ChunkHandle chunk(duckdb_fetch_chunk(result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) == 0) return {};
  const auto* names =
      static_cast<const duckdb_string_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 0)));
  return Error(ErrorKind::unsupported, "table '" + shown + "': the file '" + std::string(to_view(names[0])) +
                                           "' has no field ids, so its columns cannot be told");
}

Result<void> DuckSession::lock() {
  if (locked_) return {};
  WEIR_TRY(
      run_statement(connection_.get(), "SET allowed_paths = " + list_of_literals({allowed_.begin(), allowed_.end()})));
  WEIR_TRY(run_statement(connection_.get(), "SET enable_external_access = false"));
  WEIR_TRY(run_statement(connection_.get(), "SET lock_configuration = true"));
  locked_ = true;
  return {};
}

Result<PreparedHandle> DuckSession::prepare(const std::string& sql, size_t& offset) {
  StatementsHandle statements;
  const idx_t count = duckdb_extract_statements(connection_.get(), sql.c_str(), statements.out());
  const auto refuse = [&](const char* text) {
    const DuckError error = read_duck_error(text);
    offset = static_cast<size_t>(std::clamp<int64_t>(error.position, 0, static_cast<int64_t>(sql.size())));
    return query_error(error);
  };
  if (count == 0) {
    const char* text = duckdb_extract_statements_error(statements.get());
    return text == nullptr ? Error(ErrorKind::invalid_argument, "the query is empty") : refuse(text);
  }
  if (count > 1) return Error(ErrorKind::invalid_argument, "several statements; write one query at a time");
  PreparedHandle prepared;
  if (duckdb_prepare_extracted_statement(connection_.get(), statements.get(), 0, prepared.out()) != DuckDBSuccess) {
    return refuse(duckdb_prepare_error(prepared.get()));
  }
  const duckdb_statement_type type = duckdb_prepared_statement_type(prepared.get());
  if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    return Error(ErrorKind::unsupported,
                 "only queries can be run here (SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN); nothing can "
                 "be changed");
  }
  if (duckdb_nparams(prepared.get()) != 0)
    return Error(ErrorKind::unsupported, "parameters ('?', '$1') have no value here");
  return prepared;
}

/// Some types have no form of their own in a vector that is worth writing here: DuckDB casts them to text.
Result<PreparedHandle> DuckSession::prepare_writable(std::string_view sql, PreparedHandle prepared) {
  const idx_t count = duckdb_prepared_statement_column_count(prepared.get());
  std::string list;
  std::string names;
  bool all_writable = true;
  for (idx_t i = 0; i < count; ++i) {
    const LogicalTypeHandle type(duckdb_prepared_statement_column_logical_type(prepared.get(), i));
    const std::string name = "c" + std::to_string(i);
    const bool writable = is_writable(type.get());
    all_writable &= writable;
    list += (i == 0 ? "" : ", ") + (writable ? name : "CAST(" + name + " AS VARCHAR)");
    names += (i == 0 ? "" : ", ") + name;
  }
  if (all_writable) return prepared;
  size_t ignored = 0;
  return prepare("SELECT " + list + " FROM (" + without_semicolon(sql) + ") AS q(" + names + ")", ignored);
}

/// Locks the session and prepares what a user wrote.
Result<PreparedHandle> DuckSession::prepare_query(std::string_view sql, size_t& offset) {
  offset = 0;
  if (sql.size() > kQueryBytesMax)
    return Error(ErrorKind::limit_exceeded, "the query is longer than " + std::to_string(kQueryBytesMax) + " bytes");
  WEIR_TRY(check_sql_characters(sql, "query", offset));
  offset = 0;
  WEIR_TRY(lock());
  return prepare(std::string(sql), offset);
}

Result<void> DuckSession::write_parquet(std::string_view sql, const std::string& path, size_t* offset) {
  size_t unused = 0;
  WEIR_ASSIGN(const PreparedHandle prepared, prepare_query(sql, offset != nullptr ? *offset : unused));
  if (duckdb_prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT)
    return Error(ErrorKind::unsupported, "only the rows of a SELECT can be written as Parquet");
  if (offset != nullptr) *offset = std::string::npos;
  const std::string copy = "COPY (" + without_semicolon(sql) + ") TO " + quote_literal(path) +
                           " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)";
  ResultHandle result;
  if (duckdb_query(connection_.get(), copy.c_str(), result.out()) != DuckDBSuccess)
    return query_error(error_of(result));
  return {};
}

Result<std::unique_ptr<QueryResult>> DuckSession::run(std::string_view sql, size_t* offset) {
  return guard_duck([&]() -> Result<std::unique_ptr<QueryResult>> {
    size_t unused = 0;
    WEIR_ASSIGN(PreparedHandle prepared, prepare_query(sql, offset != nullptr ? *offset : unused));
    std::vector<QueryColumn> columns;
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared.get()); ++i) {
      const LogicalTypeHandle type(duckdb_prepared_statement_column_logical_type(prepared.get(), i));
      const char* name = duckdb_prepared_statement_column_name(prepared.get(), i);
      columns.push_back({.name = name, .type = duck_type_name(type.get())});
      duckdb_free(const_cast<char*>(name));
    }
    if (duckdb_prepared_statement_type(prepared.get()) == DUCKDB_STATEMENT_TYPE_SELECT) {
      WEIR_ASSIGN(prepared, prepare_writable(sql, std::move(prepared)));
    }
    PendingHandle pending;
    if (duckdb_pending_prepared_streaming(prepared.get(), pending.out()) != DuckDBSuccess)
      return query_error(read_duck_error(duckdb_pending_error(pending.get())));
    ResultHandle result;
    if (duckdb_execute_pending(pending.get(), result.out()) != DuckDBSuccess) return query_error(error_of(result));
    return std::unique_ptr<QueryResult>(std::make_unique<StreamedResult>(std::move(result), std::move(columns)));
  });
}

}  // namespace

Result<std::unique_ptr<QuerySession>> QuerySession::open(const QueryOptions& options) {
  auto session = std::make_unique<DuckSession>(options);
  WEIR_TRY(session->open());
  return std::unique_ptr<QuerySession>(std::move(session));
}

}  // namespace weir::expression

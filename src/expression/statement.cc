#include "expression/statement_internal.h"

#include <algorithm>
#include <set>

namespace weir::expression {
namespace {

/// DuckDB starts to reorder the parts of AND and OR by their measured speed after some 20 chunks of one execution: errors would come and go.
/// Shorter executions never get there.
constexpr int64_t kRowsPerExecution = 8 * 2048;

/// `name` made different from all of `taken`, without regard to case.
std::string unused_name(std::string name, const std::set<std::string>& taken) {
  while (taken.contains(name)) name += '_';
  return name;
}

}  // namespace

SqlBuilder& SqlBuilder::add_expression(std::string_view sql, size_t item, size_t begin) {
  text_ += '(';
  pieces_.push_back({.begin = text_.size(), .end = text_.size() + sql.size(), .place = {.item = item, .offset = begin}});
  text_ += sql;
  text_ += "\n)";
  return *this;
}

TextPlace SqlBuilder::place(int64_t position) const {
  for (const Piece& piece : pieces_) {
    const auto begin = static_cast<int64_t>(piece.begin);
    if (position >= begin && position <= static_cast<int64_t>(piece.end)) return {piece.place.item, piece.place.offset + static_cast<size_t>(position - begin)};
  }
  return pieces_.empty() ? TextPlace{} : pieces_.front().place;
}

Result<std::unique_ptr<Session>> Session::open(const std::shared_ptr<Engine>& engine, const Schema& input, const std::vector<int>& columns) {
  std::unique_ptr<Session> session(new Session(engine));
  std::set<std::string> taken;
  for (const int column : columns) {
    const Field& field = input.field(static_cast<size_t>(column));
    session->source_.columns.push_back({.name = field.name, .type = field.type, .index = column});
    taken.insert(to_lower(field.name));
  }
  session->source_.row_column = unused_name("row_number_", taken);
  session->row_column_ = quote_identifier(session->source_.row_column);
  WEIR_ASSIGN(session->connection_, engine->impl().connect());
  session->id_ = engine->impl().registry.add(&session->source_);
  session->from_ = "weir_batch(" + std::to_string(session->id_) + ") AS " + quote_identifier(unused_name("batch_", taken));
  return session;
}

Session::~Session() {
  if (id_ != 0) engine_->impl().registry.remove(id_);
}

Result<Statement> Statement::prepare(Session& session, const SqlBuilder& sql, TextPlace* place) {
  Statement statement(session);
  if (duckdb_prepare(session.connection_.get(), sql.text().c_str(), statement.prepared_.out()) != DuckDBSuccess) {
    const DuckError error = read_duck_error(duckdb_prepare_error(statement.prepared_.get()));
    if (place != nullptr) *place = sql.place(error.position);
    return error.to_error();
  }
  return statement;
}

Result<Execution> Statement::run_slice(const OnChunk& on_chunk, int64_t& first) {
  ResultHandle result;
  const auto failed = [&]() -> Result<Execution> {
    const DuckError error = read_duck_error(duckdb_result_error(&result.get()), duckdb_result_error_type(&result.get()));
    if (!error.is_about_a_row()) return error.to_error();
    return Execution{.complete = false, .message = error.message};
  };
  if (duckdb_execute_prepared(prepared_.get(), result.out()) != DuckDBSuccess) return failed();
  while (const ChunkHandle chunk{duckdb_fetch_chunk(result.get())}) {
    const auto count = static_cast<int64_t>(duckdb_data_chunk_get_size(chunk.get()));
    if (count == 0) break;
    on_chunk(chunk.get(), first, count);
    first += count;
  }
  if (duckdb_result_error(&result.get()) != nullptr && *duckdb_result_error(&result.get()) != '\0') return failed();
  return Execution{};
}

Result<Execution> Statement::run(const Batch& batch, Rows rows, const OnChunk& on_chunk) {
  ScanSource& source = session_->source_;
  Execution execution;
  int64_t first = 0;
  for (int64_t from = 0; from < rows.count && execution.complete; from += kRowsPerExecution) {
    source.batch = &batch;
    source.rows = rows.slice(from, std::min(kRowsPerExecution, rows.count - from));
    source.rows_handed_out = 0;
    Result<Execution> slice = run_slice(on_chunk, first);
    source.batch = nullptr;
    if (!slice.ok()) return slice;
    execution = std::move(slice).value();
    // A condition that is constant needs no rows; otherwise all of them must have been asked for.
    if (execution.complete && source.rows_handed_out != 0 && source.rows_handed_out != source.rows.count) {
      return Error(ErrorKind::internal, "DuckDB read " + std::to_string(source.rows_handed_out) + " of " + std::to_string(source.rows.count) + " rows");
    }
  }
  return execution;
}

Result<std::string> Statement::reason(const Batch& batch, int32_t row, std::string_view otherwise) {
  WEIR_ASSIGN(Execution execution, run(batch, Rows{.begin = row, .count = 1}, [](duckdb_data_chunk, int64_t, int64_t) {}));
  return execution.complete ? std::string(otherwise) : execution.message;
}

}  // namespace weir::expression

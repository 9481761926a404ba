#include <algorithm>
#include <set>

#include "expression/duck/type_mapping_internal.h"
#include "expression/sql/statement_internal.h"

namespace weir::expression {
namespace {

/// DuckDB starts to reorder the parts of AND and OR by their measured speed after some 20 chunks of one execution:
/// errors would come and go. Shorter executions never get there.
constexpr int64_t kRowsPerExecution = 8 * 2048;

/// `name` made different from all of `taken`, without regard to case.
std::string unused_name(std::string name, const std::set<std::string>& taken) {
  while (taken.contains(name)) name += '_';
  return name;
}

}  // namespace

SqlBuilder& SqlBuilder::add_expression(std::string_view sql, size_t item, size_t begin) {
  text_ += '(';
  pieces_.push_back(
      {.begin = text_.size(), .end = text_.size() + sql.size(), .place = {.item = item, .offset = begin}});
  text_ += sql;
  text_ += "\n)";
  return *this;
}

TextPlace SqlBuilder::place(int64_t position) const {
  for (const Piece& piece : pieces_) {
    const auto begin = static_cast<int64_t>(piece.begin);
    if (position >= begin && position <= static_cast<int64_t>(piece.end))
      return {piece.place.item, piece.place.offset + static_cast<size_t>(position - begin)};
  }
  return pieces_.empty() ? TextPlace{} : pieces_.front().place;
}

Result<std::unique_ptr<Session>> Session::open(const std::shared_ptr<Engine>& engine, const Schema& input,
                                               const std::vector<int>& columns) {
  std::unique_ptr<Session> session(new Session(engine));
  std::set<std::string> taken;
  for (const int column : columns) {
    const Field& field = input.field(static_cast<size_t>(column));
    if (!to_duck(*field.type)) {
      return Error(ErrorKind::unsupported, "the column '" + field.name + "' of type " + field.type->to_string() +
                                               " has no counterpart in DuckDB");
    }
    session->source_.columns.push_back({.name = field.name, .type = field.type, .index = column});
    taken.insert(to_lower(field.name));
  }
  session->source_.row_column = unused_name("row_number_", taken);
  session->row_column_ = quote_identifier(session->source_.row_column);
  WEIR_ASSIGN(session->connection_, connect_duck(engine->impl().database));
  session->id_ = engine->impl().registry.add(&session->source_);
  session->from_ =
      "weir_batch(" + std::to_string(session->id_) + ") AS " + quote_identifier(unused_name("batch_", taken));
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

Result<Execution> Statement::run_once(const Batch& batch, Rows rows, int64_t first, const OnChunk& on_chunk) {
  ScanSource& source = session_->source_;
  source.begin(batch, rows);
  ResultHandle result;
  const duckdb_state state = duckdb_execute_prepared(prepared_.get(), result.out());
  const int64_t handed_out = source.end();
  if (state != DuckDBSuccess) {
    const DuckError error = error_of(result);
    if (!error.is_about_a_row()) return error.to_error();
    return Execution{.complete = false, .message = error.message};
  }
  // A condition that is constant needs no rows; otherwise all of them must have been asked for.
  if (handed_out != 0 && handed_out != rows.count) {
    return Error(ErrorKind::internal,
                 "DuckDB read " + std::to_string(handed_out) + " of " + std::to_string(rows.count) + " rows");
  }
  while (const ChunkHandle chunk{duckdb_fetch_chunk(result.get())}) {
    const auto count = static_cast<int64_t>(duckdb_data_chunk_get_size(chunk.get()));
    if (count == 0) break;
    on_chunk(chunk.get(), first, count);
    first += count;
  }
  return Execution{};
}

Result<Execution> Statement::run(const Batch& batch, Rows rows, const OnChunk& on_chunk) {
  for (int64_t from = 0; from < rows.count; from += kRowsPerExecution) {
    Result<Execution> execution =
        run_once(batch, rows.slice(from, std::min(kRowsPerExecution, rows.count - from)), from, on_chunk);
    if (!execution.ok() || !execution->complete) return execution;
  }
  return Execution{};
}

Result<void> Statement::run_without_failures(
    const Batch& batch, Rows rows, const OnChunk& on_chunk,
    const std::function<void(int64_t index, std::string message)>& on_failure) {
  std::vector<Rows> open;  // what is still to be done, the next at the end; `begin` and `count` are among `rows`
  for (int64_t from = 0; from < rows.count; from += kRowsPerExecution)
    open.push_back({.begin = from, .count = std::min(kRowsPerExecution, rows.count - from)});
  std::reverse(open.begin(), open.end());
  while (!open.empty()) {
    const Rows piece = open.back();
    open.pop_back();
    WEIR_ASSIGN(Execution execution, run_once(batch, rows.slice(piece.begin, piece.count), piece.begin, on_chunk));
    if (execution.complete) continue;
    if (piece.count == 1) {
      on_failure(piece.begin, std::move(execution.message));
      continue;
    }
    open.push_back(piece.slice(piece.count / 2, piece.count - piece.count / 2));
    open.push_back(piece.slice(0, piece.count / 2));
  }
  return {};
}

Result<std::string> Statement::reason(const Batch& batch, int32_t row, std::string_view otherwise) {
  WEIR_ASSIGN(Execution execution,
              run(batch, Rows{.begin = row, .count = 1}, [](duckdb_data_chunk, int64_t, int64_t) {}));
  return execution.complete ? std::string(otherwise) : execution.message;
}

}  // namespace weir::expression

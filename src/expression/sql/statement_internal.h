/// \file
/// A bound expression's statements: prepared once over weir_batch(), executed for every batch.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/batch.h"
#include "expression/duck/engine_internal.h"
#include "expression/expression.h"

namespace weir::expression {

/// Statement text put together from ours and the user's, so that a place in it can be found again in the user's.
class SqlBuilder {
 public:
  SqlBuilder& add(std::string_view sql) {
    text_ += sql;
    return *this;
  }
  /// Adds "(sql)": `item` and `begin` say where `sql` comes from. A comment at its end does not swallow what follows.
  SqlBuilder& add_expression(std::string_view sql, size_t item, size_t begin);

  const std::string& text() const { return text_; }
  /// Where `position` lies in the user's texts; the start of the first when it lies in ours or is unknown.
  TextPlace place(int64_t position) const;

 private:
  struct Piece {
    size_t begin;
    size_t end;
    TextPlace place;
  };
  std::string text_;
  std::vector<Piece> pieces_;
};

/// The connection of one bound expression and the rows it reads. Address is stable; statements must go first.
class Session {
 public:
  /// `columns`: indexes into `input` of what may be read.
  static Result<std::unique_ptr<Session>> open(const std::shared_ptr<Engine>& engine, const Schema& input,
                                               const std::vector<int>& columns);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// What to select from: "weir_batch(7) AS \"...\"".
  const std::string& from() const { return from_; }
  /// The row number's column, quoted.
  const std::string& row_column() const { return row_column_; }

 private:
  friend class Statement;
  explicit Session(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<Engine> engine_;
  ConnectionHandle connection_;
  ScanSource source_;
  int64_t id_ = 0;
  std::string from_;
  std::string row_column_;
};

/// How an execution ended: with all its rows, or because of what some row holds.
struct Execution {
  bool complete = true;
  std::string message;  ///< when not complete
};

class Statement {
 public:
  /// Called with each chunk of the result: flat vectors, and how many rows came before.
  using OnChunk = std::function<void(duckdb_data_chunk chunk, int64_t first, int64_t count)>;

  /// Errors: what DuckDB says of the text, with its place in `place` (which may be null).
  static Result<Statement> prepare(Session& session, const SqlBuilder& sql, TextPlace* place);

  size_t column_count() const { return duckdb_prepared_statement_column_count(prepared_.get()); }
  LogicalTypeHandle column_type(size_t i) const {
    return LogicalTypeHandle(duckdb_prepared_statement_column_logical_type(prepared_.get(), i));
  }

  /// Executes over `rows` of `batch`. When the execution is not complete, chunks already handed out count for nothing.
  /// Errors: what is no row's fault.
  Result<Execution> run(const Batch& batch, Rows rows, const OnChunk& on_chunk);

  /// As run(), but goes on without the rows that make it end: they are found by halves and handed to `on_failure` with
  /// their index among `rows`. Every row is handed out once, in order. Costs some 2 log2(rows) executions for each such
  /// row.
  Result<void> run_without_failures(const Batch& batch, Rows rows, const OnChunk& on_chunk,
                                    const std::function<void(int64_t index, std::string message)>& on_failure);

  /// As run() over one row; the reason it fails, or `otherwise` when it does not.
  Result<std::string> reason(const Batch& batch, int32_t row, std::string_view otherwise);

 private:
  explicit Statement(Session& session) : session_(&session) {}
  /// `rows` are few enough for one execution. Hands out chunks only when it is complete.
  Result<Execution> run_once(const Batch& batch, Rows rows, int64_t first, const OnChunk& on_chunk);
  Session* session_;
  PreparedHandle prepared_;
};

/// The rows of a batch that count.
inline Rows selected_rows(const Batch& batch) {
  if (batch.all_selected()) return Rows{.count = batch.physical_rows()};
  return Rows{.at = batch.selection().data(), .count = batch.rows()};
}

}  // namespace weir::expression

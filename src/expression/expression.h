/// \file
/// SQL over the rows of a batch: conditions, select lists and rules. One meaning everywhere: DuckDB's.
///
/// What an expression may use: the columns of its input and DuckDB's scalar functions whose result depends on their
/// arguments alone. Refused at bind, with the reason: subqueries, aggregates, window and table functions (they would
/// see one batch, not the stream), functions of time, chance or session (results must not change in a replay),
/// parameters, several statements, text above kSqlBytesMax or nested deeper than kSqlDepthMax.
///
/// A row whose evaluation fails (a cast of text that is no number) does not fail its batch: it comes back as a
/// RowFailure. Cost is bounded: one more pass over the batch, and one execution (some 50 us) for each failed row to
/// learn its reason. What a row gives does not depend on the batch that it is in. AND, OR and CASE guard what stands to
/// their right, in the order written, where a condition or rule asks for TRUE.
///
/// Thread rule: one thread at a time per object. Batches must have the schema that was bound.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "expression/engine.h"

namespace weir::expression {

inline constexpr size_t kSqlBytesMax = 64 * 1024;
inline constexpr int kSqlDepthMax = 256;
/// Longest reason of a RowFailure, in bytes.
inline constexpr size_t kFailureBytesMax = 400;

/// Where in the given text a bind error lies.
struct TextPlace {
  size_t item = 0;    ///< which of several texts
  size_t offset = 0;  ///< byte in that text, 0..size
};

struct BindOptions {
  std::shared_ptr<Engine> engine = nullptr;  ///< null: Engine::shared()
  TextPlace* place = nullptr;                ///< set when bind fails on the text; may be null
};

/// A row for which an expression has no value, and why.
struct RowFailure {
  int32_t row = 0;  ///< physical index in the batch
  std::string message;
};

struct Selected {
  std::vector<int32_t> rows;         ///< physical indexes, ascending
  std::vector<RowFailure> failures;  ///< ascending; these rows are not in `rows`
};

/// A condition over rows.
class BooleanExpression {
 public:
  /// Errors: invalid_argument for text that is wrong (the message names the nearest column or function), limit_exceeded
  /// for text too long or too deep, unsupported for what is legal SQL but refused here.
  static Result<std::unique_ptr<BooleanExpression>> bind(std::string_view sql, const SchemaPtr& input,
                                                         const BindOptions& options = {});
  ~BooleanExpression();

  /// The selected rows for which the condition is TRUE: null counts as false.
  /// Errors: resource_exhausted, internal; never for what a row holds.
  Result<Selected> select(const Batch& batch);
  /// The selected rows for which the condition is FALSE: null passes, as in a rule.
  Result<Selected> select_false(const Batch& batch);

  /// Indexes of the input columns that are read, ascending.
  const std::vector<int>& columns() const;

 private:
  struct Impl;
  explicit BooleanExpression(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Several conditions over the same rows, evaluated in one DuckDB execution a batch.
class RuleExpressions {
 public:
  /// As BooleanExpression::bind, for each of `rules`; TextPlace::item says which one is wrong.
  static Result<std::unique_ptr<RuleExpressions>> bind(std::span<const std::string> rules, const SchemaPtr& input,
                                                       const BindOptions& options = {});
  ~RuleExpressions();

  /// For each rule, the selected rows that break it (FALSE; null passes) and those for which it cannot be evaluated.
  Result<std::vector<Selected>> evaluate(const Batch& batch);

 private:
  struct Impl;
  explicit RuleExpressions(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One item of a select list: `a`, `a.b`, `expression as name`, `*` or `* exclude (x, y)`.
struct SelectItem {
  std::string sql;
  /// The column's name; empty: as the text says ("as name", or the last part of a plain reference).
  std::string name = {};
};

struct Projected {
  Batch batch;
  std::vector<RowFailure> failures;  ///< rows of the input batch, ascending; not selected in `batch`
};

/// A select list over rows.
class Projection {
 public:
  /// Output types are Weir's: small integers widen to int or long, UBIGINT and HUGEINT to decimal, ENUM to string; what
  /// has no exact place (INTERVAL, TIMESTAMP_NS, BIT, ...) is refused with the cast to write. A column is required only
  /// when it is a plain reference to a required one. Field ids are fresh (assign_ids). Errors as in
  /// BooleanExpression::bind; also for a name given twice.
  static Result<std::unique_ptr<Projection>> bind(std::span<const SelectItem> items, const SchemaPtr& input,
                                                  const BindOptions& options = {});
  ~Projection();

  const SchemaPtr& schema() const;

  /// The selected rows with the columns of schema(); origins and raw bytes stay with their rows. Plain references share
  /// the input's buffers, and when there is nothing else DuckDB is not called. The selection may be kept or made dense,
  /// whichever is cheaper.
  Result<Projected> apply(const Batch& batch);

 private:
  struct Impl;
  explicit Projection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::expression

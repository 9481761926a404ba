#include <optional>

#include "expression/bind_context_internal.h"
#include "expression/duck/duck_guard_internal.h"
#include "expression/expression.h"
#include "expression/rule_set_internal.h"
#include "expression/sql/statement_internal.h"
#include "expression/sql/syntax_internal.h"

namespace weir::expression {

struct BooleanExpression::Impl {
  std::string sql;
  std::vector<int> columns;
  std::unique_ptr<Session> session;  // before the statements, which need it
  std::optional<Statement> where;
  std::optional<Statement> guarded;  ///< made when a row first fails
  std::unique_ptr<RuleSet> rule;     ///< made by the first select_false()

  Result<Selected> select_guarded(const Batch& batch, Rows rows);
};

BooleanExpression::BooleanExpression(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BooleanExpression::~BooleanExpression() = default;

const std::vector<int>& BooleanExpression::columns() const {
  return impl_->columns;
}

Result<std::unique_ptr<BooleanExpression>> BooleanExpression::bind(std::string_view sql, const SchemaPtr& input,
                                                                   const BindOptions& options) {
  return guard_duck([&]() -> Result<std::unique_ptr<BooleanExpression>> {
    TextPlace unused;
    WEIR_ASSIGN(const BindContext context, BindContext::from(options, unused));
    TextPlace& place = *context.place;
    WEIR_ASSIGN(ParsedItem item, parse_condition(*context.engine, sql, *input, place.offset));
    auto impl = std::make_unique<Impl>();
    impl->sql = item.sql;
    impl->columns = item.columns;
    WEIR_ASSIGN(impl->session, Session::open(context.engine, *input, item.columns));
    Session& session = *impl->session;
    {
      SqlBuilder value;
      value.add("SELECT ").add_expression(item.sql, 0, 0).add(" FROM ").add(session.from());
      WEIR_ASSIGN(const Statement statement, Statement::prepare(session, value, &place));
      WEIR_TRY(check_is_condition(statement, 0));
    }
    SqlBuilder where;
    where.add("SELECT ")
        .add(session.row_column())
        .add(" FROM ")
        .add(session.from())
        .add(" WHERE ")
        .add_expression(item.sql, 0, 0);
    WEIR_ASSIGN(impl->where, Statement::prepare(session, where, &place));
    return std::unique_ptr<BooleanExpression>(new BooleanExpression(std::move(impl)));
  });
}

Result<Selected> BooleanExpression::select(const Batch& batch) {
  return guard_duck([&]() -> Result<Selected> {
    Selected selected;
    const Rows rows = selected_rows(batch);
    if (rows.count == 0) return selected;
    WEIR_ASSIGN(const Execution execution,
                impl_->where->run(batch, rows, [&](duckdb_data_chunk chunk, int64_t, int64_t count) {
                  const auto* numbers =
                      static_cast<const int32_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
                  selected.rows.insert(selected.rows.end(), numbers, numbers + count);
                }));
    if (!execution.complete) return impl_->select_guarded(batch, rows);
    return selected;
  });
}

Result<Selected> BooleanExpression::Impl::select_guarded(const Batch& batch, Rows rows) {
  if (!guarded) {
    SqlBuilder text;
    text.add("SELECT TRY(CASE WHEN ")
        .add_expression(sql, 0, 0)
        .add(" THEN TRUE ELSE FALSE END) FROM ")
        .add(session->from());
    WEIR_ASSIGN(guarded, Statement::prepare(*session, text, nullptr));
  }
  Selected selected;
  const auto read = [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
    const BooleanView view(duckdb_data_chunk_get_vector(chunk, 0));
    for (int64_t i = 0; i < count; ++i) {
      const auto row = static_cast<int32_t>(rows.row(first + i));
      if (!view.is_present(i)) {
        selected.failures.push_back({.row = row, .message = {}});
      } else if (view.is_true(i)) {
        selected.rows.push_back(row);
      }
    }
  };
  const auto fail = [&](int64_t index, std::string message) {
    selected.failures.push_back({.row = static_cast<int32_t>(rows.row(index)), .message = std::move(message)});
  };
  WEIR_TRY(guarded->run_without_failures(batch, rows, read, fail));
  for (RowFailure& failure : selected.failures) {
    if (!failure.message.empty()) continue;
    WEIR_ASSIGN(failure.message, where->reason(batch, failure.row, "the condition has no value for this row"));
  }
  return selected;
}

Result<Selected> BooleanExpression::select_false(const Batch& batch) {
  return guard_duck([&]() -> Result<Selected> {
    if (!impl_->rule) {
      WEIR_ASSIGN(impl_->rule, RuleSet::bind(*impl_->session, {impl_->sql}, nullptr));
    }
    WEIR_ASSIGN(std::vector<Selected> outcome, impl_->rule->evaluate(batch));
    return std::move(outcome[0]);
  });
}

}  // namespace weir::expression

#include <algorithm>
#include <cstring>

#include "expression/duck/type_mapping_internal.h"
#include "expression/rule_set_internal.h"

namespace weir::expression {
namespace {

void collect_false(duckdb_vector vector, Rows rows, std::vector<int32_t>& out) {
  const BooleanView view(vector);
  for (int64_t i = 0; i < rows.count; ++i) {
    // Broken rules are rare: let memchr look for them.
    const void* zero = std::memchr(view.values + i, 0, static_cast<size_t>(rows.count - i));
    if (zero == nullptr) return;
    i = static_cast<const uint8_t*>(zero) - view.values;
    if (view.is_present(i)) out.push_back(static_cast<int32_t>(rows.row(i)));
  }
}

void insert_by_row(std::vector<RowFailure>& failures, RowFailure failure) {
  const auto at = std::upper_bound(failures.begin(), failures.end(), failure.row,
                                   [](int32_t row, const RowFailure& other) { return row < other.row; });
  failures.insert(at, std::move(failure));
}

}  // namespace

Result<void> check_is_condition(const Statement& statement, size_t column) {
  const LogicalTypeHandle type = statement.column_type(column);
  if (duckdb_get_type_id(type.get()) == DUCKDB_TYPE_BOOLEAN) return {};
  return Error(ErrorKind::invalid_argument, "the expression is of type " + duck_type_name(type.get()) +
                                                "; a condition (BOOLEAN) is wanted, such as a comparison");
}

Result<std::unique_ptr<RuleSet>> RuleSet::bind(Session& session, std::vector<std::string> rules, TextPlace* place) {
  SqlBuilder sql;
  sql.add("SELECT ");
  for (size_t i = 0; i < rules.size(); ++i) sql.add(i == 0 ? "" : ", ").add_expression(rules[i], i, 0);
  sql.add(" FROM ").add(session.from());
  WEIR_ASSIGN(Statement values, Statement::prepare(session, sql, place));
  for (size_t i = 0; i < rules.size(); ++i) {
    if (place != nullptr) *place = {.item = i, .offset = 0};
    WEIR_TRY(check_is_condition(values, i));
  }
  return std::unique_ptr<RuleSet>(new RuleSet(session, std::move(rules), std::move(values)));
}

Result<std::vector<Selected>> RuleSet::evaluate(const Batch& batch) {
  std::vector<Selected> outcome(rules_.size());
  const Rows rows = selected_rows(batch);
  if (rules_.empty() || rows.count == 0) return outcome;
  int64_t seen = 0;
  WEIR_ASSIGN(const Execution execution,
              values_.run(batch, rows, [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
                for (size_t i = 0; i < rules_.size(); ++i)
                  collect_false(duckdb_data_chunk_get_vector(chunk, i), rows.slice(first, count), outcome[i].rows);
                seen += count;
              }));
  if (!execution.complete) return evaluate_guarded(batch, rows);
  if (seen != rows.count)
    return Error(ErrorKind::internal,
                 "DuckDB gave " + std::to_string(seen) + " rows for " + std::to_string(rows.count));
  return outcome;
}

/// A row that fails as a value passes if the rule is TRUE for it by what stands left in AND, OR, CASE; DuckDB looks at
/// that order only where a condition is asked for.
Result<std::vector<Selected>> RuleSet::evaluate_guarded(const Batch& batch, Rows rows) {
  if (!guarded_) {
    SqlBuilder sql;
    sql.add("SELECT ");
    for (size_t i = 0; i < rules_.size(); ++i) {
      sql.add(i == 0 ? "TRY(struct_pack(v := " : ", TRY(struct_pack(v := ").add_expression(rules_[i], i, 0);
      sql.add(")), TRY(CASE WHEN ").add_expression(rules_[i], i, 0).add(" THEN TRUE ELSE FALSE END)");
    }
    sql.add(" FROM ").add(session_.from());
    WEIR_ASSIGN(guarded_, Statement::prepare(session_, sql, nullptr));
  }
  std::vector<Selected> outcome(rules_.size());
  const auto read = [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
    for (size_t i = 0; i < rules_.size(); ++i) {
      duckdb_vector pack = duckdb_data_chunk_get_vector(chunk, 2 * i);
      const BooleanView packed(pack);
      const BooleanView value(duckdb_struct_vector_get_child(pack, 0));
      const BooleanView passes(duckdb_data_chunk_get_vector(chunk, 2 * i + 1));
      for (int64_t row = 0; row < count; ++row) {
        const auto physical = static_cast<int32_t>(rows.row(first + row));
        if (packed.is_present(row)) {
          if (value.is_false(row)) outcome[i].rows.push_back(physical);
        } else if (!passes.is_true(row)) {
          outcome[i].failures.push_back({.row = physical, .message = {}});
        }
      }
    }
  };
  std::vector<int64_t>
      left;  // rows for which even the guard does not hold: some rule has no value, and which one must be found
  WEIR_TRY(guarded_->run_without_failures(batch, rows, read,
                                          [&](int64_t index, const std::string&) { left.push_back(index); }));
  for (const int64_t index : left) WEIR_TRY(evaluate_alone(batch, static_cast<int32_t>(rows.row(index)), outcome));
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (outcome[i].failures.empty()) continue;
    WEIR_ASSIGN(Statement* const single, single_rule(i));
    for (RowFailure& failure : outcome[i].failures) {
      if (failure.message.empty()) {
        WEIR_ASSIGN(failure.message, single->reason(batch, failure.row, "the rule has no value for this row"));
      }
    }
  }
  return outcome;
}

/// One row, one rule after the other.
Result<void> RuleSet::evaluate_alone(const Batch& batch, int32_t row, std::vector<Selected>& outcome) {
  for (size_t i = 0; i < rules_.size(); ++i) {
    WEIR_ASSIGN(Statement* const single, single_rule(i));
    bool is_false = false;
    WEIR_ASSIGN(Execution execution,
                single->run(batch, Rows{.begin = row, .count = 1}, [&](duckdb_data_chunk chunk, int64_t, int64_t) {
                  is_false = BooleanView(duckdb_data_chunk_get_vector(chunk, 0)).is_false(0);
                }));
    if (!execution.complete) {
      WEIR_ASSIGN(const bool passes, passes_where(i, batch, row));
      if (!passes) insert_by_row(outcome[i].failures, {.row = row, .message = std::move(execution.message)});
    } else if (is_false) {
      outcome[i].rows.insert(std::upper_bound(outcome[i].rows.begin(), outcome[i].rows.end(), row), row);
    }
  }
  return {};
}

/// Whether a rule is TRUE for a row where a condition is asked for.
Result<bool> RuleSet::passes_where(size_t rule, const Batch& batch, int32_t row) {
  if (!where_[rule]) {
    SqlBuilder sql;
    sql.add("SELECT 1 FROM ").add(session_.from()).add(" WHERE ").add_expression(rules_[rule], rule, 0);
    WEIR_ASSIGN(where_[rule], Statement::prepare(session_, sql, nullptr));
  }
  bool passes = false;
  WEIR_ASSIGN(const Execution execution,
              where_[rule]->run(batch, Rows{.begin = row, .count = 1},
                                [&](duckdb_data_chunk, int64_t, int64_t) { passes = true; }));
  return execution.complete && passes;
}

Result<Statement*> RuleSet::single_rule(size_t rule) {
  if (!single_[rule]) {
    SqlBuilder sql;
    sql.add("SELECT ").add_expression(rules_[rule], rule, 0).add(" FROM ").add(session_.from());
    WEIR_ASSIGN(single_[rule], Statement::prepare(session_, sql, nullptr));
  }
  return &*single_[rule];
}

}  // namespace weir::expression

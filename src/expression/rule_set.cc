#include "expression/rule_set_internal.h"

#include <cstring>

#include "expression/type_mapping_internal.h"

namespace weir::expression {
namespace {

/// One BOOLEAN vector of a chunk.
struct BooleanView {
  explicit BooleanView(duckdb_vector vector)
      : values(static_cast<const uint8_t*>(duckdb_vector_get_data(vector))), validity(duckdb_vector_get_validity(vector)) {}
  bool is_present(int64_t i) const { return validity == nullptr || ((validity[i >> 6] >> (i & 63)) & 1) != 0; }
  bool is_true(int64_t i) const { return is_present(i) && values[i] != 0; }
  bool is_false(int64_t i) const { return is_present(i) && values[i] == 0; }

  const uint8_t* values;
  const uint64_t* validity;
};

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

}  // namespace

Result<void> check_is_condition(const Statement& statement, size_t column) {
  const LogicalTypeHandle type = statement.column_type(column);
  if (duckdb_get_type_id(type.get()) == DUCKDB_TYPE_BOOLEAN) return {};
  return Error(ErrorKind::invalid_argument, "the expression is of type " + duck_type_name(type.get()) + "; a condition (BOOLEAN) is wanted, such as a comparison");
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
  WEIR_ASSIGN(const Execution execution, values_.run(batch, rows, [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
                for (size_t i = 0; i < rules_.size(); ++i) collect_false(duckdb_data_chunk_get_vector(chunk, i), rows.slice(first, count), outcome[i].rows);
                seen += count;
              }));
  if (!execution.complete) return evaluate_guarded(batch, rows);
  if (seen != rows.count) return Error(ErrorKind::internal, "DuckDB gave " + std::to_string(seen) + " rows for " + std::to_string(rows.count));
  return outcome;
}

/// A row that fails as a value passes if the rule is TRUE for it by what stands left in AND, OR, CASE; DuckDB looks at that order only where a
/// condition is asked for.
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
  WEIR_ASSIGN(const Execution execution, guarded_->run(batch, rows, [&](duckdb_data_chunk chunk, int64_t first, int64_t count) {
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
              }));
  if (!execution.complete) return Error(ErrorKind::internal, "a rule cannot be evaluated: " + execution.message);
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (outcome[i].failures.empty()) continue;
    if (!single_[i]) {
      SqlBuilder sql;
      sql.add("SELECT ").add_expression(rules_[i], i, 0).add(" FROM ").add(session_.from());
      WEIR_ASSIGN(single_[i], Statement::prepare(session_, sql, nullptr));
    }
    for (RowFailure& failure : outcome[i].failures) {
      WEIR_ASSIGN(failure.message, single_[i]->reason(batch, failure.row, "the rule has no value for this row"));
    }
  }
  return outcome;
}

}  // namespace weir::expression

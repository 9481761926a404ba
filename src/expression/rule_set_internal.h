/// \file
/// Conditions evaluated together, of which the broken ones are wanted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expression/sql/statement_internal.h"

namespace weir::expression {

/// One BOOLEAN vector of a chunk.
struct BooleanView {
  explicit BooleanView(duckdb_vector vector)
      : values(static_cast<const uint8_t*>(duckdb_vector_get_data(vector))),
        validity(duckdb_vector_get_validity(vector)) {}
  bool is_present(int64_t i) const { return validity == nullptr || ((validity[i >> 6] >> (i & 63)) & 1) != 0; }
  bool is_true(int64_t i) const { return is_present(i) && values[i] != 0; }
  bool is_false(int64_t i) const { return is_present(i) && values[i] == 0; }

  const uint8_t* values;
  const uint64_t* validity;
};

/// One thread. The session must outlive it.
class RuleSet {
 public:
  /// `rules` have passed parse_condition(). Errors: invalid_argument when DuckDB refuses one or one is no condition.
  static Result<std::unique_ptr<RuleSet>> bind(Session& session, std::vector<std::string> rules, TextPlace* place);

  /// For each rule, the selected rows for which it is FALSE, and those without a value.
  Result<std::vector<Selected>> evaluate(const Batch& batch);

 private:
  RuleSet(Session& session, std::vector<std::string> rules, Statement values)
      : session_(session),
        rules_(std::move(rules)),
        values_(std::move(values)),
        single_(rules_.size()),
        where_(rules_.size()) {}
  Result<std::vector<Selected>> evaluate_guarded(const Batch& batch, Rows rows);
  Result<void> evaluate_alone(const Batch& batch, int32_t row, std::vector<Selected>& outcome);
  Result<bool> passes_where(size_t rule, const Batch& batch, int32_t row);
  Result<Statement*> single_rule(size_t rule);

  Session& session_;
  std::vector<std::string> rules_;
  Statement values_;                              ///< the rules as values
  std::optional<Statement> guarded_;              ///< made when a row first fails
  std::vector<std::optional<Statement>> single_;  ///< likewise, each rule as a value
  std::vector<std::optional<Statement>> where_;   ///< likewise, each as a condition
};

/// Errors unless the column is a BOOLEAN.
Result<void> check_is_condition(const Statement& statement, size_t column);

}  // namespace weir::expression

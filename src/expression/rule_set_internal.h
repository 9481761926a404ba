/// \file
/// Conditions evaluated together, of which the broken ones are wanted.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expression/statement_internal.h"

namespace weir::expression {

/// One thread. The session must outlive it.
class RuleSet {
 public:
  /// `rules` have passed parse_condition(). Errors: invalid_argument when DuckDB refuses one or one is no condition.
  static Result<std::unique_ptr<RuleSet>> bind(Session& session, std::vector<std::string> rules, TextPlace* place);

  /// For each rule, the selected rows for which it is FALSE, and those without a value.
  Result<std::vector<Selected>> evaluate(const Batch& batch);

 private:
  RuleSet(Session& session, std::vector<std::string> rules, Statement values)
      : session_(session), rules_(std::move(rules)), values_(std::move(values)), single_(rules_.size()) {}
  Result<std::vector<Selected>> evaluate_guarded(const Batch& batch, Rows rows);

  Session& session_;
  std::vector<std::string> rules_;
  Statement values_;                             ///< the rules as values
  std::optional<Statement> guarded_;             ///< made when a row first fails
  std::vector<std::optional<Statement>> single_;  ///< likewise, to learn why
};

/// Errors unless the column is a BOOLEAN.
Result<void> check_is_condition(const Statement& statement, size_t column);

}  // namespace weir::expression

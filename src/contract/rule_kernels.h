/// \file
/// The named rules of a contract as kernels over whole columns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "columnar/batch.h"
#include "contract/contract.h"

namespace weir::contract {

/// The rows that break each rule of a contract, for one batch. Reuse one object for all batches: its memory is kept.
/// One thread.
class RuleOutcome {
 public:
  /// Forgets everything and makes room for `rules` rules.
  void reset(size_t rules);

  size_t size() const { return failing_.size(); }
  /// Physical rows that break rule `i`: ascending, each once, selected ones only. Who evaluates a SQL rule adds its
  /// rows here.
  std::vector<int32_t>& failing(size_t i) { return failing_[i]; }
  const std::vector<int32_t>& failing(size_t i) const { return failing_[i]; }

 private:
  std::vector<std::vector<int32_t>> failing_;
};

/// The rules of one contract, ready to run. Immutable and thread-safe; copies share everything.
class RuleSet {
 public:
  /// Errors: invalid_argument when a rule does not fit the contract's own schema (contracts that load() made always
  /// do).
  static Result<RuleSet> make(const Contract& contract);

  /// The contract's rules in its order; RuleOutcome uses the same numbers.
  const std::vector<Rule>& rules() const { return *rules_; }
  /// Numbers of the SQL rules: evaluate() leaves them without failing rows.
  const std::vector<size_t>& sql_rules() const { return *sql_rules_; }

  /// Resets `outcome` and fills it for the selected rows of `batch`, whose first columns are those of the contract, in
  /// its order.
  ///
  /// Cost: a pass over each column that has a rule, no allocation beyond the growth of `outcome`. Time is linear in the
  /// bytes of the columns: for regex by RE2's guarantee.
  void evaluate(const Batch& batch, RuleOutcome& outcome) const;

  class Kernel;

 private:
  std::shared_ptr<const std::vector<Rule>> rules_;
  std::shared_ptr<const std::vector<size_t>> sql_rules_;
  std::shared_ptr<const std::vector<std::unique_ptr<const Kernel>>> kernels_;  ///< parallel to rules_; null for SQL
};

}  // namespace weir::contract

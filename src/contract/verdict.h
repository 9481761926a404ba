/// \file
/// From the rows that break rules to what becomes of each row.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "contract/rule_kernels.h"

namespace weir::contract {

/// What becomes of the selected rows of one batch. Reuse one object for all batches.
struct Verdict {
  struct Broken {
    int32_t row = 0;    ///< physical
    uint32_t rule = 0;  ///< number in RuleSet::rules(): the first, in its order, that has the row's gravest action

    friend bool operator==(const Broken&, const Broken&) = default;
  };

  bool all_kept = true;          ///< nothing was rejected or dropped; `kept` is empty then: the batch goes on as it is
  std::vector<int32_t> kept;     ///< physical rows that stay, ascending
  std::vector<Broken> rejected;  ///< for the dead letter, by ascending row, each once
  int64_t dropped = 0;           ///< rows left out without a dead letter
  std::optional<Broken> fatal;   ///< the first row that breaks a `fail` rule: the pipeline stops, nothing else counts

  /// Per rule, how many rows break it, whatever became of them. Rows that break several rules count for each.
  std::vector<int64_t> broken_rows;
};

/// Decides over the selected rows of `batch`. A pure function of the outcome and the rules' actions; `outcome` must
/// hold the SQL rules' rows by now.
void judge(const RuleSet& rules, const Batch& batch, const RuleOutcome& outcome, Verdict& verdict);

}  // namespace weir::contract

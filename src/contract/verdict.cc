#include "contract/verdict.h"

namespace weir::contract {
namespace {

constexpr uint32_t kNoRule = UINT32_MAX;

/// For each physical row, the rule that decides over it, or kNoRule. Warnings decide over nothing.
std::vector<uint32_t> deciding_rules(const std::vector<Rule>& rules, const Batch& batch, const RuleOutcome& outcome) {
  std::vector<uint32_t> deciding(static_cast<size_t>(batch.physical_rows()), kNoRule);
  for (size_t i = 0; i < outcome.size(); ++i) {
    if (rules[i].action == RuleAction::warn) continue;
    for (const int32_t row : outcome.failing(i)) {
      uint32_t& rule = deciding[static_cast<size_t>(row)];
      if (rule == kNoRule || rules[i].action > rules[rule].action) rule = static_cast<uint32_t>(i);
    }
  }
  return deciding;
}

}  // namespace

void judge(const RuleSet& rules, const Batch& batch, const RuleOutcome& outcome, Verdict& verdict) {
  WEIR_CHECK(outcome.size() == rules.rules().size());
  verdict.all_kept = true;
  verdict.kept.clear();
  verdict.rejected.clear();
  verdict.dropped = 0;
  verdict.fatal.reset();
  verdict.broken_rows.assign(outcome.size(), 0);
  for (size_t i = 0; i < outcome.size(); ++i) {
    verdict.broken_rows[i] = static_cast<int64_t>(outcome.failing(i).size());
    if (!outcome.failing(i).empty() && rules.rules()[i].action != RuleAction::warn) verdict.all_kept = false;
  }
  if (verdict.all_kept) return;
  const std::vector<uint32_t> deciding = deciding_rules(rules.rules(), batch, outcome);
  const auto decide = [&](int32_t row) {
    const uint32_t rule = deciding[static_cast<size_t>(row)];
    if (rule == kNoRule) {
      verdict.kept.push_back(row);
    } else if (rules.rules()[rule].action == RuleAction::drop) {
      ++verdict.dropped;
    } else if (rules.rules()[rule].action == RuleAction::reject) {
      verdict.rejected.push_back({row, rule});
    } else if (!verdict.fatal) {
      verdict.fatal = Verdict::Broken{row, rule};
    }
  };
  if (batch.all_selected()) {
    for (int64_t row = 0; row < batch.physical_rows(); ++row) decide(static_cast<int32_t>(row));
  } else {
    for (const int32_t row : batch.selection()) decide(row);
  }
}

}  // namespace weir::contract

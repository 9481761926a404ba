// Any bytes as a data contract: load it, and when it is one, make its rules and run them over an empty batch and a
// batch of nulls.
#include <cstdint>
#include <cstdlib>

#include "columnar/column.h"
#include "contract/verdict.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void run_rules(const weir::contract::Contract& contract, const weir::contract::RuleSet& rules, int64_t rows) {
  std::vector<weir::ColumnPtr> columns;
  for (const weir::Field& field : contract.schema->fields()) columns.push_back(weir::null_column(field.type, rows));
  const weir::Batch batch(contract.schema, std::move(columns), rows, nullptr);
  weir::contract::RuleOutcome outcome;
  rules.evaluate(batch, outcome);
  for (size_t i = 0; i < outcome.size(); ++i) {
    const bool finds_nulls = rules.rules()[i].kind == weir::contract::RuleKind::not_null;
    require(outcome.failing(i).size() == (finds_nulls ? static_cast<size_t>(rows) : 0));
  }
  weir::contract::Verdict verdict;
  weir::contract::judge(rules, batch, outcome, verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  weir::config::Diagnostics diagnostics;
  const auto contract = weir::contract::load("fuzz.yaml", text, weir::config::References::none(), diagnostics);
  require(contract.has_value() == diagnostics.ok());
  if (!contract) {
    require(!diagnostics.render().empty());
    return 0;
  }
  require(contract->columns.size() == contract->schema->size());
  const auto rules = weir::contract::RuleSet::make(*contract);
  require(rules.ok());
  run_rules(*contract, *rules, 0);
  run_rules(*contract, *rules, 70);
  return 0;
}

#include <algorithm>
#include <map>

#include "contract/rule_kernels.h"
#include "contract/verdict.h"
#include "expression/expression.h"
#include "operator/operators.h"
#include "operator/rule_message_internal.h"

namespace weir::operators {
namespace {

using contract::Rule;
using contract::RuleSet;
using contract::Verdict;

class Validate final : public Operator {
 public:
  Validate(RuleSet rules, std::unique_ptr<expression::RuleExpressions> sql, SchemaPtr schema)
      : rules_(std::move(rules)), sql_(std::move(sql)), schema_(std::move(schema)), broken_(rules_.rules().size(), 0) {}

  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    if (!rules_.rules().empty()) {
      WEIR_TRY(judge(batch, out));
    } else {
      WEIR_TRY(out.emit(batch));
    }
    return Step::done;
  }

  Counters take_counters() override {
    Counters counters;
    for (size_t i = 0; i < broken_.size(); ++i) {
      if (broken_[i] == 0) continue;
      counters[{.kind = CounterKind::rule_broken, .name = rules_.rules()[i].name}] = std::exchange(broken_[i], 0);
    }
    if (dropped_ != 0) counters[{.kind = CounterKind::rows_dropped}] = std::exchange(dropped_, 0);
    return counters;
  }

  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  Result<void> judge(const Batch& batch, Collector& out) {
    rules_.evaluate(batch, outcome_);
    if (sql_) WEIR_TRY(evaluate_sql(batch));
    contract::judge(rules_, batch, outcome_, verdict_);
    for (size_t i = 0; i < broken_.size(); ++i) broken_[i] += verdict_.broken_rows[i];
    dropped_ += verdict_.dropped;
    if (verdict_.fatal) return fatal(batch, *verdict_.fatal);
    if (!verdict_.rejected.empty()) WEIR_TRY(reject(batch, out));
    if (verdict_.all_kept) return out.emit(batch);  // nothing removed: hand the input on untouched
    return out.emit(batch.with_selection(verdict_.kept));
  }

  /// A row for which a rule cannot be evaluated breaks it, and the reason is the evaluation's.
  Result<void> evaluate_sql(const Batch& batch) {
    failures_.clear();
    WEIR_ASSIGN(std::vector<expression::Selected> broken, sql_->evaluate(batch));
    for (size_t i = 0; i < broken.size(); ++i) {
      const size_t rule = rules_.sql_rules()[i];
      std::vector<int32_t> rows = std::move(broken[i].rows);
      for (expression::RowFailure& failure : broken[i].failures) {
        rows.push_back(failure.row);
        failures_[{failure.row, static_cast<uint32_t>(rule)}] = std::move(failure.message);
      }
      std::sort(rows.begin(), rows.end());
      outcome_.failing(rule) = std::move(rows);
    }
    return {};
  }

  std::string message(const Batch& batch, const Verdict::Broken& broken) const {
    const auto failure = failures_.find({broken.row, broken.rule});
    if (failure != failures_.end()) return "cannot be evaluated: " + failure->second;
    return rule_message(rules_.rules()[broken.rule], batch, broken.row);
  }

  Result<void> reject(const Batch& batch, Collector& out) const {
    Rejects rejects{.raw = batch.raw(), .rejects = {}};
    for (const Verdict::Broken& broken : verdict_.rejected) {
      const Rule& rule = rules_.rules()[broken.rule];
      rejects.rejects.push_back({.raw_index = batch.origins()->raw_index[static_cast<size_t>(broken.row)],
                                 .reject_class = RejectClass::rule,
                                 .column = rule.column,
                                 .rule = rule.name,
                                 .message = message(batch, broken),
                                 .event_time_us = batch.event_time_us(broken.row)});
    }
    return out.reject(std::move(rejects));
  }

  Result<void> fatal(const Batch& batch, const Verdict::Broken& broken) const {
    const auto row = static_cast<size_t>(broken.row);
    const Split& from = batch.origins()->split(broken.row);
    return Error(ErrorKind::corrupt, "'" + from.topic + "', partition " + std::to_string(from.partition) + ", offset " +
                                         std::to_string(batch.origins()->offset[row]) + " breaks rule '" +
                                         rules_.rules()[broken.rule].name +
                                         "', whose action is fail: " + message(batch, broken) +
                                         ". Mend the event or the rule, or give the rule the action reject");
  }

  RuleSet rules_;
  std::unique_ptr<expression::RuleExpressions> sql_;
  SchemaPtr schema_;
  contract::RuleOutcome outcome_;
  Verdict verdict_;
  std::map<std::pair<int32_t, uint32_t>, std::string> failures_;  ///< by row and rule, of this batch
  std::vector<int64_t> broken_;
  int64_t dropped_ = 0;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_validate(const contract::Contract& contract, expression::TextPlace* place) {
  WEIR_ASSIGN(RuleSet rules, RuleSet::make(contract));
  std::unique_ptr<expression::RuleExpressions> sql;
  std::vector<std::string> texts;
  for (const size_t rule : rules.sql_rules()) texts.push_back(rules.rules()[rule].sql);
  if (!texts.empty()) {
    WEIR_ASSIGN(sql, expression::RuleExpressions::bind(texts, contract.schema, {.place = place}));
  }
  return std::unique_ptr<Operator>(std::make_unique<Validate>(std::move(rules), std::move(sql), contract.schema));
}

}  // namespace weir::operators

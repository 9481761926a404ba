#include <utility>

#include "app/intakes_internal.h"
#include "contract/contract.h"
#include "dataflow/operator.h"
#include "expression/engine.h"
#include "expression/expression.h"
#include "operator/column_watch.h"
#include "operator/operators.h"

namespace weir::app {
namespace {

using contract::Contract;
using planner::EventSpec;

operators::DecodeSpec decode_spec(const EventSpec& events) {
  operators::DecodeSpec spec{.format = events.format};
  spec.limits.event_bytes = static_cast<size_t>(events.bytes_max);
  spec.limits.depth = events.depth_max;
  return spec;
}

class SourceIntake final : public planner::Intake {
 public:
  SourceIntake(operators::DecodeSpec spec, std::shared_ptr<const Contract> contract)
      : spec_(std::move(spec)), contract_(std::move(contract)) {
    spec_.watch = std::make_shared<operators::ColumnWatch>(contract_->schema->size());
  }

  Result<std::unique_ptr<Operator>> make_decoder() const override { return operators::make_decode(spec_, *contract_); }
  Result<void> check_first(const RawBatch& events) const override {
    return operators::check_first_events(spec_, *contract_, events);
  }
  Result<std::unique_ptr<Operator>> make_rules() const override { return operators::make_validate(*contract_); }
  std::vector<std::string> notes() const override { return spec_.watch->notes(*contract_); }

 private:
  operators::DecodeSpec spec_;
  std::shared_ptr<const Contract> contract_;
};

class AllIntakes final : public planner::Intakes {
 public:
  std::shared_ptr<planner::Intake> make(const EventSpec& events, std::shared_ptr<const Contract> contract,
                                        planner::SayNote say) const override {
    operators::DecodeSpec spec = decode_spec(events);
    spec.say = std::move(say);
    return std::make_shared<SourceIntake>(std::move(spec), std::move(contract));
  }

  Result<void> check_decoder(const EventSpec& events, const Contract& contract) const override {
    WEIR_TRY(operators::make_decode({.format = events.format}, contract));
    return {};
  }

  std::vector<planner::ContractFault> check_rules(const Contract& contract,
                                                  std::vector<std::shared_ptr<void>>& kept) const override {
    std::vector<planner::ContractFault> faults;
    for (const contract::Rule& rule : contract.rules) {
      if (rule.kind != contract::RuleKind::sql) continue;
      if (auto engine = expression::Engine::shared(); engine.ok()) kept.push_back(*std::move(engine));
      expression::TextPlace place;
      const auto bound = expression::RuleExpressions::bind({&rule.sql, 1}, contract.schema, {.place = &place});
      if (!bound.ok())
        faults.push_back({.location = rule.location, .offset = place.offset, .message = bound.error().message()});
    }
    if (!faults.empty()) return faults;
    const auto made = operators::make_validate(contract);
    if (!made.ok()) {
      faults.push_back(
          {.location = {.file = contract.file, .at = {}, .path = "rules"}, .message = made.error().message()});
    }
    return faults;
  }

  std::unique_ptr<Operator> make_dead_letter(const std::string& pipeline,
                                             const std::map<std::string, std::string>& contracts,
                                             const std::vector<RejectingNode>& nodes) const override {
    return operators::make_dead_letter(pipeline, contracts, nodes);
  }
  SchemaPtr dead_letter_schema() const override { return operators::dead_letter_schema(); }
};

}  // namespace

std::unique_ptr<const planner::Intakes> make_intakes() {
  return std::make_unique<AllIntakes>();
}

}  // namespace weir::app

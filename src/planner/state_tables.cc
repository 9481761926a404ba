#include "planner/state_tables.h"

#include "dataflow/operator.h"

namespace weir::planner {

Result<std::vector<state::StepTables>> state_tables(const Plan& plan) {
  std::vector<state::StepTables> steps;
  for (const PlannedStep& step : plan.steps) {
    for (const PlannedOperator& planned : step.operators) {
      auto made = planned.bound.make();
      if (!made.ok()) return std::move(made).error().with_context("step '" + planned.name + "'");
      const auto specs = (*made)->tables();
      if (!specs.empty()) steps.push_back({.step = planned.name, .tables = {specs.begin(), specs.end()}});
    }
  }
  return steps;
}

}  // namespace weir::planner

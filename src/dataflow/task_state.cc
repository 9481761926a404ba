#include "dataflow/task_state.h"

namespace weir {

Result<TaskState> TaskState::make(const Graph& graph, state::TaskPlace place, int64_t limit_bytes) {
  TaskState state;
  for (const auto& [name, op] : graph.stateful_operators()) {
    auto tables = state::Tables::make(op->tables(), place, limit_bytes);
    if (!tables.ok()) return std::move(tables).error().with_context("step '" + name + "'");
    state.steps_.push_back({.name = name, .op = op, .tables = std::make_unique<state::Tables>(*std::move(tables))});
    op->attach(*state.steps_.back().tables);
  }
  return state;
}

Result<void> TaskState::restore(const state::CheckpointStore& store, const state::Manifest& manifest) {
  for (Step& step : steps_) {
    WEIR_TRY(state::restore_tables(store, manifest, step.name, *step.tables));
    step.op->attach(*step.tables);
  }
  return {};
}

std::vector<FrozenStep> TaskState::freeze() {
  std::vector<FrozenStep> frozen;
  frozen.reserve(steps_.size());
  for (Step& step : steps_) frozen.push_back({.step = step.name, .tables = step.tables->freeze()});
  return frozen;
}

std::vector<state::StepTables> TaskState::steps() const {
  std::vector<state::StepTables> steps;
  for (const Step& step : steps_) {
    const auto specs = step.op->tables();
    steps.push_back({.step = step.name, .tables = {specs.begin(), specs.end()}});
  }
  return steps;
}

int64_t TaskState::memory_bytes() const {
  int64_t bytes = 0;
  for (const Step& step : steps_) bytes += step.tables->memory_bytes();
  return bytes;
}

int64_t TaskState::frozen_bytes() const {
  int64_t bytes = 0;
  for (const Step& step : steps_) bytes += step.tables->frozen_bytes();
  return bytes;
}

}  // namespace weir

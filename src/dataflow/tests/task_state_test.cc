#include "dataflow/task_state.h"

#include <gtest/gtest.h>

#include "dataflow/tests/fakes.h"
#include "state/tests/memory_store.h"

namespace weir {
namespace {

const SchemaPtr& no_columns() {
  static const auto kSchema = std::make_shared<const Schema>(std::vector<Field>());
  return kSchema;
}

/// Hands on as many rows as have come so far.
class RunningCount final : public Operator {
 public:
  std::span<const state::StateTableSpec> tables() const override { return tables_; }
  void attach(state::Tables& tables) override { list_ = &tables.list(0); }
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    const std::string* before = list_->find("rows");
    const int64_t now = batch.rows() + (before == nullptr ? 0 : std::stoll(*before));
    WEIR_TRY(list_->put("rows", std::to_string(now)));
    WEIR_TRY(out.emit(Batch(no_columns(), {}, now, nullptr)));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return no_columns(); }

 private:
  std::vector<state::StateTableSpec> tables_ = {
      {.name = "rows", .kind = state::TableKind::dealt, .codec = "test.count"}};
  state::ListTable* list_ = nullptr;
};

struct Job {
  std::vector<Batch> out;
  Graph graph;
  Graph::NodeIndex inlet = graph.add_inlet("in");
  Job() {
    const auto count = graph.add_operator("count", {inlet}, std::make_unique<RunningCount>());
    graph.add_sink("out", count, std::make_unique<KeptBatches>(out));
  }
  int64_t push(int64_t rows) {
    EXPECT_TRUE(graph.push(inlet, Batch(no_columns(), {}, rows, nullptr)).ok());
    return out.back().rows();
  }
};

TEST(TaskState, GoesOnFromACheckpoint) {
  state::MemoryStore objects;
  const state::CheckpointStore store(objects, "memory://test");
  const state::CheckpointName name{.commit_key = "key", .writer = "w"};
  state::Manifest manifest{.commit_key = "key"};
  {
    Job job;
    TaskState state = *TaskState::make(job.graph, {}, 1 << 20);
    EXPECT_EQ(job.push(3), 3);
    std::vector<FrozenStep> frozen = state.freeze();
    EXPECT_EQ(job.push(100), 103) << "after the barrier";
    ASSERT_EQ(frozen.size(), 1U);
    for (const state::StepTables& step : state.steps()) {
      manifest.steps.push_back({.name = step.step, .tasks = 1, .tables = {}});
      for (const auto& spec : step.tables) {
        manifest.steps.back().tables.push_back(state::TableDescription::of(spec));
      }
    }
    manifest.parts = *store.put_parts(name, frozen[0].step, 0, {}, std::move(frozen[0].tables));
  }
  Job job;
  TaskState state = *TaskState::make(job.graph, {}, 1 << 20);
  ASSERT_TRUE(state.restore(store, manifest).ok());
  EXPECT_EQ(job.push(4), 7);
  EXPECT_GT(state.memory_bytes(), 0);
  EXPECT_EQ(state.frozen_bytes(), 0);
}

TEST(TaskState, OperatorsWithoutTablesHaveNone) {
  Graph graph;
  graph.add_inlet("in");
  EXPECT_TRUE(TaskState::make(graph, {}, 1 << 20)->steps().empty());
}

}  // namespace
}  // namespace weir

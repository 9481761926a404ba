#include <utility>

#include "planner/graph_builder_internal.h"
#include "planner/one_task_internal.h"
#include "runtime/deployment.h"

namespace weir::planner {
namespace {

/// Yields its events once, or none.
class GivenSource final : public Source {
 public:
  explicit GivenSource(std::shared_ptr<const RawBatch> events) : events_(std::move(events)) {}
  Result<void> open(const SourceProgress*, const StopAsked&) override { return {}; }
  Result<Poll> poll(int) override {
    if (!events_) return Poll{Poll::State::finished, nullptr};
    return Poll{Poll::State::events, std::exchange(events_, nullptr)};
  }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}

 private:
  std::shared_ptr<const RawBatch> events_;
};

}  // namespace

Result<OneTaskRun> run_as_one_task(const Plan& plan, size_t source, std::shared_ptr<const RawBatch> events,
                                   const std::function<std::unique_ptr<SinkWriter>(const std::string&)>& make_sink) {
  GraphEnds ends;
  ends.make_source = [&](const PlannedSource& planned, TaskShare) -> Result<std::unique_ptr<Source>> {
    const bool is_meant = planned.name == plan.sources[source].name && events->size() != 0;
    return std::unique_ptr<Source>(std::make_unique<GivenSource>(is_meant ? events : nullptr));
  };
  ends.make_sink = [&](const std::string& name, const SchemaPtr&, TaskShare) -> Result<std::unique_ptr<SinkWriter>> {
    return make_sink(name);
  };
  WEIR_ASSIGN(const std::vector<runtime::DeployedTask> tasks,
              runtime::deploy(build_graph(plan, ends), {}, runtime::system_threads()));
  runtime::Task& task = *tasks.front().task;
  while (true) {
    WEIR_ASSIGN(const runtime::Task::Step step, task.step(0, true, 0));
    if (step.outcome == runtime::Task::Outcome::finished) break;
  }
  EpochResult result{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
  WEIR_TRY(task.barrier(result));
  return OneTaskRun{.nodes = task.graph().node_names(), .stats = task.graph().node_stats()};
}

}  // namespace weir::planner

#include <utility>

#include "planner/graph_builder_internal.h"
#include "planner/one_task_internal.h"
#include "runtime/deployment.h"

namespace weir::planner {
namespace {

/// Yields its events once, or none; with them its splits begin and end.
class GivenEvents final : public SourceReader {
 public:
  explicit GivenEvents(std::shared_ptr<const RawBatch> events) : events_(std::move(events)) {}
  Result<void> add(std::vector<AssignedSplit>) override { return {}; }
  void no_more_splits() override {}
  void pause(std::string_view) override {}
  void resume(std::string_view) override {}
  Result<Poll> poll() override {
    if (!events_) return Poll{.state = Poll::State::finished};
    const std::shared_ptr<const RawBatch> events = std::exchange(events_, nullptr);
    return Poll{.state = Poll::State::events, .events = events, .begun = events->splits(), .ended = events->splits()};
  }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress&) override {}

 private:
  std::shared_ptr<const RawBatch> events_;
};

class GivenSource final : public SourceFactory {
 public:
  explicit GivenSource(std::shared_ptr<const RawBatch> events) : events_(std::move(events)) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int) override {
    return Error(ErrorKind::unsupported, "events that are given have no splits");
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override {
    return std::unique_ptr<SourceReader>(std::make_unique<GivenEvents>(events_));
  }

 private:
  const std::shared_ptr<const RawBatch> events_;
};

std::vector<AssignedSplit> splits_of(const RawBatch& events) {
  std::vector<AssignedSplit> splits;
  for (const SplitPtr& split : events.splits()) splits.push_back({.name = split->topic, .from = {}, .detail = {}});
  return splits;
}

}  // namespace

Result<OneTaskRun> run_as_one_task(const Plan& plan, size_t source, std::shared_ptr<const RawBatch> events,
                                   const std::function<std::unique_ptr<SinkWriter>(const std::string&)>& make_sink) {
  GraphEnds ends;
  ends.source_of = [&](const PlannedSource& planned) -> std::shared_ptr<SourceFactory> {
    const bool is_meant = planned.name == plan.sources[source].name && events->size() != 0;
    return std::make_shared<GivenSource>(is_meant ? events : nullptr);
  };
  ends.make_sink = [&](const std::string& name, const SchemaPtr&, TaskShare) -> Result<std::unique_ptr<SinkWriter>> {
    return make_sink(name);
  };
  ends.intakes = make_intakes(plan, {});
  WEIR_ASSIGN(const std::vector<runtime::DeployedTask> tasks,
              runtime::deploy(build_graph(plan, ends), {}, runtime::system_threads()));
  runtime::Task& task = *tasks.front().task;
  for (size_t i = 0; i < plan.sources.size(); ++i)
    WEIR_TRY(task.add_splits(plan.sources[i].name, splits_of(i == source ? *events : RawBatch())));
  bool is_finished = false;
  while (!is_finished || task.graph().is_busy()) {
    WEIR_ASSIGN(const runtime::Task::Step step, task.step(0, true));
    is_finished = step.outcome == runtime::Task::Outcome::finished;
  }
  EpochResult result{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
  WEIR_TRY(task.barrier(result));
  return OneTaskRun{.nodes = task.graph().node_names(), .stats = task.graph().node_stats()};
}

}  // namespace weir::planner

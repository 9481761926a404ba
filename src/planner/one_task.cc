#include <algorithm>
#include <utility>

#include "planner/graph_builder_internal.h"
#include "planner/one_task_internal.h"
#include "runtime/task/deployment.h"

namespace weir::planner {
namespace {

using Batches = std::vector<std::shared_ptr<const RawBatch>>;

/// The splits of all batches, each once.
std::vector<SplitPtr> splits_of(const Batches& events) {
  std::vector<SplitPtr> splits;
  for (const auto& batch : events) {
    for (const SplitPtr& split : batch->splits()) {
      const auto same = [&](const SplitPtr& other) { return *other == *split; };
      if (std::none_of(splits.begin(), splits.end(), same)) splits.push_back(split);
    }
  }
  return splits;
}

/// Yields its events once, or none; their splits begin with the first of them and end with the last.
class GivenEvents final : public SourceReader {
 public:
  explicit GivenEvents(Batches events) : events_(std::move(events)), splits_(splits_of(events_)) {}
  Result<void> add(std::vector<AssignedSplit>) override { return {}; }
  void no_more_splits() override {}
  void pause(std::string_view) override {}
  void resume(std::string_view) override {}
  Result<Poll> poll() override {
    if (next_ == events_.size()) return Poll{.state = Poll::State::finished};
    Poll poll{.state = Poll::State::events, .events = events_[next_++]};
    if (next_ == 1) poll.begun = splits_;
    if (next_ == events_.size()) poll.ended = splits_;
    return poll;
  }
  SourceProgress progress() const override { return {}; }
  SourceLag lag() const override { return {}; }
  void release(const SourceProgress&) override {}

 private:
  const Batches events_;
  const std::vector<SplitPtr> splits_;
  size_t next_ = 0;
};

class GivenSource final : public SourceFactory {
 public:
  explicit GivenSource(Batches events) : events_(std::move(events)) {}
  Result<std::unique_ptr<SourceSplitter>> make_splitter(int) override {
    return Error(ErrorKind::unsupported, "events that are given have no splits");
  }
  Result<std::unique_ptr<SourceReader>> make_reader(std::function<void()>) override {
    return std::unique_ptr<SourceReader>(std::make_unique<GivenEvents>(events_));
  }

 private:
  const Batches events_;
};

/// Of one source; without those that hold nothing.
Batches given_to(const std::string& source, const GivenBatches& events) {
  Batches given;
  const auto found = events.find(source);
  if (found == events.end()) return given;
  for (const auto& batch : found->second) {
    if (batch->size() != 0) given.push_back(batch);
  }
  return given;
}

}  // namespace

Result<OneTaskRun> run_as_one_task(const Plan& plan, const GivenBatches& events,
                                   const std::function<std::unique_ptr<SinkWriter>(const std::string&)>& make_sink) {
  GraphEnds ends;
  ends.source_of = [&](const PlannedSource& planned) -> std::shared_ptr<SourceFactory> {
    return std::make_shared<GivenSource>(given_to(planned.name, events));
  };
  ends.make_sink = [&](const std::string& name, const SchemaPtr&,
                       const WriterStart&) -> Result<std::unique_ptr<SinkWriter>> { return make_sink(name); };
  ends.intakes = make_intakes(plan, {});
  WEIR_ASSIGN(const std::vector<runtime::DeployedTask> tasks,
              runtime::deploy(build_graph(plan, ends), {}, runtime::system_threads(), runtime::no_writer_context));
  runtime::Task& task = *tasks.front().task;
  for (const PlannedSource& source : plan.sources) {
    std::vector<AssignedSplit> assigned;
    for (const SplitPtr& split : splits_of(given_to(source.name, events)))
      assigned.push_back({.name = split->topic, .from = {}, .detail = {}});
    WEIR_TRY(task.add_splits(source.name, std::move(assigned)));
  }
  bool is_finished = false;
  while (!is_finished || task.graph().is_busy()) {
    WEIR_ASSIGN(const runtime::Task::Step step, task.step(0, true));
    is_finished = step.outcome == runtime::Task::Outcome::finished;
  }
  EpochResult result{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
  WEIR_TRY(task.barrier(result));
  WEIR_ASSIGN(const bool has_all, task.take_parts(result));
  WEIR_CHECK(has_all);  // these writers have nothing to wait for
  return OneTaskRun{.nodes = task.graph().node_names(), .stats = task.graph().node_stats()};
}

}  // namespace weir::planner

#include "runtime/task.h"

#include <algorithm>

#include "base/check.h"
#include "base/fault.h"
#include "runtime/thread_cpu_clock.h"

namespace weir::runtime {

Result<std::unique_ptr<Task>> Task::make(std::unique_ptr<Graph> graph, std::vector<InletChannels> inlets,
                                         TaskShare share, int64_t state_bytes_max) {
  const state::TaskPlace place{.task = static_cast<uint32_t>(share.index), .tasks = static_cast<uint32_t>(share.count)};
  WEIR_ASSIGN(TaskState state, TaskState::make(*graph, place, state_bytes_max));
  return std::unique_ptr<Task>(new Task(std::move(graph), std::move(state), place, std::move(inlets)));
}

Task::Task(std::unique_ptr<Graph> graph, TaskState state, state::TaskPlace place, std::vector<InletChannels> inlets)
    : graph_(std::move(graph)),
      state_(std::move(state)),
      place_(place),
      statuses_(inlets.size()),
      finished_(graph_->source_count(), false) {
  graph_->measure_with(thread_cpu_clock());
  for (size_t group = 0; group < inlets.size(); ++group) {
    for (std::shared_ptr<Channel>& channel : inlets[group].channels) {
      inputs_.push_back({.inlet = inlets[group].inlet,
                         .group = group,
                         .number = statuses_[group].add(),
                         .channel = std::move(channel)});
    }
  }
}

Result<void> Task::open(const Progress& progress, const StopAsked& stop_asked) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    const auto found = progress.sources.find(graph_->source_name(i));
    Result<void> opened =
        graph_->source(i).open(found == progress.sources.end() ? nullptr : &found->second, stop_asked);
    if (!opened.ok()) return std::move(opened).error().with_context("source '" + graph_->source_name(i) + "'");
  }
  return {};
}

Result<Task::Step> Task::step(int64_t now_us, bool intake, int wait_ms) {
  if (!graph_->has_credit()) return Step{.outcome = Outcome::waiting};
  if (graph_->is_busy()) {
    WEIR_TRY(graph_->work_on());
    return Step{};
  }
  if (graph_->next_time_us() <= now_us) {
    WEIR_TRY(graph_->tell_time(now_us));
    return Step{};
  }
  WEIR_ASSIGN(const bool has_taken, take_inputs());
  if (has_taken) return Step{};
  Outcome outcome = has_sources() ? Outcome::idle : Outcome::finished;
  if (intake && has_sources()) {
    WEIR_ASSIGN(outcome, poll_sources(wait_ms));
  }
  return Step{.outcome = outcome, .until_us = graph_->next_time_us()};
}

/// Takes one item of each channel that is not held back. An input is held back for alignment only, never by preference:
/// so every task that feeds this one gets on until it has passed the barrier too.
Result<bool> Task::take_inputs() {
  bool has_taken = false;
  for (Input& input : inputs_) {
    if (input.passed != 0 || graph_->is_busy() || !graph_->has_credit()) continue;
    std::optional<ChannelItem> item = input.channel->pop();
    if (!item) continue;
    has_taken = true;
    WEIR_TRY(take(input, *std::move(item)));
  }
  return has_taken;
}

Result<void> Task::take(Input& input, ChannelItem item) {
  if (const auto* batch = std::get_if<Batch>(&item)) return graph_->push(input.inlet, *batch);
  if (const auto* barrier = std::get_if<Barrier>(&item)) {
    WEIR_CHECK(arrived_ == 0 || arrived_ == barrier->epoch);
    input.passed = arrived_ = barrier->epoch;
    return {};
  }
  StatusMerger& merger = statuses_[input.group];
  if (!merger.set(input.number, std::get<StreamStatus>(item))) return {};
  return graph_->advance(input.inlet, merger.merged());
}

Result<Task::Outcome> Task::poll_sources(int wait_ms) {
  Outcome outcome = Outcome::finished;
  const auto open_sources = static_cast<int>(std::count(finished_.begin(), finished_.end(), false));
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    if (finished_[i]) continue;
    if (graph_->is_busy() || !graph_->has_credit()) return Outcome::worked;  // the step's first source took it up
    WEIR_TRY(fault_point("task.before_poll"));
    Result<Poll> polled = graph_->poll(i, outcome == Outcome::worked ? 0 : wait_ms / open_sources);
    if (!polled.ok()) return std::move(polled).error().with_context("source '" + graph_->source_name(i) + "'");
    switch (polled->state) {
      case Poll::State::finished: finished_[i] = true; break;
      case Poll::State::idle:
        if (outcome == Outcome::finished) outcome = Outcome::idle;
        break;
      case Poll::State::events:
        WEIR_TRY(push(i, polled->events));
        outcome = Outcome::worked;
        break;
    }
  }
  return outcome;
}

Result<void> Task::push(size_t source, const std::shared_ptr<const RawBatch>& events) {
  totals_.events += static_cast<int64_t>(events->size());
  totals_.bytes += static_cast<int64_t>(events->payload_bytes());
  WEIR_TRY(fault_point("task.after_fetch"));
  Result<void> pushed = graph_->push(source, events);
  if (!pushed.ok()) return std::move(pushed).error().with_context("source '" + graph_->source_name(source) + "'");
  WEIR_TRY(fault_point("task.after_transform"));
  totals_.rejected = graph_->rejected();
  return {};
}

bool Task::is_aligned(Epoch epoch) const {
  if (graph_->is_busy()) return false;
  return std::all_of(inputs_.begin(), inputs_.end(), [&](const Input& input) { return input.passed == epoch; });
}

Result<FrozenTask> Task::barrier(EpochResult& result) {
  WEIR_TRY(fault_point("task.before_barrier"));
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    Progress progress;
    progress.sources[graph_->source_name(i)] = graph_->source(i).progress();
    result.progress.merge(progress);
  }
  WEIR_TRY(graph_->barrier(result));
  totals_.rejected = graph_->rejected();
  for (Input& input : inputs_) input.passed = 0;
  arrived_ = 0;
  return FrozenTask{.place = place_, .steps = state_.freeze()};
}

void Task::on_committed(const Progress& progress) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    const auto found = progress.sources.find(graph_->source_name(i));
    if (found != progress.sources.end()) graph_->source(i).on_committed(found->second);
  }
}

int64_t Task::memory_bytes() const {
  int64_t bytes = graph_->memory_bytes() + state_.memory_bytes();
  for (const Input& input : inputs_) bytes += input.channel->memory_bytes();
  return bytes;
}

SourceLag Task::lag() const {
  SourceLag sum;
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    const SourceLag lag = graph_->source(i).lag();
    if (lag.events >= 0) sum.events = std::max<int64_t>(sum.events, 0) + lag.events;
    if (lag.bytes >= 0) sum.bytes = std::max<int64_t>(sum.bytes, 0) + lag.bytes;
  }
  return sum;
}

}  // namespace weir::runtime

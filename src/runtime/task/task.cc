#include "runtime/task/task.h"

#include <algorithm>

#include "base/check.h"
#include "base/fault.h"
#include "runtime/threads/thread_cpu_clock.h"

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
      intakes_(graph_->source_count()) {
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

Result<void> Task::add_splits(const std::string& source, std::vector<AssignedSplit> splits) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    if (graph_->source_name(i) != source) continue;
    intakes_[i].splits += static_cast<int64_t>(splits.size());
    intakes_[i].is_changed = true;
    if (splits.empty()) return {};
    Result<void> added = graph_->reader(i).add(std::move(splits));
    if (!added.ok()) return std::move(added).error().with_context("source '" + source + "'");
    return {};
  }
  return {};
}

void Task::no_more_splits(const std::string& source) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    if (graph_->source_name(i) == source) graph_->reader(i).no_more_splits();
  }
}

Result<Task::Step> Task::step(int64_t now_us, bool intake) {
  if (!graph_->has_credit()) return Step{.outcome = Outcome::waiting};
  if (graph_->is_busy()) {
    WEIR_ASSIGN(const bool has_worked, graph_->work_on());
    return Step{.outcome = has_worked ? Outcome::worked : Outcome::waiting};
  }
  if (graph_->next_time_us() <= now_us) {
    WEIR_TRY(graph_->tell_time(now_us));
    return Step{};
  }
  WEIR_ASSIGN(const bool has_told, tell_changed_splits());
  if (has_told) return Step{};
  WEIR_ASSIGN(const bool has_taken, take_inputs());
  if (has_taken) return Step{};
  Step step{.outcome = has_sources() ? Outcome::idle : Outcome::finished, .until_us = graph_->next_time_us()};
  if (intake && has_sources()) WEIR_TRY(poll_sources(now_us, step));
  return step;
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

/// Polls each source once, and says in `step` what came of it.
Result<void> Task::poll_sources(int64_t now_us, Step& step) {
  step.outcome = Outcome::finished;
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    if (intakes_[i].is_finished) continue;
    if (graph_->is_busy() || !graph_->has_credit()) {  // the step's first source took it up
      step.outcome = Outcome::worked;
      return {};
    }
    Result<Poll> polled = poll(i, now_us, step);
    if (!polled.ok()) return std::move(polled).error().with_context("source '" + graph_->source_name(i) + "'");
    const bool has_events = polled->state == Poll::State::events;
    if (!has_events && !polled->ended.empty()) intakes_[i].ended = std::move(polled->ended);
    if (!polled->begun.empty() || !intakes_[i].ended.empty()) WEIR_TRY(tell_splits(i, polled->begun));
    if (polled->should_look) step.to_look.push_back(graph_->source_name(i));
    switch (polled->state) {
      case Poll::State::finished: intakes_[i].is_finished = true; break;
      case Poll::State::idle:
        if (step.outcome == Outcome::finished) step.outcome = Outcome::idle;
        step.until_us = std::min(step.until_us, polled->again_us);
        break;
      case Poll::State::events:
        WEIR_TRY(push(i, polled->events));
        step.outcome = Outcome::worked;
        break;
    }
    if (!has_events || polled->ended.empty()) continue;
    intakes_[i].ended = std::move(polled->ended);  // once all that the events make of themselves is through
    intakes_[i].is_changed = true;
  }
  return {};
}

/// Says what has changed since the last poll; true when there was something.
Result<bool> Task::tell_changed_splits() {
  for (size_t i = 0; i < intakes_.size(); ++i) {
    if (!intakes_[i].is_changed) continue;
    WEIR_TRY(tell_splits(i, {}));
    return true;
  }
  return false;
}

/// Event time waits for what has begun, and no longer for what has ended: all rows of that are through by now.
Result<void> Task::tell_splits(size_t source, std::span<const SplitPtr> begun) {
  Intake& intake = intakes_[source];
  const std::vector<SplitPtr> ended = std::exchange(intake.ended, {});
  intake.splits -= static_cast<int64_t>(ended.size());
  intake.is_changed = false;
  return graph_->change_splits(
      source, {.source = graph_->source_name(source), .begun = begun, .ended = ended, .has_none = intake.splits == 0});
}

/// A passing fault is waited out: the source is idle meanwhile.
Result<Poll> Task::poll(size_t source, int64_t now_us, Step& step) {
  Intake& intake = intakes_[source];
  if (now_us < intake.not_before_us) return Poll{.again_us = intake.not_before_us};
  WEIR_TRY(fault_point("task.before_poll"));
  Result<Poll> polled = graph_->poll(source);
  if (polled.ok() || polled.error().retry() != RetryHint::backoff) {
    intake.back_off.reset();
    return polled;
  }
  const int64_t wait_ms = intake.back_off.next_ms();
  intake.not_before_us = now_us + wait_ms * 1000;
  step.retries.push_back({.source = graph_->source_name(source), .error = polled.error(), .wait_ms = wait_ms});
  return Poll{.again_us = intake.not_before_us};
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
  // Progress says that a split was read to its end: the state that goes with it says so too.
  if (std::any_of(intakes_.begin(), intakes_.end(), [](const Intake& intake) { return intake.is_changed; }))
    return false;
  return std::all_of(inputs_.begin(), inputs_.end(), [&](const Input& input) { return input.passed == epoch; });
}

Result<FrozenTask> Task::barrier(EpochResult& result) {
  WEIR_TRY(fault_point("task.before_barrier"));
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    SourceProgress of_source = graph_->reader(i).progress();
    if (of_source == SourceProgress()) continue;  // no split yet: it knows nothing
    Progress progress;
    progress.sources[graph_->source_name(i)] = std::move(of_source);
    result.progress.merge(progress);
  }
  WEIR_TRY(graph_->barrier(result));
  totals_.rejected = graph_->rejected();
  result.events += totals_.events - at_barrier_.events;
  result.rejected += totals_.rejected - at_barrier_.rejected;
  at_barrier_ = totals_;
  for (Input& input : inputs_) input.passed = 0;
  arrived_ = 0;
  return FrozenTask{.place = place_, .steps = state_.freeze()};
}

void Task::release(const Progress& durable) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    const auto found = durable.sources.find(graph_->source_name(i));
    if (found != durable.sources.end()) graph_->reader(i).release(found->second);
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
    const SourceLag lag = graph_->reader(i).lag();
    if (lag.events >= 0) sum.events = std::max<int64_t>(sum.events, 0) + lag.events;
    if (lag.bytes >= 0) sum.bytes = std::max<int64_t>(sum.bytes, 0) + lag.bytes;
  }
  return sum;
}

}  // namespace weir::runtime

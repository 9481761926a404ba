#include "runtime/task.h"

#include <algorithm>

#include "base/fault.h"
#include "runtime/thread_cpu_clock.h"

namespace weir::runtime {

Task::Task(std::unique_ptr<Graph> graph) : graph_(std::move(graph)), finished_(graph_->source_count(), false) {
  graph_->measure_with(thread_cpu_clock());
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

Result<Task::Step> Task::step(int wait_ms) {
  Step outcome = Step::finished;
  const auto open_sources = static_cast<int>(std::count(finished_.begin(), finished_.end(), false));
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    if (finished_[i]) continue;
    WEIR_TRY(fault_point("task.before_poll"));
    Result<Poll> polled = graph_->poll(i, outcome == Step::worked ? 0 : wait_ms / open_sources);
    if (!polled.ok()) return std::move(polled).error().with_context("source '" + graph_->source_name(i) + "'");
    const Poll& poll = *polled;
    if (poll.state == Poll::State::finished) {
      finished_[i] = true;
      continue;
    }
    if (poll.state == Poll::State::idle) {
      if (outcome == Step::finished) outcome = Step::idle;
      continue;
    }
    totals_.events += static_cast<int64_t>(poll.events->size());
    totals_.bytes += static_cast<int64_t>(poll.events->payload_bytes());
    WEIR_TRY(fault_point("task.after_fetch"));
    Result<void> pushed = graph_->push(i, poll.events);
    if (!pushed.ok()) return std::move(pushed).error().with_context("source '" + graph_->source_name(i) + "'");
    WEIR_TRY(fault_point("task.after_transform"));
    totals_.rejected = graph_->rejected();
    outcome = Step::worked;
  }
  return outcome;
}

Result<void> Task::barrier(EpochResult& result) {
  WEIR_TRY(fault_point("task.before_barrier"));
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    Progress progress;
    progress.sources[graph_->source_name(i)] = graph_->source(i).progress();
    result.progress.merge(progress);
  }
  return graph_->barrier(result);
}

void Task::on_committed(const Progress& progress) {
  for (size_t i = 0; i < graph_->source_count(); ++i) {
    const auto found = progress.sources.find(graph_->source_name(i));
    if (found != progress.sources.end()) graph_->source(i).on_committed(found->second);
  }
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

/// \file
/// A task: one graph, its sources and what comes in from other tasks, advanced in steps by whoever hosts it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/channel.h"
#include "dataflow/graph.h"
#include "dataflow/task_share.h"
#include "dataflow/task_state.h"
#include "runtime/back_off.h"
#include "runtime/store/checkpoints.h"

namespace weir::runtime {

/// Counts since the task began.
struct TaskTotals {
  int64_t events = 0;
  int64_t bytes = 0;
  int64_t rejected = 0;
};

/// The channels that come in at one inlet of a graph, one from each task that feeds it.
struct InletChannels {
  Graph::NodeIndex inlet = 0;
  std::vector<std::shared_ptr<Channel>> channels;
};

inline constexpr int64_t kStateBytesMax = int64_t{1} << 30;  ///< of one keyed table in one task, by default

/// One thread at a time. step() does a bounded piece of work and returns; it never waits for another task.
class Task {
 public:
  /// `state_bytes_max` bounds each keyed table. Errors: invalid_argument for tables that contradict themselves.
  static Result<std::unique_ptr<Task>> make(std::unique_ptr<Graph> graph, std::vector<InletChannels> inlets = {},
                                            TaskShare share = {}, int64_t state_bytes_max = kStateBytesMax);

  /// Fills the tables of all steps from a checkpoint, before any input.
  Result<void> restore(const state::CheckpointStore& store, const state::Manifest& manifest) {
    return state_.restore(store, manifest);
  }
  std::vector<state::StepTables> stateful_steps() const { return state_.steps(); }

  /// What the splitter of source `source` found for this task's reader; once at least, also when it is nothing.
  Result<void> add_splits(const std::string& source, std::vector<AssignedSplit> splits);
  void no_more_splits(const std::string& source);

  enum class Outcome {
    worked,    ///< something went through
    idle,      ///< nothing to do by `until_us`, unless something comes in
    waiting,   ///< other tasks must take what was handed on first, or pass their barrier; or an operator waits for what
               ///< it needs, and should be asked again soon
    finished,  ///< all sources are at their end (one-pass runs); there are none: nothing has come in
  };
  /// A reader cannot read just now and is asked again later.
  struct Retry {
    std::string source;
    Error error;
    int64_t wait_ms = 0;
  };
  struct Step {
    Outcome outcome = Outcome::worked;
    int64_t until_us = kNoTime;             ///< monotonic
    std::vector<Retry> retries = {};        ///< that began in this step
    std::vector<std::string> to_look = {};  ///< sources whose splitters should look for splits now
  };
  /// `intake`: whether sources may be polled.
  Result<Step> step(int64_t now_us, bool intake);

  /// The barrier `epoch` may be cut here: the graph is done with its last input, and every task that feeds this one has
  /// passed it.
  bool is_aligned(Epoch epoch) const;
  /// The epoch whose barrier has come in from other tasks; 0: none, or it was cut.
  Epoch arrived_barrier() const { return arrived_; }
  /// Cuts the epoch here: everything pushed so far belongs to it. Adds counters and this task's progress to `result`;
  /// returns the state as it is now, to be written on another thread. Only when is_aligned(result.epoch), and once the
  /// parts of the epoch before have been taken.
  Result<FrozenTask> barrier(EpochResult& result);
  /// Adds what the writers have closed of that epoch since the last call; true once that is all of it. Steps may be
  /// taken meanwhile.
  Result<bool> take_parts(EpochResult& result) { return graph_->take_parts(result); }

  /// Tells the readers what is decided.
  void release(const Progress& durable);

  bool has_sources() const { return graph_->source_count() != 0; }
  const TaskTotals& totals() const { return totals_; }
  int64_t memory_bytes() const;
  SourceLag lag() const;
  const Graph& graph() const { return *graph_; }

 private:
  struct Input {
    Graph::NodeIndex inlet = 0;
    size_t group = 0;   ///< index into statuses_
    size_t number = 0;  ///< among the inlet's channels
    std::shared_ptr<Channel> channel;
    Epoch passed = 0;  ///< barrier that has come in and is not cut: nothing behind it is taken
  };

  struct Intake {
    bool is_finished = false;
    int64_t not_before_us = 0;  ///< it failed in passing: not polled until then
    BackOff back_off;
    int64_t splits = 0;       ///< that this task has and that have not ended
    bool is_changed = false;  ///< the graph is still to be told of `splits` or `ended`
    std::vector<SplitPtr> ended = {};
  };

  Task(std::unique_ptr<Graph> graph, TaskState state, state::TaskPlace place, std::vector<InletChannels> inlets);
  Result<bool> take_inputs();
  Result<void> take(Input& input, ChannelItem item);
  Result<void> poll_sources(int64_t now_us, Step& step);
  Result<bool> tell_changed_splits();
  Result<void> tell_splits(size_t source, std::span<const SplitPtr> begun);
  Result<Poll> poll(size_t source, int64_t now_us, Step& step);
  Result<void> push(size_t source, const std::shared_ptr<const RawBatch>& events);

  std::unique_ptr<Graph> graph_;
  TaskState state_;
  state::TaskPlace place_;
  std::vector<Input> inputs_;
  std::vector<StatusMerger> statuses_;  ///< one an inlet
  Epoch arrived_ = 0;
  std::vector<Intake> intakes_;  ///< by source
  TaskTotals totals_;
  TaskTotals at_barrier_;  ///< totals_ at the last one
};

}  // namespace weir::runtime

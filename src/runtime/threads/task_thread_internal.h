/// \file
/// One task on a thread of its own, and the orders by which the coordinator steers it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "runtime/task/intake_meter.h"
#include "runtime/task/task.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// What a task tells the coordinator.
struct TaskReport {
  enum class Kind { barrier_done, failed, finished, retrying, to_look };
  int task = 0;
  Kind kind = Kind::finished;
  std::optional<EpochResult> share = {};  ///< barrier_done
  FrozenTask frozen = {};                 ///< barrier_done: its state there
  std::optional<Error> error = {};        ///< failed, retrying
  std::string source = {};                ///< retrying, to_look
  int64_t wait_ms = 0;                    ///< retrying
};

/// Counts for whoever asks. A picture of the last step.
struct TaskSnapshot {
  TaskTotals totals;
  int64_t epoch_events = 0;  ///< since the last barrier
  int64_t memory_bytes = 0;
  SourceLag lag;
  std::vector<NodeStats> nodes;
  bool is_finished = false;  ///< its sources are at their end
};

/// Orders come from the coordinator's thread, snapshot() from any. After start() only its own thread touches the task.
class TaskThread {
 public:
  /// `report` is called on the task's thread. `waiter` wakes it: the task's channels notify it too. `clock` and `meter`
  /// outlive it.
  TaskThread(int number, std::unique_ptr<Task> task, std::shared_ptr<Waiter> waiter, const Clock& clock,
             IntakeMeter& meter, std::function<void(TaskReport)> report);
  ~TaskThread();

  /// Before start(). See Task::restore() and Task::stateful_steps().
  Result<void> restore(const state::CheckpointStore& store, const state::Manifest& manifest) {
    return task_->restore(store, manifest);
  }
  std::vector<state::StepTables> stateful_steps() const { return task_->stateful_steps(); }
  /// `exited` is called with name() as the thread's last word.
  void start(Threads& threads, std::function<void(const std::string&)> exited);
  /// Lets the thread end after its present step.
  void end();

  /// Cut `epoch` at the sources. Tasks without sources hear of it through their channels.
  void request_barrier(Epoch epoch);
  /// No more events are taken from the sources; what is inside goes on.
  void stop_intake();
  void release(std::shared_ptr<const Progress> durable);
  /// Splits of source `source` for the task's reader; `is_last`: no more will follow.
  void add_splits(const std::string& source, std::vector<AssignedSplit> splits, bool is_last);

  const std::string& name() const { return name_; }
  TaskSnapshot snapshot() const;
  bool has_sources() const { return has_sources_; }
  const std::vector<std::string>& node_names() const { return node_names_; }

 private:
  struct SplitOrder {
    std::string source;
    std::vector<AssignedSplit> splits;
    bool is_last = false;
  };
  struct Orders {
    Epoch barrier = 0;
    bool is_intake_stopped = false;
    bool is_exit = false;
    std::shared_ptr<const Progress> durable;
    std::vector<SplitOrder> splits;
  };

  void run();
  Result<bool> advance();
  Orders take_orders();
  Result<bool> do_barrier(Epoch requested);
  Result<void> finish_barrier();
  Result<void> do_step(const Orders& orders);
  void meter();
  void publish();
  void order(const std::function<void(Orders&)>& change);

  const int number_;
  const std::string name_;
  const std::unique_ptr<Task> task_;
  const bool has_sources_;
  const std::vector<std::string> node_names_;
  const std::shared_ptr<Waiter> waiter_;
  const Clock& clock_;
  IntakeMeter& meter_;
  const std::function<void(TaskReport)> report_;
  std::function<void(const std::string&)> exited_;

  mutable std::mutex mutex_;
  Orders orders_;          // guarded by mutex_
  TaskSnapshot snapshot_;  // guarded by mutex_
  // The task's own:
  Epoch done_epoch_ = 0;
  std::optional<TaskReport> closing_;  ///< of that epoch, while writers still close its files
  TaskTotals at_barrier_;
  int64_t epoch_bytes_ = 0;  ///< what the meter was told since then
  bool is_finished_ = false;

  std::unique_ptr<StartedThread> thread_;  ///< last: it ends before what it works on goes
};

}  // namespace weir::runtime

/// \file
/// The tasks of a local host and their threads, as one.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/local_host.h"
#include "runtime/task_thread_internal.h"

namespace weir::runtime {

/// Sums over all tasks, of their last steps.
struct TaskSums {
  int64_t events = 0;
  int64_t epoch_events = 0;
};

/// The names of the sources, once each.
std::vector<std::string> source_names(const LogicalGraph& graph);

/// Adds one commit's share of a table to what a run did.
void add_to(std::vector<CommittedTable>& tables, const CommittedTable& more);

/// Calls come from the coordinator's thread, except add_to().
class LocalHost::Tasks {
 public:
  static Result<std::unique_ptr<Tasks>> make(const LogicalGraph& graph, const RunOptions& options,
                                             const HostEnvironment& environment, IntakeMeter& meter,
                                             const std::function<void(TaskReport)>& report);

  /// Fills the state of all steps from a checkpoint. Errors: invalid_argument when the steps cannot go on from it;
  /// corrupt, not_found and others of reading it.
  Result<void> restore(const Checkpoints& checkpoints, const StoredObject& place);
  /// Opens all sources, one after the other; see Task::open().
  Result<void> open(const Progress& progress, const StopAsked& stop_asked);
  /// `exited` is called with the thread's name on each thread as its last word.
  void start(Threads& threads, const std::function<void(const std::string&)>& exited);

  int count() const { return static_cast<int>(threads_.size()); }
  std::set<std::string> names() const;
  void request_barrier(Epoch epoch);
  void stop_intake();
  void committed(const std::shared_ptr<const Progress>& progress);
  void end();

  /// All sources are at their end.
  bool are_finished() const;
  TaskSums sums() const;
  /// Any thread.
  void add_to(RunStatus& status) const;

 private:
  std::vector<std::unique_ptr<TaskThread>> threads_;
  std::vector<std::string> nodes_;  ///< of all stages, in flow order
};

}  // namespace weir::runtime

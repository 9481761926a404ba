/// \file
/// The tasks of a local host and their threads, as one.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/local_host.h"
#include "runtime/task/deployment.h"
#include "runtime/threads/task_thread_internal.h"

namespace weir::runtime {

/// Sums over all tasks, of their last steps.
struct TaskSums {
  int64_t events = 0;
  int64_t epoch_events = 0;
};

/// Adds one commit's share of a table to what a run did.
void add_to(std::vector<CommittedTable>& tables, const CommittedTable& more);

/// Calls come from the coordinator's thread, except add_to().
class LocalHost::Tasks {
 public:
  static Result<std::unique_ptr<Tasks>> make(const LogicalGraph& graph, const RunOptions& options,
                                             const HostEnvironment& environment, IntakeMeter& meter,
                                             const WriterContext& context_of,
                                             const std::function<void(TaskReport)>& report);

  /// Fills the state of all steps from a checkpoint. Errors: invalid_argument when the steps cannot go on from it;
  /// corrupt, not_found and others of reading it.
  Result<void> restore(const Checkpoints& checkpoints, const StoredObject& place);
  /// `exited` is called with the thread's name on each thread as its last word.
  void start(Threads& threads, const std::function<void(const std::string&)>& exited);

  int count() const { return static_cast<int>(threads_.size()); }
  std::set<std::string> names() const;
  void request_barrier(Epoch epoch);
  void stop_intake();
  void release(const std::shared_ptr<const Progress>& durable);
  /// Gives each reader of source `source` what was found for it. Any thread, until the last task ends.
  void deal(const std::string& source, Discovery found);
  void end();

  /// All sources are at their end.
  bool are_finished() const;
  TaskSums sums() const;
  /// Any thread.
  void add_to(RunStatus& status) const;

 private:
  std::vector<std::unique_ptr<TaskThread>> threads_;  ///< the tasks with sources first, in the order of their readers
  std::vector<std::string> nodes_;                    ///< of all stages, in flow order
};

}  // namespace weir::runtime

/// \file
/// A task: one graph and its sources, advanced in steps by whoever hosts it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/graph.h"

namespace weir::runtime {

/// Counts since the task began.
struct TaskTotals {
  int64_t events = 0;
  int64_t bytes = 0;
  int64_t rejected = 0;
};

/// One thread at a time. step() does a bounded piece of work and returns.
class Task {
 public:
  explicit Task(std::unique_ptr<Graph> graph);

  /// Opens all sources at `progress` (sources it does not name start where their own setting says).
  /// Errors: those of Source::open(), with the source named; cancelled once `stop_asked` says so.
  Result<void> open(const Progress& progress, const StopAsked& stop_asked);

  enum class Step {
    worked,    ///< events went through
    idle,      ///< no source had anything within the wait
    finished,  ///< all sources are at their end (one-pass runs)
  };
  /// Polls each source once, waiting up to `wait_ms` in all, and pushes what came through the graph.
  Result<Step> step(int wait_ms);

  /// Cuts the epoch here: everything pushed so far belongs to it. Adds parts, counters and this task's progress to
  /// `result`.
  Result<void> barrier(EpochResult& result);

  /// Passes on what the tables now have (advisory).
  void on_committed(const Progress& progress);

  const TaskTotals& totals() const { return totals_; }
  int64_t memory_bytes() const { return graph_->memory_bytes(); }
  SourceLag lag() const;
  const Graph& graph() const { return *graph_; }

 private:
  std::unique_ptr<Graph> graph_;
  std::vector<bool> finished_;
  TaskTotals totals_;
};

}  // namespace weir::runtime

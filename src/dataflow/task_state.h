/// \file
/// The state of one task: the tables of all its operators, from a checkpoint and into one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataflow/graph.h"
#include "state/restore.h"
#include "state/tables.h"

namespace weir {

/// The tables of one step, as they were at a barrier. Movable to another thread.
struct FrozenStep {
  std::string step;  ///< name of the node
  state::FrozenTables tables;
};

/// On the task's thread, but for what freeze() gives. The graph outlives it.
class TaskState {
 public:
  /// Makes empty tables for each operator of `graph` that has state, and gives them to it. `limit_bytes` bounds each
  /// keyed table. Errors: invalid_argument for specs that contradict themselves.
  static Result<TaskState> make(const Graph& graph, state::TaskPlace place, int64_t limit_bytes);

  /// Fills the tables from a checkpoint, before any input. Errors: as state::restore_tables.
  Result<void> restore(const state::CheckpointStore& store, const state::Manifest& manifest);

  /// At a barrier, while the graph is not busy or between two pieces of its work. O(key groups). In flow order.
  std::vector<FrozenStep> freeze();

  /// The steps with their tables, as match_state() and a manifest want them.
  std::vector<state::StepTables> steps() const;

  int64_t memory_bytes() const;
  /// Bytes that only frozen tables hold.
  int64_t frozen_bytes() const;

 private:
  struct Step {
    std::string name;
    Operator* op;
    std::unique_ptr<state::Tables> tables;
  };
  std::vector<Step> steps_;
};

}  // namespace weir

/// \file
/// Deals a logical graph to tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dataflow/logical_graph.h"
#include "runtime/task/task.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// A task and what wakes the thread that runs it.
struct DeployedTask {
  std::unique_ptr<Task> task;
  std::shared_ptr<Waiter> waiter;
};

struct DeploymentOptions {
  int parallelism = 1;
  /// Of one channel; there is one for each pair of tasks of two stages that follow each other.
  int64_t channel_bytes_max = int64_t{4} * 1024 * 1024;
  int64_t state_bytes_max = kStateBytesMax;  ///< of one keyed table in one task
};

/// What writers of a sink begin with (SinkCommitter::writer_context).
using WriterContext = std::function<Result<std::string>(const std::string& sink)>;
/// Of writers that need nothing.
inline Result<std::string> no_writer_context(const std::string&) {
  return std::string();
}

/// Cuts `graph` into stages at its keyed inputs and makes `parallelism` tasks of each: all of stage 0, all of stage 1,
/// ... At parallelism 1 there is one task, and no channel. Errors: those of the makers.
Result<std::vector<DeployedTask>> deploy(const LogicalGraph& graph, const DeploymentOptions& options, Threads& threads,
                                         const WriterContext& context_of);

}  // namespace weir::runtime

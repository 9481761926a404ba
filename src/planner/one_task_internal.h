/// \file
/// Runs given events through a pipeline's own operators, as one task on this thread: for tests and traces.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dataflow/graph.h"
#include "planner/plan.h"

namespace weir::planner {

/// Node names and counts, parallel.
struct OneTaskRun {
  std::vector<std::string> nodes;
  std::vector<NodeStats> stats;
};

/// What each source yields, by its name, in order.
using GivenBatches = std::map<std::string, std::vector<std::shared_ptr<const RawBatch>>>;

/// Gives `events` to their sources, then a barrier. `make_sink` makes the writer of a sink by its name, of the dead
/// letter too. Errors: those of the operators and sinks.
Result<OneTaskRun> run_as_one_task(const Plan& plan, const GivenBatches& events,
                                   const std::function<std::unique_ptr<SinkWriter>(const std::string&)>& make_sink);

}  // namespace weir::planner

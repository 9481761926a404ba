/// \file
/// What a pipeline, as it is now, makes of an event.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dataflow/graph.h"
#include "event/raw_batch.h"
#include "planner/plan.h"

namespace weir::planner {

/// One node of the pipeline's graph (a decoder, a step, a sink) and what it took and gave.
struct TracedNode {
  std::string name;
  NodeStats stats;
};

/// Pushes `events` of source number `source` through the plan's graph, with sinks that keep nothing. Errors: those of
/// the operators, and of rules that stop a pipeline.
Result<std::vector<TracedNode>> trace_events(const Plan& plan, size_t source, std::shared_ptr<const RawBatch> events);

}  // namespace weir::planner

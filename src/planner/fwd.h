/// \file
/// Names of the planner module for headers that need no more than the name.
#pragma once

namespace weir::planner {
struct PipelineSpec;
struct Plan;
struct PlanEnvironment;
}  // namespace weir::planner

/// \file
/// Names of the planner module for headers that need no more than the name.
#pragma once

namespace weir::planner {
class Intakes;
struct Kinds;
struct PipelineSpec;
struct Plan;
struct PlanEnvironment;
}  // namespace weir::planner

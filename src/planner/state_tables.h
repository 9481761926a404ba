/// \file
/// What the steps of a plan remember.
#pragma once

#include <vector>

#include "base/result.h"
#include "planner/plan.h"
#include "state/restore.h"

namespace weir::planner {

/// The state tables of each step that has any, in the plan's order, under the names that a run gives them. Makes each
/// operator once and runs none. Errors: those of the steps' makers.
Result<std::vector<state::StepTables>> state_tables(const Plan& plan);

}  // namespace weir::planner

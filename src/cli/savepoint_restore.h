/// \file
/// `weir run --from`: a pipeline is made to go on from a savepoint, before it runs.
#pragma once

#include <string>

#include "cli/environment.h"
#include "lake/catalog/catalog.h"
#include "planner/plan.h"
#include "runtime/store/savepoint.h"

namespace weir::cli {

/// Checks all that must fit (steps and their state, the tables' progress), copies the savepoint's state into the
/// pipeline's store, and puts it into the lead by one commit, which is remembered as a manual override. `folder`: as it
/// was given. Returns what the pipeline goes on from. Errors: those of read_savepoint(), require_restorable() and
/// lake::check_savepoint(), before anything is changed; those of PipelineCommitter.
Result<runtime::Savepoint> restore_savepoint(Environment& environment, const planner::Plan& plan,
                                             lake::Catalog& catalog, const std::string& folder);

}  // namespace weir::cli

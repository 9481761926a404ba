/// \file
/// The sinks of a pipeline, as the planner wants them. Internal.
#pragma once

#include "planner/job.h"

namespace weir::app {

/// Sinks that land rows in Iceberg tables.
planner::SinkKind iceberg_kind();

/// The plan outlives nothing of it; what `environment` refers to outlives it.
planner::SinkGroup make_sinks(const planner::Plan& plan, const planner::JobEnvironment& environment);

}  // namespace weir::app

/// \file
/// From what the pipeline file says of its catalog to one that can be opened. Internal.
#pragma once

#include <string>

#include "config/file_errors.h"
#include "planner/pipeline_spec.h"
#include "planner/plan.h"

namespace weir::planner {

/// The catalog of the kind that `parts` have, else the first kind's with its defaults. `parts` null: nothing is said.
/// `folder`: where relative paths start. Adds what is wrong to `errors`, all of it.
lake::BoundCatalog bind_catalog(const PlanEnvironment& environment, const SpecParts* parts, const std::string& folder,
                                config::FileErrors& errors);

}  // namespace weir::planner

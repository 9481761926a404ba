/// \file
/// The composition root: all kinds that this program has.
#pragma once

#include "planner/kinds.h"

namespace weir::app {

/// Everything a pipeline file may name. Cheap.
planner::Kinds all_kinds();

}  // namespace weir::app

/// \file
/// Decoders, contract rules and the dead letter, as the planner wants them. Internal.
#pragma once

#include <memory>

#include "planner/kinds.h"

namespace weir::app {

std::unique_ptr<const planner::Intakes> make_intakes();

}  // namespace weir::app

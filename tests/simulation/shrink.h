/// \file
/// From a world that fails to a smaller one that fails too.
#pragma once

#include <functional>

#include "simulation/scenario.h"

namespace weir::simulation {

/// Makes one number after the other smaller, or a fault rarer, as long as `fails`; runs at most `tries` worlds.
Scenario shrink(Scenario scenario, int tries, const std::function<bool(const Scenario&)>& fails);

}  // namespace weir::simulation

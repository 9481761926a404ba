/// \file
/// One simulated world: a log of events, a catalog, a store, and processes of one pipeline that come and go.
#pragma once

#include <string>
#include <vector>

#include "simulation/scenario.h"

namespace weir::simulation {

/// Runs a scenario to its end and judges what came of it. Returns what is wrong, a sentence each; empty: nothing.
std::vector<std::string> run(const Scenario& scenario);

}  // namespace weir::simulation

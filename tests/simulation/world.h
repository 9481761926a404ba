/// \file
/// One simulated world: a log of events, a catalog, a store, and processes of one pipeline that come and go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/pipeline.h"
#include "simulation/scenario.h"

namespace weir::simulation {

struct Outcome {
  std::vector<std::string> wrong;  ///< a sentence each; empty: nothing
  uint64_t trace = 0;              ///< Scheduler::trace(): the same for the same scenario
};

/// Runs a scenario to its end and judges what came of it. `sabotage`: a mistake that the judge should find.
Outcome run(const Scenario& scenario, Sabotage sabotage = Sabotage::none);

}  // namespace weir::simulation

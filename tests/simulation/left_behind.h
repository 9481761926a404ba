/// \file
/// I11: what is in the store that no table and no record names is bounded by the processes that died.
#pragma once

#include <string>
#include <vector>

#include "simulation/judge.h"

namespace weir::simulation {

/// What lies there without an end. Returns a sentence each.
std::vector<std::string> left_behind(const Evidence& evidence);

}  // namespace weir::simulation

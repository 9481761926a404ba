/// \file
/// Reads tables as a stranger would (Iceberg metadata, Parquet by Arrow) and says what is wrong with them.
#pragma once

#include <string>
#include <vector>

#include "simulation/pipeline.h"

namespace weir::simulation {

/// I1 of exactly-once.md: every event of the log, up to its end, is where it belongs exactly once.
std::vector<std::string> judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects);

}  // namespace weir::simulation

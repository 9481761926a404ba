/// \file
/// Reads tables as a stranger would (Iceberg metadata, Parquet by Arrow) and says what is wrong with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulation/followed_store.h"
#include "simulation/pipeline.h"
#include "simulation/ports.h"

namespace weir::simulation {

/// Invariants of exactly-once.md: every one of `events` is where it belongs exactly once, and no other (I1), windows
/// and late rows together are those of the log (I4), progress never went back but by hand (I5), every file that a live
/// snapshot reaches is there and what its table says (I6), the followed store holds the lead's rows (I8). `others`:
/// rows that somebody else appended.
std::vector<std::string> judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects,
                               const std::vector<int64_t>& events,
                               const std::map<lake::TableIdentifier, int64_t>& others, const FollowedStore& followed);

}  // namespace weir::simulation

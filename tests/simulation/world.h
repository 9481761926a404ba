/// \file
/// One simulated world: a log of events, a catalog, a store, and processes of one pipeline that come and go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "simulation/ports.h"

namespace weir::simulation {

/// What a seed decides.
struct Scenario {
  explicit Scenario(uint64_t seed);

  uint64_t seed;
  int processes;           ///< that run at the same time, and fence each other
  int tasks;               ///< of each process
  int partitions;          ///< of the log
  int64_t events;          ///< in each partition
  int64_t event_every_us;  ///< how fast they come
  int64_t commit_every_ms;
  bool has_dedupe;
  lake::CatalogHabits habits;
  FaultRates rates;
  int64_t calm_after_ms;  ///< then nothing goes wrong any more, and one process brings all to its end

  std::string to_string() const;
};

/// Runs a scenario to its end and judges what came of it. Returns what is wrong, a sentence each; empty: nothing.
std::vector<std::string> run(const Scenario& scenario);

}  // namespace weir::simulation

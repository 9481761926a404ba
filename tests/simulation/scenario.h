/// \file
/// What a seed decides of a simulated world. Every number has a name, so that a world can be made smaller by hand, or
/// by shrink().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "lake/tests/memory_catalog.h"
#include "simulation/faults.h"

namespace weir::simulation {

struct Scenario {
  explicit Scenario(uint64_t seed);

  uint64_t seed;
  int64_t processes;   ///< that run at the same time, and fence each other
  int64_t tasks;       ///< of each process, at most
  int64_t partitions;  ///< of the log
  int64_t events;      ///< in each partition
  int64_t commit_every_ms;
  int64_t calm_after_ms;     ///< then nothing goes wrong any more, and one process brings all to its end
  int64_t has_dedupe;        ///< the lead gets the first row of each key only
  int64_t has_window;        ///< counts by key and window, with late rows in a table of their own
  int64_t has_follower;      ///< a database beside the tables takes the lead's rows
  int64_t keep_snapshots;    ///< of each table, by the pipeline's own retention; 0: all
  int64_t others_every_ms;   ///< somebody else appends, compacts, expires, tags; 0: never
  int64_t log_fault;         ///< EventLog::Fault: what becomes of partition 0
  int64_t log_breaks_at_ms;  ///< or as soon as some of it is in the tables
  int64_t harm;              ///< Harm: what somebody does to a table, once
  int64_t harmed_table;      ///< index in tables_of()
  int64_t harm_depth;
  int64_t harm_at_ms;           ///< or as soon as some of the log is in the tables
  int64_t power_lost_every_ms;  ///< all processes die, and what is not durable is lost; 0: never
  int64_t is_multi_table_atomic;
  int64_t swaps_exact_base;
  int64_t shows_only_head;
  FaultRates rates;

  lake::CatalogHabits habits() const;
  /// The harm is to what the lead says of the pipeline, too: it is dropped, or put back properties and all.
  bool loses_record() const { return harm >= 3 && harmed_table == 0; }
  /// How fast events come.
  int64_t event_every_us() const { return calm_after_ms * 1000 / events; }

  /// Each number by its name.
  std::vector<std::pair<std::string_view, int64_t*>> fields();
  /// Sets one by "NAME=VALUE". False when there is no such name.
  bool set(std::string_view text);

  std::string to_string() const;

 private:
  void draw_harm(SeededRandom& random);
};

}  // namespace weir::simulation

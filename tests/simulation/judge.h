/// \file
/// Reads tables as a stranger would (Iceberg metadata, Parquet by Arrow) and says what is wrong with them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/followed_store.h"
#include "simulation/pipeline.h"
#include "simulation/ports.h"

namespace weir::simulation {

/// How often each event stands in "main", "even" and "dead".
using Contents = std::map<std::string, std::map<int64_t, int>>;
Contents contents_of(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects);

/// A person said that the tables go on as they are.
struct Declared {
  Contents contents;
  std::map<int, int64_t> decided;  ///< first offset of each partition that was not
  std::set<std::string> tables;    ///< of which it was said, then or before
  bool is_decided(int64_t id) const { return offset_of(id) < decided.at(partition_of(id)); }
};

/// What a world leaves behind.
struct Evidence {
  const Scenario& scenario;
  lake::MemoryCatalog& catalog;
  Objects& objects;
  const std::vector<int64_t> events;                       ///< all that can have been read
  const std::map<lake::TableIdentifier, int64_t>& others;  ///< rows that somebody else appended
  const FollowedStore& followed;
  int64_t processes;  ///< that were started
  std::optional<Declared> declared = {};
};

/// Invariants of exactly-once.md: every event is where it belongs exactly once, and no other (I1), events of a
/// partition stand in their order (I2) and say what the log said (I3), windows and late rows together are those of the
/// log (I4), progress never went back but by hand (I5), every file that a live snapshot reaches is there and what its
/// table says (I6), the followed store holds the lead's rows (I8), what dead processes left in the store is bounded
/// (I11).
std::vector<std::string> judge(const Evidence& evidence);

}  // namespace weir::simulation

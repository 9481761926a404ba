/// \file
/// The operator port.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "event/reject.h"

namespace weir {

/// Rejected events of one raw batch, on their way to the dead letter.
struct Rejects {
  std::shared_ptr<const RawBatch> raw;
  std::vector<Reject> rejects;
};

/// Where an operator's output goes. Never a neighbour: the graph decides.
class Collector {
 public:
  virtual ~Collector() = default;
  /// Hands rows on. Empty batches are not handed on.
  virtual Result<void> emit(const Batch& batch) = 0;
  /// Hands rejects to the dead letter. They are never dropped and never block.
  virtual Result<void> reject(Rejects rejects) = 0;
};

/// What an operator counted since the last barrier, by the names of counter_names.h; written into the snapshot summary.
using Counters = std::map<std::string, int64_t>;

/// Adds `more` to `into`.
inline void add_counters(Counters& into, const Counters& more) {
  for (const auto& [name, value] : more) into[name] += value;
}

/// One instance on one thread. Results depend on the input alone: no wall clock, no random numbers, no hash order
/// (exactly-once.md rule 11).
class Operator {
 public:
  virtual ~Operator() = default;

  /// Takes one batch; may emit any number.
  virtual Result<void> process(const Batch& batch, Collector& out) = 0;

  /// The barrier of an epoch: everything received before belongs to it. Returns what was counted since the last one.
  virtual Result<Counters> barrier(Collector& out) {
    (void)out;
    return Counters();
  }

  /// The schema of what process() emits; fixed when the operator is made.
  virtual const SchemaPtr& output_schema() const = 0;
};

}  // namespace weir

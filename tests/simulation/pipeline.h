/// \file
/// The pipeline that simulated processes run: production code but for the source and the decoder.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "connector/iceberg/iceberg_sink.h"
#include "dataflow/logical_graph.h"
#include "simulation/world.h"

namespace weir::simulation {

inline constexpr char kPipeline[] = "simulated";
inline constexpr int64_t kRejectOneIn = 13;  ///< offsets that leave a remainder of 5 are rejected
inline constexpr int64_t kKeys = 40;         ///< of dedupe, in each partition

/// The events of a log: (partition, offset) is all that they hold.
struct EventLog {
  Scenario scenario;
  const Clock& clock;

  /// How many events partition `partition` has now.
  int64_t end_of(int partition) const;
};

/// What becomes of an event, by the pipeline's own words.
bool is_rejected(int64_t offset);
int64_t id_of(int partition, int64_t offset);
int64_t key_of(int64_t id);

/// Tables: "main" (the lead) takes all rows, or the first of each key; "even" those with an even id; the dead letter
/// what is rejected.
connector::IcebergSinkOptions sink_options();

/// The graph over `sinks`; it reads `log` to the end that it has at opening when `once`. Source polls ask `process`.
LogicalGraph make_graph(const EventLog& log, bool once, Process& process, connector::IcebergSinks& sinks);

}  // namespace weir::simulation

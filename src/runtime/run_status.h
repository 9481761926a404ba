/// \file
/// What a run tells of itself: while it runs, and when it is over.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dataflow/graph.h"
#include "dataflow/sink.h"

namespace weir::runtime {

/// A picture of a running host. Numbers count from the start of the process.
struct RunStatus {
  int64_t events = 0;
  int64_t bytes = 0;
  int64_t rejected = 0;
  int64_t events_committed = 0;  ///< of `events`: those whose rows and rejects are in the tables, or left out for good
  int64_t rows_committed = 0;
  int64_t rejects_committed = 0;
  int64_t commits = 0;
  int64_t commit_retries = 0;
  int64_t last_commit_wall_ms = 0;  ///< 0 before the first
  int64_t last_commit_took_us = 0;
  int64_t lag_events = -1;  ///< -1 when unknown
  int64_t lag_bytes = -1;
  int64_t writer_memory_bytes = 0;
  Epoch epoch = 0;                    ///< epochs cut so far
  std::vector<std::string> nodes;     ///< names of sources, steps and sinks, as in the pipeline file
  std::vector<NodeStats> node_stats;  ///< parallel to `nodes`, summed over the tasks
  bool ready = false;                 ///< tables opened, what was prepared resolved, sources open
  bool committing = false;            ///< something is on its way to the catalog
};

/// What a run did, for the closing report.
struct RunSummary {
  RunStatus status;
  std::vector<CommittedTable> tables;  ///< summed over all commits, one entry a sink; snapshot_id is the last one
  Counters counters;
  Progress progress;             ///< what the tables have now
  int64_t recovered_epochs = 0;  ///< prepared epochs of an earlier process that this one brought to an end
  bool abandoned_epoch = false;  ///< the stop deadline passed before the open epoch was committed
};

}  // namespace weir::runtime

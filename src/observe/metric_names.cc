#include "observe/metric_names.h"

namespace weir::observe::metric {

std::span<const MetricSpec* const> all() {
  static constexpr std::array<const MetricSpec*, 38> kAll = {
      &kEventsRead,
      &kBytesRead,
      &kConsumerLagEvents,
      &kConsumerLagBytes,
      &kStepRowsIn,
      &kStepRowsOut,
      &kStepRejects,
      &kStepCpu,
      &kRejects,
      &kRejectsByClass,
      &kUnknownFields,
      &kRejectsCommitted,
      &kRejectWarnings,
      &kRuleBroken,
      &kRowsDropped,
      &kRowsCommitted,
      &kTableRowsCommitted,
      &kTableFilesCommitted,
      &kTableBytesCommitted,
      &kFreshness,
      &kEpochs,
      &kCommits,
      &kCommitRetries,
      &kCommitDuration,
      &kLastCommitTimestamp,
      &kCommitting,
      &kRecoveredCommits,
      &kReady,
      &kWriterMemory,
      &kBuildInfo,
      &kHttpRequests,
      &kProcessCpu,
      &kProcessResidentMemory,
      &kProcessVirtualMemory,
      &kProcessOpenFds,
      &kProcessMaxFds,
      &kProcessThreads,
      &kProcessStartTime,
  };
  return kAll;
}

}  // namespace weir::observe::metric

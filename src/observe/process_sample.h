/// \file
/// The process's own figures, read from /proc through the file port.
#pragma once

#include <cstdint>

#include "base/file_env.h"
#include "base/result.h"
#include "observe/metrics.h"

namespace weir::observe {

/// -1 where the system does not say.
struct ProcessSample {
  double cpu_seconds = -1;         ///< user and system
  double start_time_seconds = -1;  ///< since 1970-01-01T00:00Z
  int64_t resident_bytes = -1;
  int64_t virtual_bytes = -1;
  int64_t open_fds = -1;
  int64_t max_fds = -1;
  int64_t threads = -1;
};

/// Reads /proc/self (proc(5)); what cannot be read or understood stays -1. Costs about 50 us and five descriptors, one
/// at a time.
ProcessSample sample_process(FileEnv& files);

/// Sets the process_* metrics.
void record(const ProcessSample& sample, Metrics& metrics);

}  // namespace weir::observe

/// \file
/// One memory budget of a process, divided among what a run holds.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace weir::planner {

/// What decides how much a run takes. Sums, but for the counts.
struct MemoryNeeds {
  int64_t budget_bytes = 0;  ///< resources.memory
  int64_t tasks = 1;
  int64_t event_bytes_max = 0;  ///< of the source that takes the largest
  int64_t fetch_bytes = 0;      ///< fetched ahead by the readers of all tasks
  int64_t keyed_steps = 0;      ///< each has state, and channels from every task to every task
};

/// What its parts may hold; the defaults hold where nothing says how much the process may.
struct MemoryShares {
  int64_t writer_bytes = int64_t{256} * 1024 * 1024;  ///< all table writers of one task
  int64_t channel_bytes = int64_t{4} * 1024 * 1024;   ///< one channel
  int64_t state_bytes = int64_t{1024} * 1024 * 1024;  ///< one keyed table in one task
};

/// Gives each part its least, and divides what is left: half for state and an eighth for channels where there are keyed
/// steps, the rest for writers. The program itself, and batches on their way through each task, come first: they cannot
/// be made to wait. Errors: invalid_argument when the budget is below the least of all, which it names and adds up.
/// Pure.
Result<MemoryShares> divide_memory(const MemoryNeeds& needs);

}  // namespace weir::planner

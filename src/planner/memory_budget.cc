#include "planner/memory_budget.h"

#include <algorithm>
#include <string>

namespace weir::planner {
namespace {

constexpr int64_t kMiB = int64_t{1024} * 1024;

/// The program with its libraries and threads, DuckDB for SQL among them: 30 to 60 MiB were seen.
constexpr int64_t kProgramBytes = 64 * kMiB;
/// An event on its way stands in a buffer of its file, in a batch, in columns and in a page, each with room to grow: up
/// to 5.8 times its size was seen. Small ones travel in batches of 4 MiB.
constexpr int64_t kCopiesOfAnEvent = 6;
constexpr int64_t kBatchBytes = 8 * kMiB;
/// The least of resources.writer_memory.
constexpr int64_t kWriterBytesMin = 8 * kMiB;
constexpr int64_t kChannelBytesMin = kMiB / 16;
constexpr int64_t kChannelBytesMax = 4 * kMiB;
/// Each keyed step has up to two tables.
constexpr int64_t kTablesOfAStep = 2;
constexpr int64_t kStateBytesMin = kMiB;

std::string mib(int64_t bytes) {
  return std::to_string((bytes + kMiB - 1) / kMiB) + " MiB";
}

}  // namespace

Result<MemoryShares> divide_memory(const MemoryNeeds& needs) {
  const int64_t on_its_way = std::max(kBatchBytes, kCopiesOfAnEvent * needs.event_bytes_max);
  const int64_t tables = needs.tasks * needs.keyed_steps * kTablesOfAStep;
  const int64_t channels = needs.tasks > 1 ? needs.keyed_steps * needs.tasks * needs.tasks : 0;
  const int64_t least = kProgramBytes + needs.fetch_bytes + needs.tasks * (on_its_way + kWriterBytesMin) +
                        tables * kStateBytesMin + channels * kChannelBytesMin;
  if (needs.budget_bytes < least) {
    std::string text = mib(needs.budget_bytes) + " is too little: this pipeline takes " + mib(least) +
                       " at least. The program takes " + mib(kProgramBytes) + ", each of " +
                       std::to_string(needs.tasks) + (needs.tasks == 1 ? " task " : " tasks ") +
                       mib(on_its_way + kWriterBytesMin) + " (" + mib(on_its_way) +
                       " for events on their way, by event_max; " + mib(kWriterBytesMin) + " for files being written)";
    if (needs.fetch_bytes > 0) text += ", records fetched ahead " + mib(needs.fetch_bytes);
    if (needs.keyed_steps > 0)
      text += ", state and channels of steps by key " + mib(tables * kStateBytesMin + channels * kChannelBytesMin);
    return Error(ErrorKind::invalid_argument, text + ". Give it more, or use fewer tasks or a smaller event_max");
  }
  const int64_t left = needs.budget_bytes - least;
  const int64_t for_state = tables > 0 ? left / 2 : 0;
  const int64_t for_channels = channels > 0 ? left / 8 : 0;
  MemoryShares shares;
  shares.writer_bytes = kWriterBytesMin + (left - for_state - for_channels) / needs.tasks;
  shares.state_bytes = kStateBytesMin + for_state / std::max<int64_t>(tables, 1);
  shares.channel_bytes = std::min(kChannelBytesMin + for_channels / std::max<int64_t>(channels, 1), kChannelBytesMax);
  return shares;
}

}  // namespace weir::planner

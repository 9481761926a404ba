/// \file
/// Telling a log from the copies that rotation leaves of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "event/finished_partitions.h"

namespace weir::connector {

/// The name of the log that `name` is a rotated copy of, by the way rotation names copies: that name with a number or a
/// date behind it ("app.log.1", "app.log-20261130"), ".old" or ".bak", packed or not. `is_log` says which names are
/// logs. Empty when there is none.
std::string rotated_from(std::string_view name, const std::function<bool(const std::string& name)>& is_log);

/// What was read of one file under a log's name: its first `bytes` bytes, as growing_identity() has them.
struct ReadOfLog {
  int64_t bytes = 0;
  std::string identity;
};

/// What progress keeps of a file that was rotated and read to its end: in `finished`, by what it holds, since its name
/// is another now. Files that are packed afterwards have the same.
FinishedPartition rotated_entry(const ReadOfLog& whole);

/// What this process has read under the names of logs, of the file that is there now and of those before it. Readers
/// write it, the splitter reads it, each on its own thread.
class RotationLog {
 public:
  /// `name` was read so far. `is_new`: it is another file than that of the last call.
  void note(const std::string& name, ReadOfLog read, bool is_new);
  /// Oldest first.
  std::map<std::string, std::vector<ReadOfLog>> all() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<ReadOfLog>> read_;
};

}  // namespace weir::connector

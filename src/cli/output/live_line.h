/// \file
/// The line that moves while a pipeline runs on a terminal.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "cli/environment.h"
#include "cli/output/run_monitor.h"
#include "runtime/local_host.h"

namespace weir::cli {

/// Shows a host's status a few times a second on stderr until it goes out of scope. Does nothing when stderr is no
/// terminal.
class LiveLine {
 public:
  LiveLine(Environment& environment, const runtime::LocalHost& host, const RunMonitor& monitor, bool enabled);
  ~LiveLine();

 private:
  void loop();

  Environment& environment_;
  const runtime::LocalHost& host_;
  const RunMonitor& monitor_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// What a line says of a run. Negative: not known, and left out.
struct LiveFacts {
  double seconds = 1;         ///< between the two pictures
  int64_t wall_ms = 0;        ///< now
  int64_t memory_bytes = -1;  ///< of the process
  std::string reject_reason;  ///< the most frequent one
  size_t columns = 80;        ///< of the terminal
};

/// "read 120,000  61,200/s  rejected 12 (rule late)  lag 8.1 MB  commit 3 s ago  memory 182 MB", from two pictures of a
/// host. Every figure has its label; what matters least goes first when the line would be longer than the terminal is
/// wide.
std::string status_line(const runtime::RunStatus& now, const runtime::RunStatus& before, const LiveFacts& facts);

}  // namespace weir::cli

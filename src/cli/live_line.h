/// \file
/// The line that moves while a pipeline runs on a terminal.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "cli/environment.h"
#include "runtime/local_host.h"

namespace weir::cli {

/// Shows a host's status a few times a second on stderr until it goes out of scope. Does nothing when stderr is no
/// terminal.
class LiveLine {
 public:
  LiveLine(Environment& environment, const runtime::LocalHost& host, bool enabled);
  ~LiveLine();

 private:
  void loop();

  Environment& environment_;
  const runtime::LocalHost& host_;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// "120,000 events  61,200/s  14.9 MB/s  12 rejected  lag 8.1 MB  commit 3 s ago  182 MB", from two pictures of a host
/// that are `seconds` apart. `memory_bytes`: of the process; negative: not known, and left out.
std::string status_line(const runtime::RunStatus& now, const runtime::RunStatus& before, double seconds,
                        int64_t wall_ms, int64_t memory_bytes);

}  // namespace weir::cli

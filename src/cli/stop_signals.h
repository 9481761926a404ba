/// \file
/// SIGINT and SIGTERM: the first asks for an orderly stop, the second ends the process.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "base/clock.h"

namespace weir::runtime {
class LocalHost;
}

namespace weir::cli {

/// From its beginning to its end, the first SIGINT or SIGTERM is remembered and handed to the host, and the second ends
/// the process at once with 128 + its number. The process does so itself: as the first process of a container it has no
/// default action to rely on. One at a time.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// Gives the stop, also one that was asked for before, to `host` until the end of the scope of the returned value.
  class Target {
   public:
    explicit Target(runtime::LocalHost& host);
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    ~Target();
  };
  bool asked() const;
};

/// Calls `say` once, on a thread of its own, soon after a stop was asked for.
class StopNotice {
 public:
  StopNotice(const StopSignals& signals, const Clock& clock, std::function<void()> say);
  StopNotice(const StopNotice&) = delete;
  StopNotice& operator=(const StopNotice&) = delete;
  ~StopNotice();

 private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Makes SIGINT and SIGTERM end the process, as they do by default everywhere but in the first process of a container.
void end_on_signals();

/// Ends the process by `signal`, or where that has no default with exit code 128 + its number. For signal handlers.
[[noreturn]] void end_by(int signal);

}  // namespace weir::cli

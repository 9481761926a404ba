/// \file
/// A stop that was asked for, and when patience ends.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace weir::runtime {

/// request() may be called from any thread and from a signal handler.
class StopRequest {
 public:
  /// `clock` outlives it; `patience_ms` counts from the first request().
  StopRequest(const Clock& clock, int64_t patience_ms) : clock_(clock), patience_us_(patience_ms * 1000) {}

  void request() {
    int64_t unset = 0;
    deadline_us_.compare_exchange_strong(unset, clock_.monotonic_us() + patience_us_);
  }
  bool is_requested() const { return deadline_us_.load(std::memory_order_relaxed) != 0; }
  /// What is still under way is given up now.
  bool is_past_deadline() const { return is_requested() && clock_.monotonic_us() > deadline_us(); }
  /// Monotonic; only once it is requested.
  int64_t deadline_us() const { return deadline_us_.load(std::memory_order_relaxed); }

 private:
  const Clock& clock_;
  const int64_t patience_us_;
  std::atomic<int64_t> deadline_us_ = 0;
};

}  // namespace weir::runtime

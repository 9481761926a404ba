/// \file
/// How long to wait before a call that failed in passing is made again.
#pragma once

#include <algorithm>
#include <cstdint>

namespace weir::runtime {

/// Doubles from a tenth of a second to ten seconds, until the call succeeds.
class BackOff {
 public:
  /// The pause before the next attempt.
  int64_t next_ms() {
    wait_ms_ = wait_ms_ == 0 ? kFirstMs : std::min(wait_ms_ * 2, kMaxMs);
    return wait_ms_;
  }
  /// It succeeded.
  void reset() { wait_ms_ = 0; }
  bool is_waiting() const { return wait_ms_ != 0; }

 private:
  static constexpr int64_t kFirstMs = 100;
  static constexpr int64_t kMaxMs = 10'000;
  int64_t wait_ms_ = 0;
};

}  // namespace weir::runtime

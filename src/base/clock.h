/// \file
/// The clock port: nothing below the runtime reads time except through it.
#pragma once

#include <cstdint>
#include <limits>

namespace weir {

/// Thread-safe. Tests use ManualClock; the process uses system_clock_source().
class Clock {
 public:
  virtual ~Clock() = default;

  /// Milliseconds since 1970-01-01T00:00Z; may step backwards.
  virtual int64_t wall_ms() const = 0;
  /// Microseconds from an arbitrary origin; never steps backwards. Deadlines and durations use this.
  virtual int64_t monotonic_us() const = 0;
  /// Lets `ms` pass (nothing for ms <= 0): the calling thread sleeps; virtual time moves on.
  virtual void sleep_ms(int64_t ms) const = 0;
};

/// Monotonic: never.
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::max();

/// The operating system's clock; lives for the whole process.
const Clock& system_clock_source();

/// A point of monotonic time by which something must be done.
struct Deadline {
  int64_t monotonic_us;

  static Deadline after_ms(const Clock& clock, int64_t ms) { return {clock.monotonic_us() + ms * 1000}; }
  bool passed(const Clock& clock) const { return clock.monotonic_us() >= monotonic_us; }
  int64_t remaining_ms(const Clock& clock) const {
    const int64_t left = monotonic_us - clock.monotonic_us();
    return left <= 0 ? 0 : (left + 999) / 1000;
  }
};

/// A clock that moves only when told. Not thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_ms = 0) : wall_ms_(wall_ms) {}
  int64_t wall_ms() const override { return wall_ms_; }
  int64_t monotonic_us() const override { return monotonic_us_; }
  void sleep_ms(int64_t ms) const override {
    if (ms > 0) advance_ms(ms);
  }
  void advance_ms(int64_t ms) const {
    wall_ms_ += ms;
    monotonic_us_ += ms * 1000;
  }

 private:
  mutable int64_t wall_ms_;
  mutable int64_t monotonic_us_ = 0;
};

}  // namespace weir

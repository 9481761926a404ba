/// \file
/// The port for threads: how a host runs its tasks and actors, and the only way in which they wait for each other. A
/// simulator runs the same code one thread at a time (tests/simulation).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir::runtime {

/// Where one thread waits for others.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Wakes the waiting thread; if none waits, the next wait returns at once. Any thread.
  virtual void notify() = 0;
  /// Returns after notify(), or when monotonic time has come to `until_us`; may return early. Only the thread that owns
  /// the waiter.
  virtual void wait_until(int64_t until_us) = 0;
};

/// A thread that was started. Destruction waits for its end.
class StartedThread {
 public:
  virtual ~StartedThread() = default;
};

/// Thread-safe.
class Threads {
 public:
  virtual ~Threads() = default;
  virtual std::unique_ptr<Waiter> make_waiter() = 0;
  /// Runs `body`, which must return by itself once it is told to.
  virtual std::unique_ptr<StartedThread> start(std::string name, std::function<void()> body) = 0;
};

/// Threads of the operating system; lives for the whole process.
Threads& system_threads();

}  // namespace weir::runtime

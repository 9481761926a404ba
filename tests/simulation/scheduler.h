/// \file
/// Runs the threads of production code one at a time, in an order that a seed decides, on a virtual clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "runtime/threads/threads.h"
#include "simulation/fiber.h"

namespace weir::simulation {

/// One baton: whoever has it runs, everybody else stands. It is handed on where the running thread waits, ends, or
/// passes a point at which others may come in between (may_switch()). Time passes only while all wait: it jumps to the
/// next deadline. So the same seed gives the same run, bit for bit: trace() says whether it did. Its threads are fibers
/// of the thread that made it: no lock.
class Scheduler final : public runtime::Threads, public Clock {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed) {}
  ~Scheduler() override;

  /// Runs `body` as the first thread; returns when it has returned, and how many of the threads that it started live.
  size_t run(const std::function<void()>& body);

  /// A point at which another thread may go first. In all port calls.
  void may_switch();

  // Threads
  std::unique_ptr<runtime::Waiter> make_waiter() override;
  std::unique_ptr<runtime::StartedThread> start(std::string name, std::function<void()> body) override;

  // Clock
  int64_t wall_ms() const override { return kStartMs + now_us_ / 1000; }
  int64_t monotonic_us() const override { return now_us_; }
  void sleep_ms(int64_t ms) const override { const_cast<Scheduler*>(this)->sleep_until(now_us_ + ms * 1000); }

  /// How often may_switch() was called.
  int64_t calls() const { return calls_; }
  /// A hash of who went on, after how many calls and at what time, at every switch so far.
  uint64_t trace() const { return trace_; }

 private:
  class Waiting;
  class Running;
  static constexpr int64_t kRunnable = INT64_MIN;  ///< may run at once
  struct Thread {
    Thread(uint64_t nth, std::string named) : number(nth), name(std::move(named)) {}
    Thread(uint64_t nth, std::string named, std::function<void()> body)
        : number(nth), name(std::move(named)), fiber(std::move(body)) {}

    const uint64_t number;
    const std::string name;
    Fiber fiber = {};
    int64_t until_us = kRunnable;  ///< waits until then
    Thread* joiner = nullptr;      ///< waits for the end of this one
    bool is_done = false;
  };
  static constexpr int64_t kStartMs = 1'700'000'000'000;
  static constexpr int64_t kNever = INT64_MAX;

  void sleep_until(int64_t until_us);
  /// Hands the baton on; returns when this thread has it again.
  void stand(int64_t until_us);
  Thread& choose();
  void hand_over(Thread& to);

  SeededRandom random_;
  std::vector<std::shared_ptr<Thread>> threads_;  ///< that are not done
  Thread* current_ = nullptr;
  int64_t now_us_ = 1;
  int64_t calls_ = 0;
  uint64_t started_ = 0;  ///< threads
  uint64_t trace_ = 0;
  std::vector<Thread*> ready_;  ///< of choose(); kept for its memory
};

}  // namespace weir::simulation

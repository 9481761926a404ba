/// \file
/// Runs the threads of production code one at a time, in an order that a seed decides, on a virtual clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <semaphore.h>

#include "base/clock.h"
#include "base/random.h"
#include "runtime/threads.h"

namespace weir::simulation {

/// One baton: whoever has it runs, everybody else stands. It is handed on where the running thread waits, ends, or
/// passes a point at which others may come in between (may_switch()). Time passes only while all wait: it jumps to the
/// next deadline. So the same seed gives the same run, bit for bit. Whoever has the baton has all of this object: no
/// lock.
class Scheduler final : public runtime::Threads, public Clock {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed) {}
  ~Scheduler() override;

  /// Runs `body` as the first thread; returns when it has returned. Threads that it started must have ended by then.
  void run(const std::function<void()>& body);

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

 private:
  class Waiting;
  class Running;
  /// The baton of one thread. POSIX: what the standard library has spins before it sleeps, against the only thread that
  /// may run.
  class Baton {
   public:
    Baton() { sem_init(&given_, 0, 0); }
    ~Baton() { sem_destroy(&given_); }
    Baton(const Baton&) = delete;
    Baton& operator=(const Baton&) = delete;
    void give() { sem_post(&given_); }
    void take() {
      while (sem_wait(&given_) != 0) {
      }
    }

   private:
    sem_t given_;
  };
  struct Thread {
    std::string name;
    Baton baton;
    int64_t until_us = 0;      ///< waits until then; INT64_MIN: may run at once
    Thread* joiner = nullptr;  ///< waits for the end of this one
    bool is_done = false;
    std::thread thread;
  };
  static constexpr int64_t kStartMs = 1'700'000'000'000;
  static constexpr int64_t kRunnable = INT64_MIN;
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
  std::vector<Thread*> ready_;  ///< of choose(); kept for its memory
};

}  // namespace weir::simulation

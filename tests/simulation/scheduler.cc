#include "simulation/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace weir::simulation {
namespace {

constexpr uint64_t kSwitchOneIn = 4;  // of the points at which another thread may go first

}  // namespace

/// A waiter of one thread: it is woken by notify(), or by time.
class Scheduler::Waiting final : public runtime::Waiter {
 public:
  explicit Waiting(Scheduler& scheduler) : scheduler_(scheduler) {}

  void notify() override {
    is_notified_ = true;
    if (waiting_ != nullptr) waiting_->until_us = kRunnable;
  }

  void wait_until(int64_t until_us) override {
    if (!is_notified_) {
      waiting_ = scheduler_.current_;
      scheduler_.stand(until_us);
      waiting_ = nullptr;
    }
    is_notified_ = false;
  }

 private:
  Scheduler& scheduler_;
  bool is_notified_ = false;
  Thread* waiting_ = nullptr;
};

/// Joined by standing until the thread is done.
class Scheduler::Running final : public runtime::StartedThread {
 public:
  Running(Scheduler& scheduler, std::shared_ptr<Thread> thread) : scheduler_(scheduler), thread_(std::move(thread)) {}
  ~Running() override {
    thread_->joiner = scheduler_.current_;
    if (!thread_->is_done) scheduler_.stand(kNever);
  }

 private:
  Scheduler& scheduler_;
  std::shared_ptr<Thread> thread_;
};

Scheduler::~Scheduler() = default;

size_t Scheduler::run(const std::function<void()>& body) {
  threads_.push_back(std::make_shared<Thread>(started_++, "first"));
  current_ = threads_.back().get();
  body();
  return threads_.size() - 1;
}

std::unique_ptr<runtime::Waiter> Scheduler::make_waiter() {
  return std::make_unique<Waiting>(*this);
}

std::unique_ptr<runtime::StartedThread> Scheduler::start(std::string name, std::function<void()> body) {
  threads_.push_back(std::make_shared<Thread>(started_++, std::move(name), [this, body = std::move(body)] {
    body();
    Thread& me = *current_;  // whoever joins keeps it until it has handed over for good
    me.is_done = true;
    if (me.joiner != nullptr) me.joiner->until_us = kRunnable;
    std::erase_if(threads_, [&](const auto& thread) { return thread.get() == &me; });
    hand_over(choose());
  }));
  return std::make_unique<Running>(*this, threads_.back());
}

void Scheduler::may_switch() {
  ++calls_;
  if (random_.next_u64() % kSwitchOneIn == 0) stand(kRunnable);
}

void Scheduler::sleep_until(int64_t until_us) {
  if (until_us > now_us_) stand(until_us);
}

void Scheduler::stand(int64_t until_us) {
  Thread& me = *current_;
  me.until_us = until_us;
  Thread& next = choose();
  if (&next != &me) hand_over(next);
  me.until_us = kRunnable;
}

/// Somebody who may run now; when nobody may, time jumps to the first deadline.
Scheduler::Thread& Scheduler::choose() {
  ready_.clear();
  while (true) {
    int64_t first_us = kNever;
    for (const auto& thread : threads_) {
      if (thread->until_us <= now_us_) ready_.push_back(thread.get());
      first_us = std::min(first_us, thread->until_us);
    }
    if (!ready_.empty()) break;
    WEIR_CHECK_MSG(first_us != kNever, "every thread waits for ever");
    now_us_ = first_us;
  }
  return *ready_[random_.next_u64() % ready_.size()];
}

void Scheduler::hand_over(Thread& to) {
  for (const uint64_t word : {to.number, static_cast<uint64_t>(calls_), static_cast<uint64_t>(now_us_)})
    trace_ = SeededRandom(trace_ ^ word).next_u64();
  Thread& from = *std::exchange(current_, &to);
  from.fiber.hand_over(to.fiber);
}

}  // namespace weir::simulation

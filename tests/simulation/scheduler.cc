#include "simulation/scheduler.h"

#include <algorithm>

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
    const std::unique_lock lock(scheduler_.mutex_);
    is_notified_ = true;
    if (waiting_ != nullptr) waiting_->until_us = kRunnable;
  }

  void wait_until(int64_t until_us) override {
    std::unique_lock lock(scheduler_.mutex_);
    if (!is_notified_) {
      waiting_ = scheduler_.current_;
      scheduler_.stand(lock, *waiting_, until_us);
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
    {
      std::unique_lock lock(scheduler_.mutex_);
      while (!thread_->is_done) scheduler_.stand(lock, *scheduler_.current_, scheduler_.now_us_ + 1000);
    }
    thread_->thread.join();
  }

 private:
  Scheduler& scheduler_;
  std::shared_ptr<Thread> thread_;
};

Scheduler::~Scheduler() = default;

void Scheduler::run(const std::function<void()>& body) {
  auto first = std::make_shared<Thread>();
  first->name = "first";
  first->until_us = kRunnable;
  {
    const std::unique_lock lock(mutex_);
    threads_.push_back(first);
    current_ = first.get();
  }
  body();
  const std::unique_lock lock(mutex_);
  WEIR_CHECK(threads_.size() == 1);
  threads_.clear();
  current_ = nullptr;
}

std::unique_ptr<runtime::Waiter> Scheduler::make_waiter() {
  return std::make_unique<Waiting>(*this);
}

std::unique_ptr<runtime::StartedThread> Scheduler::start(std::string name, std::function<void()> body) {
  auto started = std::make_shared<Thread>();
  started->name = std::move(name);
  started->until_us = kRunnable;
  const std::unique_lock lock(mutex_);
  threads_.push_back(started);
  started->thread = std::thread([this, started, body = std::move(body)] {
    {
      std::unique_lock begin(mutex_);
      started->has_baton.wait(begin, [&] { return current_ == started.get(); });
    }
    body();
    const std::unique_lock end(mutex_);
    started->is_done = true;
    std::erase(threads_, started);
    hand_over(choose(false));
  });
  return std::make_unique<Running>(*this, started);
}

void Scheduler::may_switch() {
  std::unique_lock lock(mutex_);
  if (random_.next_u64() % kSwitchOneIn != 0) return;
  stand(lock, *current_, kRunnable);
}

void Scheduler::sleep_until(int64_t until_us) {
  std::unique_lock lock(mutex_);
  if (until_us > now_us_) stand(lock, *current_, until_us);
}

void Scheduler::stand(std::unique_lock<std::mutex>& lock, Thread& me, int64_t until_us) {
  me.until_us = until_us;
  Thread& next = choose(true);
  if (&next == &me) {
    me.until_us = kRunnable;
    return;
  }
  hand_over(next);
  me.has_baton.wait(lock, [&] { return current_ == &me; });
  me.until_us = kRunnable;
}

/// Somebody who may run now; when nobody may, time jumps to the first deadline.
Scheduler::Thread& Scheduler::choose(bool include_current) {
  std::vector<Thread*> ready;
  while (true) {
    int64_t first_us = INT64_MAX;
    for (const auto& thread : threads_) {
      if (!include_current && thread.get() == current_) continue;
      if (thread->until_us <= now_us_) ready.push_back(thread.get());
      first_us = std::min(first_us, thread->until_us);
    }
    if (!ready.empty()) break;
    WEIR_CHECK_MSG(first_us != INT64_MAX, "every thread waits for ever");
    now_us_ = first_us;
  }
  return *ready[random_.next_u64() % ready.size()];
}

void Scheduler::hand_over(Thread& to) {
  ++switches_;
  current_ = &to;
  to.has_baton.notify_one();
}

}  // namespace weir::simulation

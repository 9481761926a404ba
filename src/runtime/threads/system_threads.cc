#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <pthread.h>

#include "base/clock.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {
namespace {

constexpr int64_t kLongestWaitUs = int64_t{60} * 1'000'000;  // what is in doubt is looked at again
constexpr size_t kNameBytesMax = 15;                         // of a thread, by the kernel

class SystemWaiter final : public Waiter {
 public:
  void notify() override {
    {
      const std::scoped_lock lock(mutex_);
      is_notified_ = true;
    }
    wake_.notify_one();
  }

  void wait_until(int64_t until_us) override {
    std::unique_lock lock(mutex_);
    const int64_t left_us = std::min(until_us - system_clock_source().monotonic_us(), kLongestWaitUs);
    if (left_us > 0) wake_.wait_for(lock, std::chrono::microseconds(left_us), [this] { return is_notified_; });
    is_notified_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_notified_ = false;
};

class SystemThread final : public StartedThread {
 public:
  SystemThread(const std::string& name, std::function<void()> body) : thread_(std::move(body)) {
    pthread_setname_np(thread_.native_handle(), name.substr(0, kNameBytesMax).c_str());
  }
  ~SystemThread() override { thread_.join(); }

 private:
  std::thread thread_;
};

class SystemThreads final : public Threads {
 public:
  std::unique_ptr<Waiter> make_waiter() override { return std::make_unique<SystemWaiter>(); }
  std::unique_ptr<StartedThread> start(std::string name, std::function<void()> body) override {
    return std::make_unique<SystemThread>(name, std::move(body));
  }
};

}  // namespace

Threads& system_threads() {
  static SystemThreads threads;
  return threads;
}

}  // namespace weir::runtime

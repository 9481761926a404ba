/// \file
/// The inbox of an actor: messages from any thread, taken by one.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <optional>

#include "base/clock.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// Unbounded by itself: whoever posts answers for how many messages may be under way.
template <typename Message>
class Inbox {
 public:
  /// `clock` outlives the inbox.
  Inbox(Threads& threads, const Clock& clock) : clock_(clock), waiter_(threads.make_waiter()) {}

  /// Any thread. A message must not get lost: memory that is not to be had is asked for again for a while.
  void post(Message message) {
    for (int attempt = 1;; ++attempt) {
      try {
        const std::scoped_lock lock(mutex_);
        messages_.push_back(std::move(message));  // moved from only once there is room
        break;
      } catch (const std::bad_alloc&) {
        if (attempt == kPostAttempts) throw;
      }
    }
    waiter_->notify();
  }

  /// The oldest message; nothing when none has come by `until_us` (monotonic). The owner only.
  std::optional<Message> take(int64_t until_us) {
    while (true) {
      if (std::optional<Message> message = take_now()) return message;
      if (clock_.monotonic_us() >= until_us) return std::nullopt;
      waiter_->wait_until(until_us);
    }
  }

  /// The oldest message, or nothing. The owner only.
  std::optional<Message> take_now() {
    const std::scoped_lock lock(mutex_);
    if (messages_.empty()) return std::nullopt;
    std::optional<Message> message(std::move(messages_.front()));
    messages_.pop_front();
    return message;
  }

  /// What the owner waits on: others may wake it up without a message.
  Waiter& waiter() { return *waiter_; }

 private:
  static constexpr int kPostAttempts = 100;

  const Clock& clock_;
  std::unique_ptr<Waiter> waiter_;
  std::mutex mutex_;
  std::deque<Message> messages_;
};

}  // namespace weir::runtime

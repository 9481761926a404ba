/// \file
/// How much the open epoch holds, over all tasks: when it is to be cut, and when intake has to wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace weir::runtime {

/// Thread-safe. One addition a batch.
class IntakeMeter {
 public:
  /// `on_full`: called by the task that fills the epoch to `bytes_max`, once a time that it is full.
  IntakeMeter(int64_t bytes_max, std::function<void()> on_full) : bytes_max_(bytes_max), on_full_(std::move(on_full)) {}

  /// A task has taken so much in; negative: so much of it belongs to an epoch that was cut.
  void add(int64_t bytes) {
    const int64_t before = open_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (before < bytes_max_ && before + bytes >= bytes_max_) on_full_();
  }
  bool is_full() const { return open_bytes_.load(std::memory_order_relaxed) >= bytes_max_; }
  /// Nothing more may be taken in until the epoch is cut.
  bool must_wait() const { return open_bytes_.load(std::memory_order_relaxed) / 2 >= bytes_max_; }

 private:
  const int64_t bytes_max_;
  const std::function<void()> on_full_;
  std::atomic<int64_t> open_bytes_ = 0;
};

}  // namespace weir::runtime

/// \file
/// Channels: how batches get from one task to another, bounded in bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "columnar/batch.h"
#include "dataflow/stream_status.h"

namespace weir {

/// Number of an epoch within one run of a process, from 1. Never stored as a key: progress is (exactly-once.md rule 2).
using Epoch = int64_t;

/// Everything received before it belongs to `epoch`.
struct Barrier {
  Epoch epoch = 0;
};

/// What travels through a channel, in order.
using ChannelItem = std::variant<Batch, StreamStatus, Barrier>;

/// One producer, one consumer. Never blocks: the producer looks for credit before it takes work on, the consumer takes
/// what is there. Only batches need credit; what is not data always has a place, so that nothing of the protocol waits
/// for memory.
///
/// Bound: `bytes_max` and what one piece of work of the producer emits after it has seen credit. Thread-safe.
class Channel {
 public:
  /// `on_item`: called when the consumer may have to wake up; `on_credit`: when the producer may. Both on the other
  /// side's thread; they must not call back.
  Channel(int64_t bytes_max, std::function<void()> on_item, std::function<void()> on_credit)
      : bytes_max_(bytes_max), on_item_(std::move(on_item)), on_credit_(std::move(on_credit)) {}

  bool has_credit() const;
  void push(ChannelItem item);
  std::optional<ChannelItem> pop();
  /// Bytes of the batches that wait.
  int64_t memory_bytes() const;

 private:
  const int64_t bytes_max_;
  const std::function<void()> on_item_;
  const std::function<void()> on_credit_;
  mutable std::mutex mutex_;
  std::deque<ChannelItem> items_;
  int64_t bytes_ = 0;
};

}  // namespace weir

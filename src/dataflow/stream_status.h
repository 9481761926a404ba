/// \file
/// Event time: what a stream promises about the events that are still to come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace weir {

/// Microseconds since 1970-01-01T00:00Z, as the events tell them; never the wall clock's.
using EventTime = int64_t;

inline constexpr EventTime kNoWatermark = std::numeric_limits<EventTime>::min();

/// What is known of the rest of a stream.
struct StreamStatus {
  /// Watermark: events at or before it are not expected any more; what comes all the same is late. Never steps back.
  EventTime watermark = kNoWatermark;
  /// Nothing comes at present: the stream holds nobody's watermark back.
  bool is_idle = false;

  friend bool operator==(const StreamStatus&, const StreamStatus&) = default;
};

/// The status of several streams that become one: the lowest watermark of those that are not idle. When all are, nobody
/// is held back: idle, at the highest.
class StatusMerger {
 public:
  /// Adds a stream; returns its number.
  size_t add() {
    inputs_.emplace_back();
    return inputs_.size() - 1;
  }

  /// Takes the status of stream `number`; true when the merged one changed.
  bool set(size_t number, const StreamStatus& status) {
    StreamStatus& input = inputs_[number];
    input.watermark = std::max(input.watermark, status.watermark);
    input.is_idle = status.is_idle;
    const StreamStatus now = merge();
    if (now == merged_) return false;
    merged_ = now;
    return true;
  }

  const StreamStatus& merged() const { return merged_; }

 private:
  StreamStatus merge() const {
    EventTime lowest = std::numeric_limits<EventTime>::max();
    EventTime highest = kNoWatermark;
    bool is_idle = true;
    for (const StreamStatus& input : inputs_) {
      highest = std::max(highest, input.watermark);
      if (input.is_idle) continue;
      is_idle = false;
      lowest = std::min(lowest, input.watermark);
    }
    // A stream that went idle far behind and comes back must not take back what was promised meanwhile.
    return {.watermark = std::max(is_idle ? highest : lowest, merged_.watermark), .is_idle = is_idle};
  }

  std::vector<StreamStatus> inputs_;
  StreamStatus merged_;
};

}  // namespace weir

/// \file
/// A run of events as fetched: one arena of bytes, and for each event where it lies and which position it has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/split.h"

namespace weir {

/// Readers of an arena may load up to this many bytes past the end of an event (simdjson needs 64).
inline constexpr size_t kArenaPaddingBytes = 64;

inline constexpr int64_t kNoTimestamp = INT64_MIN;
/// Offset of an event that stands for a whole file: it could not be read, and fault() says why.
inline constexpr int64_t kNoOffset = -1;

/// Immutable once built and shared by everything that still needs the bytes of a reject. Thread-safe.
class RawBatch {
 public:
  /// Number of events.
  size_t size() const { return events_.size(); }

  /// The bytes of event `i`; kArenaPaddingBytes readable bytes follow them.
  std::string_view bytes(size_t i) const { return {arena_.data() + events_[i].begin, events_[i].size}; }
  /// The key of event `i` (Kafka), empty when the source has none; see has_key().
  std::string_view key(size_t i) const {
    return {arena_.data() + events_[i].begin - events_[i].key_size, events_[i].key_size};
  }
  bool has_key(size_t i) const { return events_[i].has_key; }
  /// A Kafka message without a value (tombstone): bytes() is empty, and that is not an empty message.
  bool is_null(size_t i) const { return events_[i].is_null; }

  /// The splits that the events come from: few, and events come in runs of one.
  const std::vector<SplitPtr>& splits() const { return splits_; }
  /// Index into splits() of event `i`.
  uint32_t split_index(size_t i) const { return events_[i].split; }
  const Split& split(size_t i) const { return *splits_[events_[i].split]; }
  /// Kafka offset, or number of the record in its file, from 0; kNoOffset: of a file that could not be read.
  int64_t offset(size_t i) const { return events_[i].offset; }
  /// Milliseconds since the epoch as given by the source (Kafka message timestamp, file modification time), or
  /// kNoTimestamp.
  int64_t timestamp_ms(size_t i) const { return events_[i].timestamp_ms; }

  /// True for an event longer than the limit: bytes() is only its beginning.
  bool is_truncated(size_t i) const { return events_[i].is_truncated; }
  /// True when the source itself could not make a whole event of the bytes: decoders reject it as malformed.
  bool is_broken(size_t i) const { return events_[i].is_broken; }
  /// What is wrong with a broken event, for people.
  std::string_view fault(size_t i) const { return faults_.at(i); }
  /// What the decoder must know beside the bytes, the same for all events of the batch: the header line of a CSV file;
  /// else empty.
  std::string_view context() const { return context_; }

  /// Line of its file on which event `i` begins, from 1; 0 where lines are not counted.
  int64_t line(size_t i) const { return lines_.empty() ? 0 : lines_[i]; }
  /// The headers of event `i` as headers.h encodes them; empty when there are none.
  std::string_view headers(size_t i) const {
    if (header_ends_.empty()) return {};
    const size_t begin = i == 0 ? 0 : header_ends_[i - 1];
    return std::string_view(header_bytes_).substr(begin, header_ends_[i] - begin);
  }

  /// Bytes of events, without padding and index.
  size_t payload_bytes() const { return payload_bytes_; }

 private:
  friend class RawBatchBuilder;
  struct Event {
    size_t begin;
    size_t size;
    int64_t offset;
    int64_t timestamp_ms;
    uint32_t split;
    uint32_t key_size;
    bool has_key;
    bool is_null;
    bool is_truncated;
    bool is_broken;
  };
  std::string arena_;
  std::string context_;
  std::vector<SplitPtr> splits_;
  std::vector<Event> events_;
  std::map<size_t, std::string> faults_;  ///< by event; rare: at most one a file
  std::vector<int64_t> lines_;            ///< by event; empty where lines are not counted
  std::string header_bytes_;              ///< of all events
  std::vector<size_t> header_ends_;       ///< by event, in header_bytes_; empty when there are none
  size_t payload_bytes_ = 0;
};

/// Collects events into one arena. One thread. Reusable after finish().
class RawBatchBuilder {
 public:
  /// Reserves room for `bytes` of payload and `events` events.
  void reserve(size_t bytes, size_t events);

  /// What stands beside the bytes of one event.
  struct EventInfo {
    const SplitPtr* split = nullptr;  ///< null: a split without a name, for tests and tools
    int64_t offset = 0;
    int64_t timestamp_ms = kNoTimestamp;
    std::string_view key = {};
    bool has_key = false;
    bool is_null = false;
    bool is_truncated = false;
    std::string_view fault = {};  ///< not empty: the event is broken
    int64_t line = 0;
    std::string_view headers = {};
  };

  /// Sets context() of the batch being built.
  void set_context(std::string_view context) { batch_->context_ = context; }
  bool empty() const { return batch_->events_.empty(); }

  /// Copies one event in.
  void add(std::string_view bytes, const EventInfo& info);

  size_t size() const { return batch_->events_.size(); }
  size_t payload_bytes() const { return batch_->payload_bytes_; }

  /// Pads the arena and hands the batch out.
  std::shared_ptr<const RawBatch> finish();

 private:
  uint32_t index_of(const SplitPtr* split);
  void add_beside(const EventInfo& info);

  std::shared_ptr<RawBatch> batch_ = std::make_shared<RawBatch>();
  std::unordered_map<const Split*, uint32_t> indexes_;  ///< of the batch's splits
  const Split* last_split_ = nullptr;
  uint32_t last_index_ = 0;
};

}  // namespace weir

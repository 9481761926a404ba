/// \file
/// A run of events as fetched: one arena of bytes, and for each event where it lies and which position it has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// A partition as this process numbers it: an index into the source's list of partitions (a Kafka topic-partition, a
/// file). Dense, from 0, stable for the life of the process, never stored.
using PartitionIndex = int32_t;

/// Readers of an arena may load up to this many bytes past the end of an event (simdjson needs 64).
inline constexpr size_t kArenaPaddingBytes = 64;

inline constexpr int64_t kNoTimestamp = INT64_MIN;

/// What a PartitionIndex stands for, for people and for the dead letter: ("topic", 3) or ("dir/file.json.gz", 0).
struct PartitionName {
  std::string topic;      ///< Kafka topic, or path of the file
  int32_t partition = 0;  ///< Kafka partition; 0 for files
};

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

  PartitionIndex partition(size_t i) const { return events_[i].partition; }
  /// Kafka offset, or number of the record in its file, from 0.
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

  /// Bytes of events, without padding and index.
  size_t payload_bytes() const { return payload_bytes_; }

 private:
  friend class RawBatchBuilder;
  struct Event {
    size_t begin;
    size_t size;
    int64_t offset;
    int64_t timestamp_ms;
    PartitionIndex partition;
    uint32_t key_size;
    bool has_key;
    bool is_null;
    bool is_truncated;
    bool is_broken;
  };
  std::string arena_;
  std::string context_;
  std::vector<Event> events_;
  std::map<size_t, std::string> faults_;  ///< by event; rare: at most one a file
  size_t payload_bytes_ = 0;
};

/// Collects events into one arena. One thread. Reusable after finish().
class RawBatchBuilder {
 public:
  /// Reserves room for `bytes` of payload and `events` events.
  void reserve(size_t bytes, size_t events);

  /// What stands beside the bytes of one event.
  struct EventInfo {
    PartitionIndex partition = 0;
    int64_t offset = 0;
    int64_t timestamp_ms = kNoTimestamp;
    std::string_view key = {};
    bool has_key = false;
    bool is_null = false;
    bool is_truncated = false;
    std::string_view fault = {};  ///< not empty: the event is broken
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
  std::shared_ptr<RawBatch> batch_ = std::make_shared<RawBatch>();
};

}  // namespace weir

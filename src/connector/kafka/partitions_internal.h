/// \file
/// The partitions of one reader: which index a message's partition has, and how far each is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connector/kafka/handles_internal.h"
#include "connector/kafka/split_internal.h"
#include "event/progress.h"
#include "event/split.h"

namespace weir::connector {

using PartitionIndex = int32_t;  ///< of a reader's partition, from 0; -1 for none

struct ReaderPartition {
  TopicPartition id;
  std::string name;  ///< id.name()
  std::string topic_id;
  SplitPtr split;
  int64_t next = 0;           ///< next offset to read
  int32_t leader_epoch = -1;  ///< of the last record read; -1: not known
  int64_t end = kNoEnd;       ///< one pass: read no offset from here on
  int64_t high = 0;           ///< end of the log, as last heard of
  bool finished = false;
};

/// Grows only. One thread; lives within the life of the client whose topics it holds.
class ReaderPartitions {
 public:
  /// `source`: its name in the pipeline file.
  ReaderPartitions(rd_kafka_t* client, std::string source) : client_(client), source_(std::move(source)) {}

  PartitionIndex add(const KafkaSplit& split);
  /// By its name; null when it is not one of ours.
  const ReaderPartition* find(std::string_view name) const;

  /// The index of a message's partition, or -1 when it is not one of ours. No string is touched: messages come in runs
  /// of one partition.
  PartitionIndex find(const rd_kafka_topic_t* topic, int32_t partition) {
    if (topic != last_topic_) {
      const auto found = by_topic_.find(topic);
      if (found == by_topic_.end()) return -1;
      last_topic_ = topic;
      last_indexes_ = &found->second;
    }
    return static_cast<size_t>(partition) < last_indexes_->size() ? (*last_indexes_)[static_cast<size_t>(partition)]
                                                                  : -1;
  }

  ReaderPartition& operator[](PartitionIndex index) { return all_[static_cast<size_t>(index)]; }
  const std::vector<ReaderPartition>& all() const { return all_; }

  /// Marks one as read to its end; the client fetches no more of it.
  void finish(ReaderPartition& partition);
  bool all_finished() const { return unfinished_ == 0; }

  /// Records not yet read, by what the client has last heard from the brokers.
  int64_t lag_events();

 private:
  rd_kafka_t* client_;
  std::string source_;
  std::vector<ReaderPartition> all_;
  std::unordered_map<std::string, KafkaTopic> topics_;  ///< held, so that a topic's address stays its own
  std::unordered_map<const rd_kafka_topic_t*, std::vector<PartitionIndex>> by_topic_;
  const rd_kafka_topic_t* last_topic_ = nullptr;
  const std::vector<PartitionIndex>* last_indexes_ = nullptr;
  size_t unfinished_ = 0;
};

}  // namespace weir::connector

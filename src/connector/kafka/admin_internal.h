/// \file
/// Questions to the brokers about topics and offsets: started, then polled.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/handles_internal.h"
#include "connector/kafka/start_internal.h"

namespace weir::connector {

/// What the brokers say of one topic.
struct DescribedTopic {
  std::string name;
  std::string id;  ///< base64; empty when unknown
  int32_t partitions = 0;
  bool may_read = true;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
};

/// Asks for topics by name. One thread; may be dropped at any time.
class TopicLookup {
 public:
  TopicLookup(rd_kafka_t* client, const std::vector<std::string>& names, int timeout_ms);
  /// The answer, in the order of the names, once it is there; waits up to `wait_ms`. Call it no more after that.
  /// Errors: unavailable when the brokers do not answer in time.
  Result<std::optional<std::vector<DescribedTopic>>> take(int wait_ms);

 private:
  KafkaQueue queue_;
};

/// Sends offsets to a consumer group. One thread; may be dropped at any time, which rd_kafka_commit() does not allow:
/// with one of those under way, rd_kafka_destroy() waits for the coordinator, for ever if need be (librdkafka #3740).
class GroupOffsets {
 public:
  GroupOffsets(rd_kafka_t* client, const std::string& group, const rd_kafka_topic_partition_list_t& offsets,
               int timeout_ms);
  /// True once the broker has taken them; waits up to `wait_ms`. Call it no more after true or an error. Errors:
  /// unavailable, permission_denied.
  Result<bool> take(int wait_ms);

 private:
  KafkaQueue queue_;
};

/// Asks for the ends of partitions, and for the offset of a time. One thread; may be dropped at any time.
class OffsetLookup {
 public:
  /// `facts` name partitions and topic ids; their offsets are filled in.
  OffsetLookup(rd_kafka_t* client, std::vector<PartitionFacts> facts, std::optional<int64_t> timestamp_ms,
               int timeout_ms);
  /// As TopicLookup::take(). Errors: unavailable, also when single partitions have no leader now; permission_denied.
  Result<std::optional<std::vector<PartitionFacts>>> take(int wait_ms);

 private:
  enum Question : uintptr_t { kLow = 1, kHigh, kStable, kAtTimestamp };
  void ask(rd_kafka_t* client, Question question, int64_t spec, int timeout_ms);
  Result<void> accept(rd_kafka_event_t* answer);

  std::vector<PartitionFacts> facts_;
  std::map<std::string, size_t> places_;  ///< in facts_, by name of the partition
  KafkaQueue queue_;
  int open_questions_ = 0;
};

}  // namespace weir::connector

/// \file
/// Owners of librdkafka's objects.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace weir::connector {

template <auto Destroy>
struct KafkaDestroy {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};

template <typename T, auto Destroy>
using KafkaOwner = std::unique_ptr<T, KafkaDestroy<Destroy>>;

using KafkaConf = KafkaOwner<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using KafkaQueue = KafkaOwner<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using KafkaEvent = KafkaOwner<rd_kafka_event_t, rd_kafka_event_destroy>;
using KafkaError = KafkaOwner<rd_kafka_error_t, rd_kafka_error_destroy>;
using KafkaTopic = KafkaOwner<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using KafkaTopicNames = KafkaOwner<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;
using KafkaAdminOptions = KafkaOwner<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using KafkaGroupOffsets = KafkaOwner<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;
using KafkaPartitionList = KafkaOwner<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;

struct KafkaMetadataDestroy {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
using KafkaMetadata = std::unique_ptr<const rd_kafka_metadata_t, KafkaMetadataDestroy>;

/// One partition of one topic.
struct TopicPartition {
  std::string topic;
  int32_t partition = 0;

  /// "topic/3": the name of a partition in progress, in settings and in messages.
  std::string name() const { return topic + "/" + std::to_string(partition); }
};

/// Messages taken from a queue and not yet handed on. They count against the client's memory until they are given back.
class KafkaMessages {
 public:
  KafkaMessages() = default;
  KafkaMessages(const KafkaMessages&) = delete;
  KafkaMessages& operator=(const KafkaMessages&) = delete;
  ~KafkaMessages() { clear(); }

  bool empty() const { return messages_.empty(); }
  size_t size() const { return messages_.size(); }
  const rd_kafka_message_t& operator[](size_t i) const { return *messages_[i]; }

  /// Takes `count` messages from `queue`, or what has come after `wait_ms`. Only when empty.
  void take(rd_kafka_queue_t* queue, size_t count, int wait_ms);
  /// Gives back message `i`, which is not to be touched again.
  void give_back(size_t i) { rd_kafka_message_destroy(std::exchange(messages_[i], nullptr)); }
  void clear();

 private:
  std::vector<rd_kafka_message_t*> messages_;
};

}  // namespace weir::connector

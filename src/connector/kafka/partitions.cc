#include <algorithm>

#include "base/check.h"
#include "connector/kafka/partitions_internal.h"

namespace weir::connector {

PartitionIndex ReaderPartitions::add(const PartitionFacts& facts, int64_t next, int64_t end) {
  KafkaTopic& topic = topics_[facts.partition.topic];
  if (!topic) topic.reset(rd_kafka_topic_new(client_, facts.partition.topic.c_str(), nullptr));
  WEIR_CHECK(topic != nullptr);
  const auto index = static_cast<PartitionIndex>(all_.size());
  std::vector<PartitionIndex>& indexes = by_topic_[topic.get()];
  const auto number = static_cast<size_t>(facts.partition.partition);
  if (indexes.size() <= number) indexes.resize(number + 1, -1);
  indexes[number] = index;
  last_topic_ = nullptr;
  all_.push_back({.id = facts.partition,
                  .name = facts.partition.name(),
                  .topic_id = facts.topic_id,
                  .split = std::make_shared<const Split>(
                      Split{.source = source_, .topic = facts.partition.topic, .partition = facts.partition.partition}),
                  .next = next,
                  .end = end,
                  .high = facts.high,
                  .finished = next >= end});
  if (!all_.back().finished) ++unfinished_;
  return index;
}

bool ReaderPartitions::contains(const TopicPartition& partition) const {
  const auto topic = topics_.find(partition.topic);
  if (topic == topics_.end()) return false;
  const std::vector<PartitionIndex>& indexes = by_topic_.at(topic->second.get());
  const auto number = static_cast<size_t>(partition.partition);
  return number < indexes.size() && indexes[number] >= 0;
}

void ReaderPartitions::finish(ReaderPartition& partition) {
  if (partition.finished) return;
  partition.finished = true;
  partition.next = partition.end;
  --unfinished_;
  const KafkaPartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.id.topic.c_str(), partition.id.partition);
  rd_kafka_pause_partitions(client_, list.get());
}

int64_t ReaderPartitions::lag_events() {
  int64_t lag = 0;
  for (ReaderPartition& partition : all_) {
    int64_t low = 0;
    int64_t high = 0;
    if (rd_kafka_get_watermark_offsets(client_, partition.id.topic.c_str(), partition.id.partition, &low, &high) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
      partition.high = std::max(partition.high, high);
    }
    lag += std::max<int64_t>(0, std::min(partition.high, partition.end) - partition.next);
  }
  return lag;
}

}  // namespace weir::connector

#include <algorithm>

#include "base/check.h"
#include "connector/kafka/partitions_internal.h"

namespace weir::connector {

PartitionIndex ReaderPartitions::add(const KafkaSplit& split) {
  const TopicPartition& id = split.partition;
  KafkaTopic& topic = topics_[id.topic];
  if (!topic) topic.reset(rd_kafka_topic_new(client_, id.topic.c_str(), nullptr));
  WEIR_CHECK(topic != nullptr);
  const auto index = static_cast<PartitionIndex>(all_.size());
  std::vector<PartitionIndex>& indexes = by_topic_[topic.get()];
  const auto number = static_cast<size_t>(id.partition);
  if (indexes.size() <= number) indexes.resize(number + 1, -1);
  indexes[number] = index;
  last_topic_ = nullptr;
  all_.push_back(
      {.id = id,
       .name = id.name(),
       .topic_id = split.topic_id,
       .split = std::make_shared<const Split>(Split{.source = source_, .topic = id.topic, .partition = id.partition}),
       .next = split.next,
       .leader_epoch = split.leader_epoch,
       .end = split.end,
       .high = split.high,
       .finished = split.next >= split.end});
  if (!all_.back().finished) ++unfinished_;
  return index;
}

const ReaderPartition* ReaderPartitions::find(std::string_view name) const {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const ReaderPartition& partition) { return partition.name == name; });
  return found == all_.end() ? nullptr : &*found;
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

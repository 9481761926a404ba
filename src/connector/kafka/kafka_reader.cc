#include <utility>

#include "connector/kafka/kafka_reader_internal.h"
#include "connector/kafka/split_internal.h"

namespace weir::connector {
namespace {

constexpr int64_t kLagEveryUs = 1'000'000;
constexpr int kSeekWaitMs = 10'000;  // for the client's own thread: no broker is asked meanwhile
/// How often the client is served while nothing comes: its failures are told in there.
constexpr int64_t kServeEveryUs = 100'000;

KafkaPartitionList list_of(const TopicPartition& partition) {
  KafkaPartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  return list;
}

}  // namespace

Result<void> KafkaReader::connect() {
  if (client_) return {};
  WEIR_ASSIGN(client_, KafkaClient::make(spec_, clock_, log_, KafkaClient::Role::reads));
  client_->wake_by(wake_up_);
  partitions_ = std::make_unique<ReaderPartitions>(client_->handle(), spec_.source);
  batches_ =
      std::make_unique<KafkaBatches>(*client_, *partitions_, spec_, clock_, [this] { return require_same_topics(); });
  return {};
}

Result<void> KafkaReader::add(std::vector<AssignedSplit> splits) {
  WEIR_TRY(connect());
  const KafkaPartitionList assigned(rd_kafka_topic_partition_list_new(static_cast<int>(splits.size())));
  for (const AssignedSplit& one : splits) {
    WEIR_ASSIGN(const KafkaSplit split, from_assigned(one));
    cluster_id_ = split.cluster_id;
    const PartitionIndex index = partitions_->add(split);
    begun_.push_back((*partitions_)[index].split);
    if ((*partitions_)[index].finished) continue;
    rd_kafka_topic_partition_list_add(assigned.get(), split.partition.topic.c_str(), split.partition.partition)
        ->offset = split.next;
  }
  if (assigned->cnt == 0) return {};
  const KafkaError error(rd_kafka_incremental_assign(client_->handle(), assigned.get()));
  if (error)
    return Error(ErrorKind::internal,
                 std::string("Kafka client: assigning partitions: ") + rd_kafka_error_string(error.get()));
  return validate(splits);
}

/// Lets the client ask the brokers whether the log still is the one that was read (KIP-320): assigning does not do
/// that, seeking to the same place does. A log that diverged arrives as an error of the partition.
Result<void> KafkaReader::validate(const std::vector<AssignedSplit>& splits) {
  const KafkaPartitionList places(rd_kafka_topic_partition_list_new(static_cast<int>(splits.size())));
  for (const AssignedSplit& split : splits) {
    const ReaderPartition* partition = partitions_->find(split.name);
    if (partition->finished || partition->leader_epoch < 0 || partition->next == 0) continue;
    rd_kafka_topic_partition_t* place =
        rd_kafka_topic_partition_list_add(places.get(), partition->id.topic.c_str(), partition->id.partition);
    place->offset = partition->next;
    rd_kafka_topic_partition_set_leader_epoch(place, partition->leader_epoch);
  }
  if (places->cnt == 0) return {};
  const KafkaError error(rd_kafka_seek_partitions(client_->handle(), places.get(), kSeekWaitMs));
  const char* reason = error ? rd_kafka_error_string(error.get()) : nullptr;
  for (int i = 0; i < places->cnt && reason == nullptr; ++i) {
    if (places->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) reason = rd_kafka_err2str(places->elems[i].err);
  }
  if (reason != nullptr) return Error(ErrorKind::internal, std::string("Kafka client: going to a position: ") + reason);
  return {};
}

void KafkaReader::pause(std::string_view name) {
  if (const ReaderPartition* partition = partitions_ ? partitions_->find(name) : nullptr)
    rd_kafka_pause_partitions(client_->handle(), list_of(partition->id).get());
}

void KafkaReader::resume(std::string_view name) {
  const ReaderPartition* partition = partitions_ ? partitions_->find(name) : nullptr;
  if (partition != nullptr && !partition->finished)
    rd_kafka_resume_partitions(client_->handle(), list_of(partition->id).get());
}

Result<Poll> KafkaReader::poll() {
  WEIR_ASSIGN(Poll polled, poll_events());
  polled.begun = std::exchange(begun_, {});
  return polled;
}

Result<Poll> KafkaReader::poll_events() {
  if (failure_) return Error(*failure_);
  if (is_finished()) return Poll{.state = Poll::State::finished};
  if (!client_) return Poll{};
  client_->serve();
  Result<std::shared_ptr<const RawBatch>> events = batches_->next();
  if (!events.ok()) {
    failure_ = events.error();
    return std::move(events).error();
  }
  const bool should_look = batches_->take_doubt();
  if (*events) return Poll{.state = Poll::State::events, .events = std::move(*events), .should_look = should_look};
  if (is_finished()) return Poll{.state = Poll::State::finished};
  return Poll{.again_us = std::min(batches_->ready_us(), clock_.monotonic_us() + kServeEveryUs),
              .should_look = should_look};
}

/// Errors: position_lost when the client has begun to read a topic by another id than it had; nothing of that is
/// handed out.
Result<void> KafkaReader::require_same_topics() {
  for (const KafkaClient::TopicId& seen : client_->take_topic_ids()) {
    for (const ReaderPartition& partition : partitions_->all()) {
      if (partition.id.topic != seen.topic || partition.topic_id.empty() || partition.topic_id == seen.id) continue;
      return topic_recreated(partition.id, partition.next, partition.topic_id, seen.id);
    }
  }
  return {};
}

SourceProgress KafkaReader::progress() const {
  SourceProgress progress;
  progress.identity = cluster_id_;
  if (!partitions_) return progress;
  for (const ReaderPartition& partition : partitions_->all()) {
    progress.partitions[partition.name] = {
        .next = partition.next, .next_byte = 0, .identity = partition.topic_id, .leader_epoch = partition.leader_epoch};
  }
  return progress;
}

SourceLag KafkaReader::lag() const {
  if (!partitions_) return {};
  const int64_t now = clock_.monotonic_us();
  if (lag_events_ < 0 || now >= next_lag_us_) {
    lag_events_ = partitions_->lag_events();
    next_lag_us_ = now + kLagEveryUs;
  }
  return {.events = lag_events_, .bytes = -1};
}

}  // namespace weir::connector

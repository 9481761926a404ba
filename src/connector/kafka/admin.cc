#include <algorithm>
#include <map>
#include <string_view>

#include "connector/kafka/admin_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kReasonBytes = 512;

/// "" for the id of all zeros that brokers without topic ids send.
std::string topic_id_text(const rd_kafka_Uuid_t* id) {
  if (id == nullptr || (rd_kafka_Uuid_most_significant_bits(id) == 0 && rd_kafka_Uuid_least_significant_bits(id) == 0))
    return "";
  return rd_kafka_Uuid_base64str(id);
}

DescribedTopic described(const rd_kafka_TopicDescription_t* topic) {
  DescribedTopic out{.name = rd_kafka_TopicDescription_name(topic),
                     .id = topic_id_text(rd_kafka_TopicDescription_topic_id(topic))};
  if (const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topic); error != nullptr)
    out.code = rd_kafka_error_code(error);
  size_t count = 0;
  rd_kafka_TopicDescription_partitions(topic, &count);
  out.partitions = static_cast<int32_t>(count);
  const rd_kafka_AclOperation_t* operations = rd_kafka_TopicDescription_authorized_operations(topic, &count);
  if (operations != nullptr) {
    out.may_read = std::find(operations, operations + count, RD_KAFKA_ACL_OPERATION_READ) != operations + count;
  }
  return out;
}

Error no_answer(rd_kafka_event_t* event) {
  return Error(ErrorKind::unavailable, std::string("Kafka: ") + rd_kafka_event_error_string(event));
}

Error offset_failure(const rd_kafka_topic_partition_t& partition) {
  const std::string name = TopicPartition{partition.topic, partition.partition}.name();
  const std::string reason = name + ": asking for offsets: " + rd_kafka_err2str(partition.err);
  if (partition.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    return Error(ErrorKind::permission_denied,
                 reason + ". Give the user the rights Describe and Read on topic '" + partition.topic + "'");
  }
  return Error(ErrorKind::unavailable, reason);
}

}  // namespace

TopicLookup::TopicLookup(rd_kafka_t* client, const std::vector<std::string>& names, int timeout_ms)
    : queue_(rd_kafka_queue_new(client)) {
  std::vector<const char*> texts;
  texts.reserve(names.size());
  for (const std::string& name : names) texts.push_back(name.c_str());
  const KafkaTopicNames topics(rd_kafka_TopicCollection_of_topic_names(texts.data(), texts.size()));
  const KafkaAdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS));
  char reason[kReasonBytes];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason, sizeof reason);
  const KafkaError ignored(rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1));
  rd_kafka_DescribeTopics(client, topics.get(), options.get(), queue_.get());
}

Result<std::optional<std::vector<DescribedTopic>>> TopicLookup::take(int wait_ms) {
  const KafkaEvent event(rd_kafka_queue_poll(queue_.get(), wait_ms));
  if (!event) return std::optional<std::vector<DescribedTopic>>();
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return no_answer(event.get());
  size_t count = 0;
  const rd_kafka_TopicDescription_t** topics =
      rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event.get()), &count);
  std::vector<DescribedTopic> out;
  out.reserve(count);
  for (size_t i = 0; i < count; ++i) out.push_back(described(topics[i]));
  return std::optional(std::move(out));
}

GroupOffsets::GroupOffsets(rd_kafka_t* client, const std::string& group, const rd_kafka_topic_partition_list_t& offsets,
                           int timeout_ms)
    : queue_(rd_kafka_queue_new(client)) {
  const KafkaGroupOffsets change(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), &offsets));
  const KafkaAdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS));
  char reason[kReasonBytes];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason, sizeof reason);
  rd_kafka_AlterConsumerGroupOffsets_t* changes[] = {change.get()};
  rd_kafka_AlterConsumerGroupOffsets(client, changes, 1, options.get(), queue_.get());
}

Result<bool> GroupOffsets::take(int wait_ms) {
  const KafkaEvent event(rd_kafka_queue_poll(queue_.get(), wait_ms));
  if (!event) return false;
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return no_answer(event.get());
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[i]); error != nullptr)
      return Error(ErrorKind::unavailable, rd_kafka_error_string(error));
    const rd_kafka_topic_partition_list_t* partitions = rd_kafka_group_result_partitions(groups[i]);
    for (int p = 0; partitions != nullptr && p < partitions->cnt; ++p) {
      if (partitions->elems[p].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return Error(ErrorKind::unavailable, rd_kafka_err2str(partitions->elems[p].err));
    }
  }
  return true;
}

OffsetLookup::OffsetLookup(rd_kafka_t* client, std::vector<PartitionFacts> facts, std::optional<int64_t> timestamp_ms,
                           int timeout_ms)
    : facts_(std::move(facts)), queue_(rd_kafka_queue_new(client)) {
  if (facts_.empty()) return;
  for (size_t i = 0; i < facts_.size(); ++i) {
    places_[facts_[i].partition.name()] = i;
    facts_[i].low = facts_[i].high = facts_[i].stable = facts_[i].at_timestamp = -1;
  }
  ask(client, kLow, RD_KAFKA_OFFSET_SPEC_EARLIEST, timeout_ms);
  ask(client, kHigh, RD_KAFKA_OFFSET_SPEC_LATEST, timeout_ms);
  ask(client, kStable, RD_KAFKA_OFFSET_SPEC_LATEST, timeout_ms);
  if (timestamp_ms) ask(client, kAtTimestamp, *timestamp_ms, timeout_ms);
}

void OffsetLookup::ask(rd_kafka_t* client, Question question, int64_t spec, int timeout_ms) {
  const KafkaPartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(facts_.size())));
  for (const PartitionFacts& facts : facts_) {
    rd_kafka_topic_partition_list_add(list.get(), facts.partition.topic.c_str(), facts.partition.partition)->offset =
        spec;
  }
  const KafkaAdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_LISTOFFSETS));
  char reason[kReasonBytes];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, reason, sizeof reason);
  rd_kafka_AdminOptions_set_opaque(options.get(), reinterpret_cast<void*>(question));
  const bool committed = question == kStable || question == kAtTimestamp;
  const KafkaError ignored(rd_kafka_AdminOptions_set_isolation_level(
      options.get(), committed ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  rd_kafka_ListOffsets(client, list.get(), options.get(), queue_.get());
  ++open_questions_;
}

Result<std::optional<std::vector<PartitionFacts>>> OffsetLookup::take(int wait_ms) {
  while (open_questions_ > 0) {
    const KafkaEvent event(rd_kafka_queue_poll(queue_.get(), wait_ms));
    if (!event) return std::optional<std::vector<PartitionFacts>>();
    --open_questions_;
    WEIR_TRY(accept(event.get()));
  }
  for (PartitionFacts& facts : facts_) {
    if (facts.low < 0 || facts.high < 0 || facts.stable < 0)
      return Error(ErrorKind::unavailable, facts.partition.name() + ": the brokers left out its offsets");
    facts.high = std::max(facts.high, facts.low);  // asked one after the other, while the log moves
    facts.stable = std::clamp(facts.stable, facts.low, facts.high);
  }
  return std::optional(std::move(facts_));
}

Result<void> OffsetLookup::accept(rd_kafka_event_t* answer) {
  if (rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR) return no_answer(answer);
  const auto question = static_cast<Question>(reinterpret_cast<uintptr_t>(rd_kafka_event_opaque(answer)));
  size_t count = 0;
  const rd_kafka_ListOffsetsResultInfo_t** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(answer), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_topic_partition_t* found = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    if (found->err != RD_KAFKA_RESP_ERR_NO_ERROR) return offset_failure(*found);
    const auto place = places_.find(TopicPartition{found->topic, found->partition}.name());
    if (place == places_.end()) continue;
    PartitionFacts& facts = facts_[place->second];
    switch (question) {
      case kLow: facts.low = found->offset; break;
      case kHigh: facts.high = found->offset; break;
      case kStable: facts.stable = found->offset; break;
      case kAtTimestamp: facts.at_timestamp = found->offset; break;
    }
  }
  return {};
}

}  // namespace weir::connector

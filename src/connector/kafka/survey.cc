#include <algorithm>

#include "base/suggest.h"
#include "connector/kafka/survey_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kTopicsMax = 10'000;
constexpr size_t kPartitionsMax = 100'000;
constexpr int kMissesMax = 4;  // news of a topic take a moment to reach every broker
constexpr int kSuggestWaitMs = 2000;

bool is_missing(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID ||
         code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

}  // namespace

Result<void> PartitionSurvey::begin(int list_wait_ms, int timeout_ms) {
  timeout_ms_ = timeout_ms;
  offsets_ = nullptr;
  topics_ = nullptr;
  if (selection_.has_patterns() && list_wait_ms > 0) {
    WEIR_ASSIGN(existing_, client_.topic_names(list_wait_ms));
  }
  std::vector<std::string> names = selection_.resolve(existing_);
  for (const auto& [name, topic] : known_) {
    if (!std::binary_search(names.begin(), names.end(), name))
      names.insert(std::upper_bound(names.begin(), names.end(), name), name);
  }
  if (names.empty()) {
    return Error(ErrorKind::not_found,
                 "Kafka at " + spec_.brokers + ": no topic matches '" + selection_.patterns().front() + "' (" +
                     std::to_string(existing_.size()) +
                     " topics can be seen). Check the pattern, and the user's right to describe them");
  }
  if (names.size() > kTopicsMax)
    return Error(ErrorKind::limit_exceeded,
                 "topics: more than " + std::to_string(kTopicsMax) + " match; narrow the patterns");
  topics_ = std::make_unique<TopicLookup>(client_.handle(), names, timeout_ms);
  return {};
}

Result<std::optional<std::vector<PartitionFacts>>> PartitionSurvey::step(
    int wait_ms, const std::function<bool(const TopicPartition&)>& is_new) {
  if (topics_) {
    Result<std::optional<std::vector<DescribedTopic>>> answer = topics_->take(wait_ms);
    if (answer.ok() && !*answer) return std::optional<std::vector<PartitionFacts>>();
    topics_ = nullptr;
    if (!answer.ok()) return std::move(answer).error();
    WEIR_ASSIGN(std::vector<PartitionFacts> facts, sift(**answer, is_new));
    std::optional<int64_t> timestamp_ms;
    if (spec_.start.at == KafkaStart::At::timestamp) timestamp_ms = spec_.start.timestamp_ms;
    offsets_ = std::make_unique<OffsetLookup>(client_.handle(), std::move(facts), timestamp_ms, timeout_ms_);
  }
  Result<std::optional<std::vector<PartitionFacts>>> facts = offsets_->take(wait_ms);
  if (!facts.ok() || *facts) offsets_ = nullptr;
  return facts;
}

Result<std::vector<PartitionFacts>> PartitionSurvey::sift(const std::vector<DescribedTopic>& topics,
                                                          const std::function<bool(const TopicPartition&)>& is_new) {
  std::vector<PartitionFacts> facts;
  size_t partitions = 0;
  for (const DescribedTopic& topic : topics) {
    WEIR_TRY(check(topic));
    partitions += static_cast<size_t>(topic.partitions);
    if (partitions > kPartitionsMax)
      return Error(ErrorKind::limit_exceeded, "topics: they have more than " + std::to_string(kPartitionsMax) +
                                                  " partitions together; narrow the patterns");
    for (int32_t number = 0; number < topic.partitions; ++number) {
      TopicPartition partition{topic.name, number};
      if (!is_new(partition)) continue;
      facts.push_back({.partition = std::move(partition), .topic_id = topic.id});
    }
    known_.try_emplace(topic.name, KnownTopic{.id = topic.id, .example = {topic.name, 0}, .next = 0});
  }
  return facts;
}

Result<void> PartitionSurvey::check(const DescribedTopic& topic) {
  if (topic.code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) return denied(topic.name);
  if (is_missing(topic.code)) {
    const std::vector<std::string>& named = selection_.names();
    const bool is_expected =
        known_.contains(topic.name) || std::find(named.begin(), named.end(), topic.name) != named.end();
    return is_expected ? Result<void>(missing(topic.name))
                       : Result<void>();  // a pattern's topic may go before anything was read of it
  }
  if (topic.code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return Error(ErrorKind::unavailable, "topic '" + topic.name + "': " + rd_kafka_err2str(topic.code));
  misses_.erase(topic.name);
  if (!topic.may_read) return denied(topic.name);
  const auto known = known_.find(topic.name);
  if (known == known_.end() || topic.id.empty()) return {};
  if (known->second.id.empty()) known->second.id = topic.id;
  if (known->second.id != topic.id)
    return topic_recreated(known->second.example, known->second.next, known->second.id, topic.id);
  return {};
}

Error PartitionSurvey::missing(const std::string& topic) {
  if (++misses_[topic] < kMissesMax)
    return Error(ErrorKind::unavailable, "topic '" + topic + "' is not there; looking again");
  if (const auto known = known_.find(topic); known != known_.end())
    return topic_gone(known->second.example, known->second.next);
  const Result<std::vector<std::string>> existing = client_.topic_names(kSuggestWaitMs);
  const std::string hint = existing.ok() ? did_you_mean(topic, *existing) : "";
  return Error(ErrorKind::not_found, "Kafka at " + spec_.brokers + " has no topic '" + topic + "'" + hint +
                                         ". Topics are not created by reading them");
}

Error PartitionSurvey::denied(const std::string& topic) const {
  const std::string who = spec_.security.username.empty() ? "this client" : "user '" + spec_.security.username + "'";
  return Error(ErrorKind::permission_denied, "Kafka at " + spec_.brokers + ": " + who + " may not read topic '" +
                                                 topic + "'. Give it the rights Describe and Read on the topic");
}

}  // namespace weir::connector

/// \file
/// Looks at the cluster: which partitions there are, and whether the topics are still those that
/// progress speaks of.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/kafka/admin_internal.h"
#include "connector/kafka/client_internal.h"
#include "connector/kafka/topics_internal.h"

namespace weir::connector {

/// A topic of which something was read.
struct KnownTopic {
  std::string id;          ///< empty: not known
  TopicPartition example;  ///< one of its partitions, for messages
  int64_t next = 0;        ///< of that partition
};

/// One thread. begin(), then step() until it says something; again from begin() at the next occasion.
class PartitionSurvey {
 public:
  PartitionSurvey(KafkaClient& client, const KafkaSpec& spec, const TopicSelection& selection)
      : client_(client), spec_(spec), selection_(selection) {}

  /// Topics that must be there, with these ids. Kept up to date: topics found later are added.
  std::map<std::string, KnownTopic>& known() { return known_; }

  /// Starts over. Blocks only for patterns, up to `list_wait_ms`, while the list of topics is fetched; 0 leaves
  /// patterns out this time. Errors: those of KafkaClient::topic_names().
  Result<void> begin(int list_wait_ms, int timeout_ms);

  /// Goes on, waiting up to `wait_ms`; nothing while answers are outstanding. At the end: the partitions for
  /// which `is_new` says yes. Errors: position_lost (a known topic is gone or another one), not_found (a named
  /// topic; a pattern without any topic), permission_denied; with a retry hint: unavailable, also for a topic that is
  /// missed for the first time.
  Result<std::optional<std::vector<PartitionFacts>>> step(int wait_ms,
                                                          const std::function<bool(const TopicPartition&)>& is_new);

 private:
  Result<std::vector<PartitionFacts>> sift(const std::vector<DescribedTopic>& topics,
                                           const std::function<bool(const TopicPartition&)>& is_new);
  Result<void> check(const DescribedTopic& topic);
  Error missing(const std::string& topic);
  Error denied(const std::string& topic) const;

  KafkaClient& client_;
  const KafkaSpec& spec_;
  const TopicSelection& selection_;
  std::map<std::string, KnownTopic> known_;
  std::vector<std::string> existing_;  ///< topics by the last list
  std::map<std::string, int> misses_;  ///< how often in a row a topic was not there
  int timeout_ms_ = 0;
  std::unique_ptr<TopicLookup> topics_;
  std::unique_ptr<OffsetLookup> offsets_;
};

}  // namespace weir::connector

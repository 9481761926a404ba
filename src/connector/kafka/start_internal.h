/// \file
/// Where to begin reading a partition: decisions without a broker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connector/kafka/handles_internal.h"
#include "connector/kafka/kafka_source.h"
#include "connector/kafka/topics_internal.h"
#include "event/progress.h"

namespace weir::connector {

/// What the brokers say of one partition.
struct PartitionFacts {
  TopicPartition partition;
  std::string
      topic_id;        ///< base64 as Kafka's tools print it; empty when the brokers do not know topic ids (before 2.8)
  int64_t low = 0;     ///< first offset still there
  int64_t high = 0;    ///< after the last record
  int64_t stable = 0;  ///< after the last record that a reader of committed records may see now; low <= stable <= high
  int64_t at_timestamp = -1;  ///< first offset of the asked time or later; -1: none
};

/// Returns the first offset to read: what `stored` says, or what `start` says when it is null.
/// Errors: position_lost for stored or explicit offsets that are gone; invalid_argument for explicit offsets that are
/// not there yet.
Result<int64_t> decide_start(const KafkaStart& start, const PartitionProgress* stored, const PartitionFacts& facts);

/// "topic/3" to its parts; nothing for other text.
std::optional<TopicPartition> parse_partition(std::string_view name);

/// Checks that every partition of `from` whose topic is selected is among `found`. Errors: position_lost.
Result<void> require_stored(const SourceProgress& from, const TopicSelection& selection,
                            const std::vector<PartitionFacts>& found);
/// Checks that every partition with an explicit start is among `found`. Errors: invalid_argument.
Result<void> require_named(const KafkaStart& start, const std::vector<PartitionFacts>& found);

/// Which of `readers` reads `partition`: those of one topic in turn.
int reader_of(const TopicPartition& partition, int readers);

/// Errors: position_lost when progress was taken of another cluster than `cluster_id`.
Result<void> require_same_cluster(const std::string& stored_id, const std::string& cluster_id,
                                  const std::string& brokers);

/// Offsets [next, low) are gone.
Error offsets_gone(const TopicPartition& partition, int64_t next, int64_t low);
/// The log ends at `high`, before `next`.
Error log_diverged(const TopicPartition& partition, int64_t next, int64_t high);
/// What librdkafka says before the end of a truncated log, as of 2.15; a test with a real broker holds it to that.
inline constexpr std::string_view kBrokerEnd = "broker end offset is ";
/// The brokers' log under leader epoch `epoch` ends before `next`, though the log goes on under a later one. `reason`:
/// librdkafka's words, which have the end.
Error log_rewritten(const TopicPartition& partition, int64_t next, int32_t epoch, std::string_view reason);
/// A record came at `offset`, though all before `next` was handed out already.
Error offset_repeated(const TopicPartition& partition, int64_t next, int64_t offset);
Error topic_recreated(const TopicPartition& partition, int64_t next, const std::string& stored_id,
                      const std::string& found_id);
/// The topic, or this partition of it, does not exist any more.
Error topic_gone(const TopicPartition& partition, int64_t next);

}  // namespace weir::connector

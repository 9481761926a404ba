#include <algorithm>
#include <charconv>

#include "base/hash.h"
#include "connector/kafka/start_internal.h"

namespace weir::connector {
namespace {

Error lost(std::string message) {
  return Error(ErrorKind::position_lost, std::move(message));
}

/// The command by which an operator goes on where nothing can be proven (exactly-once.md rule 8).
std::string go_on_at(const TopicPartition& partition, int64_t offset) {
  return "`weir progress set PIPELINE.yaml --partition " + partition.name() + " --next " + std::to_string(offset) +
         " --reason TEXT`";
}

Result<int64_t> first_start(const KafkaStart& start, const PartitionFacts& facts) {
  switch (start.at) {
    case KafkaStart::At::earliest: return facts.low;
    case KafkaStart::At::timestamp: return facts.at_timestamp >= 0 ? facts.at_timestamp : facts.stable;
    case KafkaStart::At::offsets: break;
  }
  const auto asked = start.offsets.find(facts.partition.name());
  if (asked == start.offsets.end()) return facts.low;
  const std::string range =
      "the partition holds " + std::to_string(facts.low) + " to " + std::to_string(facts.high) + " (not included)";
  if (asked->second < facts.low) {
    return lost("start: offset " + std::to_string(asked->second) + " of " + facts.partition.name() +
                " is gone: " + range + ". Start at " + std::to_string(facts.low) + " or later");
  }
  if (asked->second > facts.high) {
    return Error(ErrorKind::invalid_argument, "start: offset " + std::to_string(asked->second) + " of " +
                                                  facts.partition.name() + " does not exist yet: " + range);
  }
  return asked->second;
}

bool contains(const std::vector<PartitionFacts>& found, const TopicPartition& partition) {
  return std::any_of(found.begin(), found.end(), [&](const PartitionFacts& facts) {
    return facts.partition.partition == partition.partition && facts.partition.topic == partition.topic;
  });
}

}  // namespace

std::optional<TopicPartition> parse_partition(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const std::string_view digits = name.substr(slash + 1);
  int32_t number = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (failure != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, slash)), number};
}

Result<void> require_stored(const SourceProgress& from, const TopicSelection& selection,
                            const std::vector<PartitionFacts>& found) {
  for (const auto& [name, stored] : from.partitions) {
    const std::optional<TopicPartition> partition = parse_partition(name);
    if (!partition || !selection.selects(partition->topic)) continue;
    if (!contains(found, *partition)) return topic_gone(*partition, stored.next);
  }
  return {};
}

Result<void> require_named(const KafkaStart& start, const std::vector<PartitionFacts>& found) {
  if (start.at != KafkaStart::At::offsets) return {};
  for (const auto& [name, offset] : start.offsets) {
    const std::optional<TopicPartition> partition = parse_partition(name);
    if (!partition || contains(found, *partition)) continue;
    return Error(ErrorKind::invalid_argument, "start: '" + name + "' is not a partition of the topics of this source");
  }
  return {};
}

Result<int64_t> decide_start(const KafkaStart& start, const PartitionProgress* stored, const PartitionFacts& facts) {
  if (stored == nullptr) return first_start(start, facts);
  if (!stored->identity.empty() && !facts.topic_id.empty() && stored->identity != facts.topic_id) {
    return topic_recreated(facts.partition, stored->next, stored->identity, facts.topic_id);
  }
  if (stored->next < facts.low) return offsets_gone(facts.partition, stored->next, facts.low);
  if (stored->next > facts.high) return log_diverged(facts.partition, stored->next, facts.high);
  return stored->next;
}

int reader_of(const TopicPartition& partition, int readers) {
  const uint64_t number = hash64(partition.topic) + static_cast<uint64_t>(partition.partition);
  return static_cast<int>(number % static_cast<uint64_t>(readers));
}

Result<void> require_same_cluster(const std::string& stored_id, const std::string& cluster_id,
                                  const std::string& brokers) {
  if (stored_id.empty() || stored_id == cluster_id) return {};
  return lost("the tables hold progress of Kafka cluster " + stored_id + ", but " + brokers + " belongs to cluster " +
              cluster_id +
              ": offsets of one mean nothing on the other. Point `brokers` at the former cluster; to read this one, "
              "`weir progress forget PIPELINE.yaml --all --reason TEXT`");
}

Error offsets_gone(const TopicPartition& partition, int64_t next, int64_t low) {
  return lost(partition.name() + ": offsets " + std::to_string(next) + " to " + std::to_string(low - 1) +
              " are gone before they were read (retention, or records deleted): the tables have all before " +
              std::to_string(next) + ", the topic begins at " + std::to_string(low) +
              " now. Nothing was skipped. Keep the topic's records longer; to go on without these: " +
              go_on_at(partition, low));
}

Error log_diverged(const TopicPartition& partition, int64_t next, int64_t high) {
  return lost(partition.name() + ": the log ends at offset " + std::to_string(high) +
              ", but the tables have all before " + std::to_string(next) + ": offsets " + std::to_string(high) +
              " to " + std::to_string(next - 1) +
              " were lost by the brokers (unclean leader election, restored backup), or the topic was re-created. "
              "Records that now take these offsets are "
              "other ones. Compare table and topic; to go on: " +
              go_on_at(partition, high));
}

Error log_rewritten(const TopicPartition& partition, int64_t next, int32_t epoch, std::string_view reason) {
  int64_t end = -1;
  if (const size_t at = reason.find(kBrokerEnd); at != std::string_view::npos)
    std::from_chars(reason.data() + at + kBrokerEnd.size(), reason.data() + reason.size(), end);
  const std::string read = partition.name() + ": the log has diverged: the tables have all before offset " +
                           std::to_string(next) + ", read up to leader epoch " + std::to_string(epoch) + ", ";
  if (end < 0 || end >= next) {
    return lost(read +
                "which the brokers do not know any more (restored backup?). Compare table and topic; to go on: " +
                go_on_at(partition, next));
  }
  return lost(read + "but in the brokers' log that epoch ends at " + std::to_string(end) + ": offsets " +
              std::to_string(end) + " to " + std::to_string(next - 1) +
              " were lost (unclean leader election, restored backup), and other records have them now. Compare table "
              "and topic; to read those too, beside the lost ones in the tables: " +
              go_on_at(partition, end) + "; to leave them out: " + go_on_at(partition, next));
}

Error offset_repeated(const TopicPartition& partition, int64_t next, int64_t offset) {
  return lost(partition.name() + ": the brokers sent offset " + std::to_string(offset) + " again, though all before " +
              std::to_string(next) + " was read: the log has changed behind us. Compare table and topic; to go on: " +
              go_on_at(partition, next));
}

Error topic_recreated(const TopicPartition& partition, int64_t next, const std::string& stored_id,
                      const std::string& found_id) {
  return lost(
      partition.name() + ": the topic was deleted and created again (id " + stored_id + " then, " + found_id +
      " now): what stood from offset " + std::to_string(next) +
      " on in the former one cannot be read any more, and its offsets mean nothing in "
      "the new one. To read the new topic from its beginning: `weir progress forget PIPELINE.yaml --partition " +
      partition.name() + " --reason TEXT`");
}

Error topic_gone(const TopicPartition& partition, int64_t next) {
  return lost(
      partition.name() + ": does not exist any more: what stood from offset " + std::to_string(next) +
      " on cannot be read. If all of it was read: where `topics` names the topic, take it out; where a pattern selects "
      "it, for each of its partitions `weir progress forget PIPELINE.yaml --partition " +
      partition.name() + " --reason TEXT`");
}

}  // namespace weir::connector

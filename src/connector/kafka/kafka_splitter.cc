#include <algorithm>
#include <utility>

#include "connector/kafka/kafka_splitter_internal.h"
#include "connector/kafka/split_internal.h"

namespace weir::connector {
namespace {

constexpr int kStepMs = 100;  // how soon a stop is noticed
constexpr int kRetryPauseMs = 250;
constexpr int64_t kQuickLookMs = 2000;
constexpr int kGroupWaitMs = 2000;
constexpr int kSurveyTimeoutMs = 10'000;
constexpr int64_t kSecondUs = 1'000'000;

}  // namespace

Result<void> KafkaSplitter::open(const SourceProgress* from, const StopAsked& stop_asked) {
  stop_asked_ = stop_asked;
  if (!client_) {
    WEIR_ASSIGN(client_, KafkaClient::make(spec_, clock_, log_, KafkaClient::Role::looks));
  }
  WEIR_ASSIGN(cluster_id_, client_->connect(Deadline::after_ms(clock_, spec_.open_timeout_ms), stop_asked));
  survey_ = std::make_unique<PartitionSurvey>(*client_, spec_, selection_);
  from_ = from == nullptr ? SourceProgress() : *from;
  WEIR_TRY(require_same_cluster(from_.identity, cluster_id_, spec_.brokers));
  expect_topics(from_);
  return {};
}

/// Notes which topics must still be there, and be the same.
void KafkaSplitter::expect_topics(const SourceProgress& from) {
  for (const auto& [name, stored] : from.partitions) {
    const std::optional<TopicPartition> partition = parse_partition(name);
    if (!partition || !selection_.selects(partition->topic)) continue;
    KnownTopic& known = survey_->known()[partition->topic];
    known.example = *partition;
    known.next = stored.next;
    if (known.id.empty()) known.id = stored.identity;
  }
}

Result<Discovery> KafkaSplitter::discover(bool is_in_doubt) {
  client_->serve();
  Discovery found{.splits = {}, .is_last = spec_.bounded, .next_us = clock_.monotonic_us() + kSecondUs};
  const bool is_due = !has_dealt_ || is_in_doubt || client_->is_away() || clock_.monotonic_us() >= next_survey_us_;
  if (!is_due) return found;
  const Deadline deadline = Deadline::after_ms(clock_, has_dealt_ ? kQuickLookMs : spec_.open_timeout_ms);
  Result<std::vector<PartitionFacts>> facts = survey(deadline);
  while (!facts.ok() && facts.error().retry() == RetryHint::backoff) {
    if (stop_asked_()) return client_->stopped();
    if (has_dealt_) {  // what is read goes on; the client's log tells of the outage
      next_survey_us_ = 0;
      return found;
    }
    if (deadline.passed(clock_)) return client_->explain(std::move(facts).error());
    client_->serve(kRetryPauseMs);
    facts = survey(deadline);
  }
  if (!facts.ok() && may_appear(facts.error())) return Error(ErrorKind::unavailable, facts.error().message());
  if (!facts.ok()) return std::move(facts).error();
  client_->note_answer();
  if (!has_dealt_) {
    WEIR_TRY(require_stored(from_, selection_, *facts));
    WEIR_TRY(require_named(spec_.start, *facts));
  }
  if (!has_dealt_ && from_.partitions.empty()) ask_for_lost_tables(*facts);
  WEIR_ASSIGN(found.splits, deal(*facts));
  next_survey_us_ = spec_.bounded ? kNoTime : clock_.monotonic_us() + spec_.discover_every_ms * 1000;
  found.next_us = std::min(found.next_us, next_survey_us_);
  has_dealt_ = true;
  return found;
}

/// A topic of which nothing was read may still be made.
bool KafkaSplitter::may_appear(const Error& error) {
  if (error.kind() != ErrorKind::not_found || has_dealt_) return false;
  const int64_t now_us = clock_.monotonic_us();
  if (missing_since_us_ < 0) missing_since_us_ = now_us;
  return spec_.wait_for_topics_ms < 0 || now_us - missing_since_us_ < spec_.wait_for_topics_ms * 1000;
}

/// Looks at all topics once.
Result<std::vector<PartitionFacts>> KafkaSplitter::survey(Deadline deadline) {
  const auto is_new = [this](const TopicPartition& partition) {
    return !has_dealt_ || (!spec_.bounded && !dealt_.contains(partition.name()));
  };
  const auto left_ms = static_cast<int>(std::clamp<int64_t>(deadline.remaining_ms(clock_), 1, kSurveyTimeoutMs));
  client_->serve();
  WEIR_TRY(survey_->begin(has_dealt_ && (client_->is_away() || spec_.bounded) ? 0 : left_ms, left_ms));
  while (true) {
    WEIR_ASSIGN(std::optional<std::vector<PartitionFacts>> facts, survey_->step(kStepMs, is_new));
    if (facts) return std::move(*facts);
    client_->serve();
    WEIR_TRY(client_->require_not_refused());
    if (stop_asked_()) return client_->stopped();
    if (deadline.passed(clock_))
      return Error(ErrorKind::unavailable,
                   "Kafka at " + spec_.brokers + ": no answer about topics and offsets in time");
  }
}

/// Tables that know nothing of a pipeline whose group has come far may be lost, or others than before: an unmounted
/// volume, another warehouse. Its offsets are a hint and never decide, so that this is only said.
void KafkaSplitter::ask_for_lost_tables(const std::vector<PartitionFacts>& facts) {
  if (spec_.group.empty() || facts.empty()) return;
  const KafkaPartitionList offsets(rd_kafka_topic_partition_list_new(static_cast<int>(facts.size())));
  for (const PartitionFacts& found : facts)
    rd_kafka_topic_partition_list_add(offsets.get(), found.partition.topic.c_str(), found.partition.partition);
  if (rd_kafka_committed(client_->handle(), offsets.get(), kGroupWaitMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  int64_t landed = 0;
  std::string example;
  for (size_t i = 0; i < facts.size(); ++i) {
    const rd_kafka_topic_partition_t& partition = offsets->elems[i];
    if (partition.offset <= facts[i].low) continue;
    landed += partition.offset - facts[i].low;
    if (example.empty()) example = facts[i].partition.name() + " up to offset " + std::to_string(partition.offset);
  }
  if (landed == 0) return;
  client_->log(KafkaLogLevel::warning,
               "Kafka: the tables hold nothing of this pipeline, but its group '" + spec_.group + "' says that " +
                   std::to_string(landed) + " of the records that are there have landed (" + example +
                   "). Is this the right catalog, and is its folder mounted? If not, stop now: all of them are read "
                   "again, into these tables. If it is, all is well");
}

/// Decides where to begin with each of `facts`, and who reads it.
Result<std::vector<AssignedSplit>> KafkaSplitter::deal(const std::vector<PartitionFacts>& facts) {
  std::vector<AssignedSplit> splits;
  for (const PartitionFacts& found : facts) {
    const std::string name = found.partition.name();
    const auto stored = from_.partitions.find(name);
    const bool is_stored = !has_dealt_ && stored != from_.partitions.end();
    WEIR_ASSIGN(const int64_t start, decide_start(spec_.start, is_stored ? &stored->second : nullptr, found));
    splits.push_back(to_assigned({.partition = found.partition,
                                  .cluster_id = cluster_id_,
                                  .topic_id = found.topic_id,
                                  .next = start,
                                  .leader_epoch = is_stored ? stored->second.leader_epoch : -1,
                                  .end = spec_.bounded ? std::max(found.stable, start) : kNoEnd,
                                  .high = found.high},
                                 reader_of(found.partition, readers_)));
    dealt_.insert(name);
    if (has_dealt_) client_->log(KafkaLogLevel::info, "Kafka: new partition " + name);
  }
  return splits;
}

void KafkaSplitter::release(const SourceProgress& durable) {
  expect_topics(durable);
  const KafkaPartitionList offsets(rd_kafka_topic_partition_list_new(static_cast<int>(dealt_.size())));
  for (const auto& [name, stored] : durable.partitions) {
    const std::optional<TopicPartition> partition = parse_partition(name);
    if (!partition || !dealt_.contains(name)) continue;
    rd_kafka_topic_partition_list_add(offsets.get(), partition->topic.c_str(), partition->partition)->offset =
        stored.next;
  }
  client_->commit_offsets(*offsets);
}

}  // namespace weir::connector

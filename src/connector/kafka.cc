#include "connector/kafka.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "connector/kafka_client_internal.h"
#include "connector/kafka_config_internal.h"
#include "connector/kafka_partitions_internal.h"
#include "connector/kafka_survey_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBatchEventsMax = 8192;
constexpr size_t kFirstBatchEvents = 1024;  // until the size of an event is known
constexpr int kRetryPauseMs = 250;
constexpr int kListWaitMs = 1000;
constexpr int kSurveyTimeoutMs = 10'000;
constexpr int kWatermarkWaitMs = 5000;
constexpr int64_t kLagEveryUs = 1'000'000;
constexpr int64_t kSecondUs = 1'000'000;

/// Failures of a partition's fetch that pass by themselves and lose nothing.
bool is_passing(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_UNKNOWN:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND:
    case RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH: return true;
    default: return false;
  }
}

class KafkaSource final : public Source {
 public:
  KafkaSource(KafkaSpec spec, TopicSelection selection, const Clock& clock, KafkaLog log, ReaderShare share)
      : spec_(std::move(spec)), selection_(std::move(selection)), clock_(clock), log_(std::move(log)), share_(share),
        batch_bytes_(static_cast<size_t>(FetchBudget::split(spec_.fetch_budget_bytes).batch_bytes)) {}

  Result<void> open(const SourceProgress* from) override {
    const Deadline deadline = Deadline::after_ms(clock_, spec_.open_timeout_ms);
    WEIR_ASSIGN(client_, KafkaClient::make(spec_, clock_, log_));
    partitions_ = std::make_unique<ReaderPartitions>(client_->handle());
    survey_ = std::make_unique<PartitionSurvey>(*client_, spec_, selection_, share_);
    WEIR_ASSIGN(cluster_id_, client_->connect(deadline));
    if (from != nullptr) {
      WEIR_TRY(require_same_cluster(from->identity, cluster_id_, spec_.brokers));
      expect_topics(*from);
    }
    WEIR_ASSIGN(const std::vector<PartitionFacts> facts, survey_until(deadline));
    if (from != nullptr) WEIR_TRY(require_stored(*from, selection_, share_, facts));
    WEIR_TRY(require_named(spec_.start, share_, facts));
    WEIR_TRY(admit(facts, from));
    client_->note_answer();
    next_survey_us_ = spec_.bounded ? kNoEnd : clock_.monotonic_us() + spec_.discover_every_ms * 1000;
    return {};
  }

  Result<Poll> poll(int wait_ms) override {
    if (failure_) return Error(*failure_);
    if (is_finished()) return Poll{Poll::State::finished, nullptr};
    client_->serve();
    if (Result<void> seen = look_around(); !seen.ok()) return fail(std::move(seen).error());
    if (messages_.empty()) messages_.take(client_->queue(), wanted_events_, wait_ms);
    if (Result<void> same = require_same_topics(); !same.ok()) return fail(std::move(same).error());
    return hand_out();
  }

  SourceProgress progress() const override {
    SourceProgress progress;
    progress.identity = cluster_id_;
    if (!partitions_) return progress;
    for (const ReaderPartition& partition : partitions_->all()) {
      progress.partitions[partition.name] = {.next = partition.next, .next_byte = 0, .identity = partition.topic_id};
    }
    return progress;
  }

  const PartitionNames& partitions() const override { return partitions_ ? partitions_->names() : no_names_; }

  SourceLag lag() const override {
    if (!partitions_) return {};
    const int64_t now = clock_.monotonic_us();
    if (lag_events_ < 0 || now >= next_lag_us_) {
      lag_events_ = partitions_->lag_events();
      next_lag_us_ = now + kLagEveryUs;
    }
    return {.events = lag_events_, .bytes = -1};
  }

  void on_committed(const SourceProgress& committed) override {
    if (!client_) return;
    const KafkaPartitionList offsets(rd_kafka_topic_partition_list_new(static_cast<int>(partitions_->all().size())));
    for (const ReaderPartition& partition : partitions_->all()) {
      const auto found = committed.partitions.find(partition.name);
      if (found == committed.partitions.end()) continue;
      rd_kafka_topic_partition_list_add(offsets.get(), partition.id.topic.c_str(), partition.id.partition)->offset = found->second.next;
    }
    client_->commit_offsets(*offsets);
  }

 private:
  bool is_finished() const { return spec_.bounded && partitions_->all_finished() && messages_.empty(); }

  /// Errors: position_lost when the client has begun to read a topic by another id than it had; nothing of that is handed out.
  Result<void> require_same_topics() {
    for (const KafkaClient::TopicId& seen : client_->take_topic_ids()) {
      const auto known = survey_->known().find(seen.topic);
      if (known == survey_->known().end() || known->second.id.empty() || known->second.id == seen.id) continue;
      update_known();
      return topic_recreated(known->second.example, known->second.next, known->second.id, seen.id);
    }
    return {};
  }

  Error fail(Error error) {
    messages_.clear();
    failure_ = error;
    return error;
  }

  /// Notes which topics must still be there, and be the same.
  void expect_topics(const SourceProgress& from) {
    for (const auto& [name, stored] : from.partitions) {
      const std::optional<TopicPartition> partition = parse_partition(name);
      if (!partition || !selection_.selects(partition->topic)) continue;
      survey_->known().try_emplace(partition->topic, KnownTopic{.id = stored.identity, .example = *partition, .next = stored.next});
    }
  }

  Result<std::vector<PartitionFacts>> survey_until(Deadline deadline) {
    while (true) {
      Result<std::vector<PartitionFacts>> facts = survey_once(deadline);
      if (facts.ok() || facts.error().retry() == RetryHint::no) return facts;
      if (deadline.passed(clock_)) return client_->explain(std::move(facts).error());
      client_->serve(kRetryPauseMs);
    }
  }

  Result<std::vector<PartitionFacts>> survey_once(Deadline deadline) {
    const auto left_ms = static_cast<int>(std::clamp<int64_t>(deadline.remaining_ms(clock_), 1, kSurveyTimeoutMs));
    WEIR_TRY(survey_->begin(left_ms, left_ms));
    while (true) {
      WEIR_ASSIGN(std::optional<std::vector<PartitionFacts>> facts, survey_->step(kRetryPauseMs, [](const TopicPartition&) { return true; }));
      if (facts) return std::move(*facts);
      client_->serve();
      WEIR_TRY(client_->require_not_refused());
      if (deadline.passed(clock_)) return Error(ErrorKind::unavailable, "Kafka at " + spec_.brokers + ": no answer about topics and offsets in time");
    }
  }

  /// Decides where to begin with each of `facts` and lets the client fetch them.
  Result<void> admit(const std::vector<PartitionFacts>& facts, const SourceProgress* from) {
    if (facts.empty()) return {};
    std::vector<int64_t> starts;
    for (const PartitionFacts& found : facts) {
      const PartitionProgress* stored = nullptr;
      if (from != nullptr) {
        const auto place = from->partitions.find(found.partition.name());
        if (place != from->partitions.end()) stored = &place->second;
      }
      WEIR_ASSIGN(const int64_t start, decide_start(spec_.start, stored, found));
      starts.push_back(start);
    }
    const KafkaPartitionList assigned(rd_kafka_topic_partition_list_new(static_cast<int>(facts.size())));
    for (size_t i = 0; i < facts.size(); ++i) {
      const PartitionIndex index = partitions_->add(facts[i], starts[i], spec_.bounded ? std::max(facts[i].stable, starts[i]) : kNoEnd);
      if ((*partitions_)[index].finished) continue;
      rd_kafka_topic_partition_list_add(assigned.get(), facts[i].partition.topic.c_str(), facts[i].partition.partition)->offset = starts[i];
    }
    if (assigned->cnt == 0) return {};
    const KafkaError error(rd_kafka_incremental_assign(client_->handle(), assigned.get()));
    if (error) return Error(ErrorKind::internal, std::string("Kafka client: assigning partitions: ") + rd_kafka_error_string(error.get()));
    return {};
  }

  /// Brings up to date what messages about known topics say.
  void update_known() {
    const std::vector<ReaderPartition>& all = partitions_->all();
    for (auto ours = all.rbegin(); ours != all.rend(); ++ours) {
      KnownTopic& known = survey_->known()[ours->id.topic];
      known.example = ours->id;
      known.next = ours->next;
    }
  }

  Result<void> begin_survey() {
    update_known();
    Result<void> begun = survey_->begin(client_->is_away() || spec_.bounded ? 0 : kListWaitMs, kSurveyTimeoutMs);
    if (begun.ok() || (begun.error().kind() != ErrorKind::unavailable && begun.error().kind() != ErrorKind::unauthenticated)) return begun;
    next_survey_us_ = clock_.monotonic_us() + kSecondUs;
    return {};
  }

  /// From time to time, and while brokers are away: are the topics the same, are there new partitions, does anybody answer?
  Result<void> look_around() {
    if (!survey_->is_under_way()) {
      const int64_t due_us = client_->is_away() ? std::min(next_survey_us_, retry_survey_us_) : next_survey_us_;
      if (clock_.monotonic_us() < due_us) return {};
      WEIR_TRY(begin_survey());
      if (!survey_->is_under_way()) return {};
    }
    const auto is_new = [this](const TopicPartition& partition) { return !spec_.bounded && !partitions_->contains(partition); };
    Result<std::optional<std::vector<PartitionFacts>>> facts = survey_->step(0, is_new);
    if (!facts.ok() && facts.error().retry() == RetryHint::no) return std::move(facts).error();
    if (facts.ok() && !*facts) return {};
    retry_survey_us_ = clock_.monotonic_us() + kSecondUs;
    if (!facts.ok()) {
      next_survey_us_ = std::min(next_survey_us_, retry_survey_us_);
      return {};
    }
    next_survey_us_ = spec_.bounded ? kNoEnd : clock_.monotonic_us() + spec_.discover_every_ms * 1000;
    client_->note_answer();
    for (const PartitionFacts& found : **facts) client_->log(KafkaLogLevel::info, "Kafka: new partition " + found.partition.name());
    return admit(**facts, nullptr);
  }

  /// Turns the messages in hand into a batch. What follows a failure stays unread.
  Result<Poll> hand_out() {
    size_t bytes = 0;
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (messages_[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) bytes += kept(messages_[i].len) + kept(messages_[i].key_len);
    }
    if (bytes > 0) builder_.reserve(bytes, messages_.size());
    for (size_t i = 0; i < messages_.size() && !failure_; ++i) {
      const rd_kafka_message_t& message = messages_[i];
      if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        add_event(message);
      } else {
        take_notice(message);
      }
      messages_.give_back(i);
    }
    messages_.clear();
    if (!builder_.empty()) {
      if (client_->is_away()) client_->note_answer();
      const size_t mean = builder_.payload_bytes() / builder_.size() + 1;
      wanted_events_ = std::clamp<size_t>(batch_bytes_ / mean, 1, kBatchEventsMax);
      return Poll{Poll::State::events, builder_.finish()};
    }
    if (failure_) return Error(*failure_);
    return Poll{is_finished() ? Poll::State::finished : Poll::State::idle, nullptr};
  }

  size_t kept(size_t size) const { return std::min(size, spec_.record_bytes_max); }

  void add_event(const rd_kafka_message_t& message) {
    const PartitionIndex index = partitions_->find(message.rkt, message.partition);
    if (index < 0) return;
    ReaderPartition& partition = (*partitions_)[index];
    if (message.offset >= partition.end) return partitions_->finish(partition);
    if (message.offset < partition.next) {
      failure_ = offset_repeated(partition.id, partition.next, message.offset);
      return;
    }
    rd_kafka_timestamp_type_t kind{};
    const int64_t timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
    builder_.add({static_cast<const char*>(message.payload), kept(message.len)},
                 {.partition = index,
                  .offset = message.offset,
                  .timestamp_ms = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? kNoTimestamp : timestamp_ms,
                  .key = {static_cast<const char*>(message.key), kept(message.key_len)},
                  .has_key = message.key != nullptr,
                  .is_null = message.payload == nullptr,
                  .is_truncated = message.len > spec_.record_bytes_max || message.key_len > spec_.record_bytes_max});
    partition.next = message.offset + 1;
    if (partition.next >= partition.end) partitions_->finish(partition);
  }

  /// The end of a partition, or what went wrong with it.
  void take_notice(const rd_kafka_message_t& message) {
    const PartitionIndex index = message.rkt == nullptr ? -1 : partitions_->find(message.rkt, message.partition);
    if (index >= 0) return take_partition_notice(message, (*partitions_)[index]);
    // Nothing to do with what is read: the group's coordinator, or a partition that this reader has let go.
    if (is_passing(message.err)) return;
    const int64_t now = clock_.monotonic_us();
    if (now < next_group_log_us_) return;
    next_group_log_us_ = now + 60 * kSecondUs;
    client_->log(KafkaLogLevel::warning, std::string("Kafka: ") + rd_kafka_message_errstr(&message) + " (" + rd_kafka_err2name(message.err) + ")");
  }

  void take_partition_notice(const rd_kafka_message_t& message, ReaderPartition& partition) {
    switch (message.err) {
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        if (message.offset >= partition.end) return partitions_->finish(partition);
        partition.next = std::max(partition.next, message.offset);  // over what transactions and compaction have left empty
        return;
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      case RD_KAFKA_RESP_ERR__LOG_TRUNCATION: failure_ = lost(message, partition); return;
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID: next_survey_us_ = 0; return;  // the survey finds out
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        failure_ = Error(ErrorKind::permission_denied, "Kafka at " + spec_.brokers + ": topic '" + partition.id.topic +
                                                           "' may not be read any more. Give the user the rights Describe and Read on it");
        return;
      default: break;
    }
    if (is_passing(message.err)) return;
    // The client goes on behind what it could not read; we do not.
    failure_ = Error(ErrorKind::corrupt, partition.name + ": offset " + std::to_string(std::max(partition.next, message.offset)) + " cannot be read: " +
                                             rd_kafka_message_errstr(&message) + " (" + rd_kafka_err2name(message.err) +
                                             "). Nothing was skipped; repair the partition from a replica");
  }

  Error lost(const rd_kafka_message_t& message, const ReaderPartition& partition) {
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(client_->handle(), partition.id.topic.c_str(), partition.id.partition, &low,
                                                                      &high, kWatermarkWaitMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next < low) return offsets_gone(partition.id, partition.next, low);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next > high) return log_diverged(partition.id, partition.next, high);
    return Error(ErrorKind::position_lost, partition.name + ": offset " + std::to_string(partition.next) + " cannot be read any more: " +
                                               rd_kafka_message_errstr(&message) + ". Start again to see which range is left");
  }

  const KafkaSpec spec_;
  const TopicSelection selection_;
  const Clock& clock_;
  const KafkaLog log_;
  const ReaderShare share_;
  const size_t batch_bytes_;
  const PartitionNames no_names_;
  std::string cluster_id_;
  std::unique_ptr<KafkaClient> client_;  // before all that holds objects of it
  std::unique_ptr<ReaderPartitions> partitions_;
  std::unique_ptr<PartitionSurvey> survey_;
  KafkaMessages messages_;
  RawBatchBuilder builder_;
  size_t wanted_events_ = kFirstBatchEvents;
  int64_t next_survey_us_ = 0;
  int64_t retry_survey_us_ = 0;
  int64_t next_group_log_us_ = 0;
  std::optional<Error> failure_;  ///< once failed, failed for good
  mutable int64_t lag_events_ = -1;
  mutable int64_t next_lag_us_ = 0;
};

class KafkaSourceFactory final : public SourceFactory {
 public:
  KafkaSourceFactory(KafkaSpec spec, const Clock& clock, KafkaLog log) : spec_(std::move(spec)), clock_(clock), log_(std::move(log)) {}
  Result<std::unique_ptr<Source>> make(ReaderShare share) override {
    WEIR_TRY(check_kafka_spec(spec_));
    WEIR_ASSIGN(TopicSelection selection, TopicSelection::make(spec_.topics));
    return std::unique_ptr<Source>(std::make_unique<KafkaSource>(spec_, std::move(selection), clock_, log_, share));
  }

 private:
  const KafkaSpec spec_;
  const Clock& clock_;
  const KafkaLog log_;
};

}  // namespace

std::unique_ptr<SourceFactory> make_kafka_source(KafkaSpec spec, const Clock& clock, KafkaLog log) {
  return std::make_unique<KafkaSourceFactory>(std::move(spec), clock, std::move(log));
}

}  // namespace weir::connector

#include "connector/kafka/kafka_source.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "connector/kafka/batches_internal.h"
#include "connector/kafka/client_internal.h"
#include "connector/kafka/partitions_internal.h"
#include "connector/kafka/survey_internal.h"

namespace weir::connector {
namespace {

constexpr int kRetryPauseMs = 250;
constexpr int kListWaitMs = 1000;
constexpr int kSurveyTimeoutMs = 10'000;
constexpr int64_t kLagEveryUs = 1'000'000;
constexpr int64_t kSecondUs = 1'000'000;

class KafkaSource final : public Source {
 public:
  KafkaSource(KafkaSpec spec, TopicSelection selection, const Clock& clock, KafkaLog log, TaskShare share)
      : spec_(std::move(spec)), selection_(std::move(selection)), clock_(clock), log_(std::move(log)), share_(share) {}

  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override {
    const Deadline deadline = Deadline::after_ms(clock_, spec_.open_timeout_ms);
    WEIR_ASSIGN(client_, KafkaClient::make(spec_, clock_, log_));
    partitions_ = std::make_unique<ReaderPartitions>(client_->handle(), spec_.source);
    batches_ =
        std::make_unique<KafkaBatches>(*client_, *partitions_, spec_, clock_, [this] { return require_same_topics(); });
    survey_ = std::make_unique<PartitionSurvey>(*client_, spec_, selection_, share_);
    WEIR_ASSIGN(cluster_id_, client_->connect(deadline, stop_asked));
    if (from != nullptr) {
      WEIR_TRY(require_same_cluster(from->identity, cluster_id_, spec_.brokers));
      expect_topics(*from);
    }
    WEIR_ASSIGN(const std::vector<PartitionFacts> facts, survey_until(deadline, stop_asked));
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
    Result<std::shared_ptr<const RawBatch>> events = next_batch(wait_ms);
    if (!events.ok()) return fail(std::move(events).error());
    if (*events) return Poll{Poll::State::events, std::move(*events)};
    return Poll{is_finished() ? Poll::State::finished : Poll::State::idle, nullptr};
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
      rd_kafka_topic_partition_list_add(offsets.get(), partition.id.topic.c_str(), partition.id.partition)->offset =
          found->second.next;
    }
    client_->commit_offsets(*offsets);
  }

 private:
  bool is_finished() const { return spec_.bounded && partitions_->all_finished(); }

  Result<std::shared_ptr<const RawBatch>> next_batch(int wait_ms) {
    client_->serve();
    WEIR_TRY(look_around());
    WEIR_ASSIGN(std::shared_ptr<const RawBatch> events, batches_->next(wait_ms));
    if (events && client_->is_away()) client_->note_answer();
    if (batches_->take_doubt()) next_survey_us_ = 0;
    return events;
  }

  /// Errors: position_lost when the client has begun to read a topic by another id than it had; nothing of that is
  /// handed out.
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
    failure_ = error;
    return error;
  }

  /// Notes which topics must still be there, and be the same.
  void expect_topics(const SourceProgress& from) {
    for (const auto& [name, stored] : from.partitions) {
      const std::optional<TopicPartition> partition = parse_partition(name);
      if (!partition || !selection_.selects(partition->topic)) continue;
      survey_->known().try_emplace(partition->topic,
                                   KnownTopic{.id = stored.identity, .example = *partition, .next = stored.next});
    }
  }

  Result<std::vector<PartitionFacts>> survey_until(Deadline deadline, const StopAsked& stop_asked) {
    while (true) {
      Result<std::vector<PartitionFacts>> facts = survey_once(deadline, stop_asked);
      if (facts.ok() || facts.error().retry() == RetryHint::no) return facts;
      if (stop_asked()) return client_->stopped();
      if (deadline.passed(clock_)) return client_->explain(std::move(facts).error());
      client_->serve(kRetryPauseMs);
    }
  }

  Result<std::vector<PartitionFacts>> survey_once(Deadline deadline, const StopAsked& stop_asked) {
    const auto left_ms = static_cast<int>(std::clamp<int64_t>(deadline.remaining_ms(clock_), 1, kSurveyTimeoutMs));
    WEIR_TRY(survey_->begin(left_ms, left_ms));
    while (true) {
      WEIR_ASSIGN(std::optional<std::vector<PartitionFacts>> facts,
                  survey_->step(kRetryPauseMs, [](const TopicPartition&) { return true; }));
      if (facts) return std::move(*facts);
      client_->serve();
      WEIR_TRY(client_->require_not_refused());
      if (stop_asked()) return client_->stopped();
      if (deadline.passed(clock_))
        return Error(ErrorKind::unavailable,
                     "Kafka at " + spec_.brokers + ": no answer about topics and offsets in time");
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
      const PartitionIndex index =
          partitions_->add(facts[i], starts[i], spec_.bounded ? std::max(facts[i].stable, starts[i]) : kNoEnd);
      if ((*partitions_)[index].finished) continue;
      rd_kafka_topic_partition_list_add(assigned.get(), facts[i].partition.topic.c_str(), facts[i].partition.partition)
          ->offset = starts[i];
    }
    if (assigned->cnt == 0) return {};
    const KafkaError error(rd_kafka_incremental_assign(client_->handle(), assigned.get()));
    if (error)
      return Error(ErrorKind::internal,
                   std::string("Kafka client: assigning partitions: ") + rd_kafka_error_string(error.get()));
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
    if (begun.ok() ||
        (begun.error().kind() != ErrorKind::unavailable && begun.error().kind() != ErrorKind::unauthenticated))
      return begun;
    next_survey_us_ = clock_.monotonic_us() + kSecondUs;
    return {};
  }

  /// From time to time, and while brokers are away: are the topics the same, are there new partitions, does anybody
  /// answer?
  Result<void> look_around() {
    if (!survey_->is_under_way()) {
      const int64_t due_us = client_->is_away() ? std::min(next_survey_us_, retry_survey_us_) : next_survey_us_;
      if (clock_.monotonic_us() < due_us) return {};
      WEIR_TRY(begin_survey());
      if (!survey_->is_under_way()) return {};
    }
    const auto is_new = [this](const TopicPartition& partition) {
      return !spec_.bounded && !partitions_->contains(partition);
    };
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
    for (const PartitionFacts& found : **facts)
      client_->log(KafkaLogLevel::info, "Kafka: new partition " + found.partition.name());
    return admit(**facts, nullptr);
  }

  const KafkaSpec spec_;
  const TopicSelection selection_;
  const Clock& clock_;
  const KafkaLog log_;
  const TaskShare share_;
  std::string cluster_id_;
  std::unique_ptr<KafkaClient> client_;  // before all that holds objects of it
  std::unique_ptr<ReaderPartitions> partitions_;
  std::unique_ptr<PartitionSurvey> survey_;
  std::unique_ptr<KafkaBatches> batches_;
  int64_t next_survey_us_ = 0;
  int64_t retry_survey_us_ = 0;
  std::optional<Error> failure_;  ///< once failed, failed for good
  mutable int64_t lag_events_ = -1;
  mutable int64_t next_lag_us_ = 0;
};

class KafkaSourceFactory final : public SourceFactory {
 public:
  KafkaSourceFactory(KafkaSpec spec, const Clock& clock, KafkaLog log)
      : spec_(std::move(spec)), clock_(clock), log_(std::move(log)) {}
  Result<std::unique_ptr<Source>> make(TaskShare share) override {
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

#include <algorithm>
#include <cstring>

#include "connector/kafka/client_internal.h"
#include "connector/kafka/config_internal.h"
#include "connector/kafka/refusal_internal.h"

namespace weir::connector {
namespace {

constexpr int kLogLevelWarning = 4;  // syslog's numbers
constexpr int kLogLinesMinuteMax = 20;
constexpr int64_t kMinuteUs = 60'000'000;
constexpr int64_t kOutagePauseMinUs = 1'000'000;
constexpr int64_t kOutagePauseMaxUs = 60'000'000;
constexpr int kSliceMs = 50;
constexpr int kLastCommitWaitMs = 1000;
constexpr int kGroupTimeoutMs = 10'000;

}  // namespace

KafkaClient::KafkaClient(const KafkaSpec& spec, const Clock& clock, KafkaLog log, Role role)
    : brokers_(spec.brokers),
      security_(spec.security),
      group_(spec.group),
      clock_(clock),
      log_(std::move(log)),
      role_(role) {}

Result<std::unique_ptr<KafkaClient>> KafkaClient::make(const KafkaSpec& spec, const Clock& clock, KafkaLog log,
                                                       Role role) {
  WEIR_ASSIGN(KafkaConf conf, make_kafka_conf(spec));
  auto self = std::unique_ptr<KafkaClient>(new KafkaClient(spec, clock, std::move(log), role));
  rd_kafka_conf_set_opaque(conf.get(), self.get());
  rd_kafka_conf_set_error_cb(conf.get(), &KafkaClient::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &KafkaClient::on_log);
  char reason[512] = "";
  self->client_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), reason, sizeof reason));
  if (!self->client_) return settings_refused(reason, spec.security);
  conf.release();  // NOLINT(bugprone-unused-return-value): it belongs to the client now
  self->queue_.reset(rd_kafka_queue_get_consumer(self->client_.get()));
  WEIR_CHECK(self->queue_ != nullptr);
  // Log lines in one queue with the messages: that is what orders the topic id alarm before the records that it warns
  // of.
  rd_kafka_set_log_queue(self->client_.get(), self->queue_.get());
  if (spec.security.protocol == KafkaSecurity::Protocol::sasl_plaintext && role == Role::looks) {
    self->log(KafkaLogLevel::warning, "Kafka: sasl_plaintext sends credentials unencrypted; use sasl_ssl");
  }
  return self;
}

KafkaClient::~KafkaClient() {
  if (wake_up_) rd_kafka_queue_cb_event_enable(queue(), nullptr, nullptr);
  // The last offsets of a run that ends in order: worth a moment, not more.
  const Deadline deadline = Deadline::after_ms(clock_, kLastCommitWaitMs);
  while (group_offsets_ && !is_away() && !deadline.passed(clock_)) take_group_answer(kSliceMs);
}

Result<std::string> KafkaClient::connect(Deadline deadline, const StopAsked& stop_asked) {
  while (true) {
    // A question makes the client connect at once; left alone, it takes up to a second to begin.
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(handle(), 0, nullptr, &raw, kSliceMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const KafkaMetadata metadata(raw);
      char* id = rd_kafka_clusterid(handle(), 0);
      if (id == nullptr)
        return Error(ErrorKind::unsupported,
                     "Kafka at " + brokers_ + " has no cluster id: brokers before 0.10.1 are not supported");
      std::string cluster_id(id);
      rd_kafka_mem_free(handle(), id);
      return cluster_id;
    }
    rd_kafka_poll(handle(), kSliceMs);
    WEIR_TRY(require_not_refused());
    if (stop_asked()) return stopped();
    if (deadline.passed(clock_)) return unreachable("connecting");
  }
}

Result<std::vector<std::string>> KafkaClient::topic_names(int wait_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(handle(), 1, nullptr, &raw, wait_ms);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_poll(handle(), 0);
    WEIR_TRY(require_not_refused());
    if (last_reason_.empty()) last_reason_ = rd_kafka_err2str(code);
    return unreachable("listing topics");
  }
  const KafkaMetadata metadata(raw);
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) names.emplace_back(metadata->topics[i].topic);
  }
  return names;
}

void KafkaClient::wake_by(std::function<void()> wake_up) {
  wake_up_ = std::move(wake_up);
  rd_kafka_queue_cb_event_enable(
      queue(), [](rd_kafka_t*, void* self) { static_cast<KafkaClient*>(self)->wake_up_(); }, this);
}

void KafkaClient::serve(int wait_ms) {
  rd_kafka_poll(handle(), wait_ms);
  if (group_offsets_) take_group_answer(0);
  if (is_away()) log_outage();
}

void KafkaClient::note_answer() {
  last_reason_.clear();
  refusal_.reset();
  if (!is_away()) return;
  if (outage_log_pause_us_ > 0) {
    log(KafkaLogLevel::info, "Kafka at " + brokers_ + " answers again after " +
                                 std::to_string((clock_.monotonic_us() - away_since_us_) / 1'000'000) + " s");
  }
  away_since_us_ = 0;
}

void KafkaClient::commit_offsets(const rd_kafka_topic_partition_list_t& offsets) {
  if (group_.empty() || group_offsets_ || offsets.cnt == 0) return;
  group_offsets_.emplace(handle(), group_, offsets, kGroupTimeoutMs);
}

void KafkaClient::take_group_answer(int wait_ms) {
  const Result<bool> taken = group_offsets_->take(wait_ms);
  if (taken.ok() && !*taken) return;
  group_offsets_.reset();
  if (!taken.ok())
    log(KafkaLogLevel::warning, "Kafka: group offsets (for lag tools only) were not taken: " + taken.error().message());
}

Result<void> KafkaClient::require_not_refused() const {
  return refusal_ ? Result<void>(Error(*refusal_)) : Result<void>();
}

Error KafkaClient::explain(Error error) const {
  if (refusal_) return *refusal_;
  if (last_reason_.empty()) return error;
  return Error(error.kind(), error.message() + "; last failure of a connection: " + last_reason_);
}

Error KafkaClient::stopped() const {
  return Error(ErrorKind::cancelled, "stopped while waiting for Kafka at " + brokers_);
}

Error KafkaClient::unreachable(std::string_view doing) const {
  const std::string last = last_reason_.empty() ? "no answer" : last_reason_;
  return Error(
      ErrorKind::unavailable,
      "Kafka at " + brokers_ + ": no broker can be reached (" + std::string(doing) + "); last: " + last +
          ". Check that the addresses are right, the brokers run, and security.protocol is that of their listener");
}

void KafkaClient::log(KafkaLogLevel level, std::string_view text) const {
  if (log_) log_(level, without_secrets(std::string(text), security_));
}

void KafkaClient::on_error(rd_kafka_t* client, int code, const char* reason, void* self) {
  std::string text = reason == nullptr ? "" : reason;
  auto error_code = static_cast<rd_kafka_resp_err_t>(code);
  if (error_code == RD_KAFKA_RESP_ERR__FATAL) {
    char fatal[512] = "";
    error_code = rd_kafka_fatal_error(client, fatal, sizeof fatal);
    text = fatal;
  }
  static_cast<KafkaClient*>(self)->take_error(error_code, std::move(text));
}

void KafkaClient::take_error(rd_kafka_resp_err_t code, std::string reason) {
  reason = without_secrets(std::move(reason), security_);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    if (is_away() || role_ == Role::reads) return;
    away_since_us_ = clock_.monotonic_us();
    outage_log_pause_us_ = 0;
    next_outage_log_us_ = away_since_us_ + kOutagePauseMinUs;  // a restart of one broker is over before that, mostly
    return;
  }
  last_reason_ = reason;
  const bool is_outage = code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE;
  if (is_outage && role_ == Role::reads) return;
  if (clock_.monotonic_us() >= next_reason_log_us_) {
    next_reason_log_us_ = clock_.monotonic_us() + kMinuteUs;
    log(KafkaLogLevel::warning, "Kafka: " + reason + "; the client keeps trying");
  }
  if (std::optional<Error> refusal = refusal_of(code, reason, brokers_, security_)) refusal_ = std::move(refusal);
}

void KafkaClient::log_outage() {
  const int64_t now = clock_.monotonic_us();
  if (now < next_outage_log_us_) return;
  outage_log_pause_us_ = std::clamp(outage_log_pause_us_ * 2, kOutagePauseMinUs, kOutagePauseMaxUs);
  next_outage_log_us_ = now + outage_log_pause_us_;
  log(KafkaLogLevel::warning,
      "Kafka at " + brokers_ + ": no broker answers since " + std::to_string((now - away_since_us_) / 1'000'000) +
          " s; reading goes on when one does. Last: " + (last_reason_.empty() ? "connection closed" : last_reason_));
}

void KafkaClient::on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* self = static_cast<KafkaClient*>(rd_kafka_opaque(client));
  self->note_topic_id(text);
  // What fails on the way to a broker arrives as an error, too.
  if (level > kLogLevelWarning || std::strcmp(facility, "FAIL") == 0 || std::strcmp(facility, "ERROR") == 0) return;
  const int64_t now = self->clock_.monotonic_us();
  if (self->log_window_us_ == 0 || now - self->log_window_us_ > kMinuteUs) {
    self->log_window_us_ = now;
    self->log_lines_ = 0;
  }
  if (++self->log_lines_ <= kLogLinesMinuteMax)
    self->log(KafkaLogLevel::warning, std::string("Kafka client: ") + facility + ": " + text);
}

/// "...Topic NAME changed id from ID to ID": as of librdkafka 2.15; a test with a real broker holds it to that.
void KafkaClient::note_topic_id(std::string_view line) {
  static constexpr std::string_view kBefore = "Topic ";
  static constexpr std::string_view kBetween = " changed id from ";
  static constexpr std::string_view kAfter = " to ";
  const size_t between = line.find(kBetween);
  if (between == std::string_view::npos) return;
  const size_t before = line.rfind(kBefore, between);
  const size_t after = line.find(kAfter, between + kBetween.size());
  if (before == std::string_view::npos || after == std::string_view::npos) return;
  const size_t name = before + kBefore.size();
  const std::string_view id = line.substr(after + kAfter.size());
  if (id.find_first_not_of('A') == std::string_view::npos) return;  // all zeros: from a broker without topic ids
  topic_ids_.push_back({std::string(line.substr(name, between - name)), std::string(id)});
}

}  // namespace weir::connector

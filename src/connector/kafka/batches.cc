#include <algorithm>

#include "connector/kafka/batches_internal.h"
#include "connector/kafka/config_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kBatchEventsMax = 8192;
/// Messages are copied and given back in slices: what librdkafka allocates for each is then still in the cache, and is
/// soon used again.
constexpr size_t kSliceMessages = 512;
constexpr size_t kFirstMeanBytes = 8192;  // until the size of an event is known
/// How long a few messages may wait for more: fewer and fuller batches cost less on the whole way to the table.
constexpr int64_t kLingerUs = 5000;
constexpr int kWatermarkWaitMs = 5000;
constexpr int64_t kLogEveryUs = 60'000'000;

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

}  // namespace

KafkaBatches::KafkaBatches(KafkaClient& client, ReaderPartitions& partitions, const KafkaSpec& spec, const Clock& clock,
                           std::function<Result<void>()> check)
    : client_(client),
      partitions_(partitions),
      clock_(clock),
      record_bytes_max_(spec.record_bytes_max),
      batch_bytes_(static_cast<size_t>(FetchBudget::split(spec.fetch_budget_bytes).batch_bytes)),
      check_(std::move(check)),
      mean_bytes_(kFirstMeanBytes) {}

Result<std::shared_ptr<const RawBatch>> KafkaBatches::next() {
  if (!failure_) gather();
  if (builder_.empty()) {
    if (failure_) return Error(*failure_);
    return std::shared_ptr<const RawBatch>();
  }
  mean_bytes_ = builder_.payload_bytes() / builder_.size() + 1;
  return builder_.finish();
}

/// Takes slices until the batch is full or nothing is left.
void KafkaBatches::gather() {
  if (messages_.empty()) {
    if (!is_worth_taking()) return;
    messages_.take(client_.queue(), slice(), 0);
  }
  while (!messages_.empty()) {
    take_in();
    if (failure_ || is_full()) return;
    messages_.take(client_.queue(), slice(), 0);
  }
}

/// True when a batch would be full, or the first of what has come has waited long enough.
bool KafkaBatches::is_worth_taking() {
  const size_t waiting = rd_kafka_queue_length(client_.queue());
  const int64_t now_us = clock_.monotonic_us();
  if (waiting == 0) {
    ready_us_ = kNoTime;
    return false;
  }
  if (ready_us_ == kNoTime) ready_us_ = now_us + kLingerUs;
  if (waiting < kBatchEventsMax && waiting * mean_bytes_ < batch_bytes_ && now_us < ready_us_) return false;
  ready_us_ = kNoTime;
  return true;
}

/// How many messages to take at once: no more than fit the batch if they are as large as before.
size_t KafkaBatches::slice() const {
  const size_t free_bytes = batch_bytes_ - std::min(batch_bytes_, builder_.payload_bytes());
  return std::clamp<size_t>(free_bytes / mean_bytes_, 1, std::min(kSliceMessages, kBatchEventsMax - builder_.size()));
}

bool KafkaBatches::is_full() const {
  if (builder_.empty()) return false;
  return builder_.size() >= kBatchEventsMax || builder_.payload_bytes() + mean_bytes_ > batch_bytes_;
}

/// Makes room at the begin of a batch: for a full one when the slice is full, else for what is there.
void KafkaBatches::reserve() {
  size_t bytes = 0;
  size_t events = 0;
  for (size_t i = at_; i < messages_.size() && bytes < batch_bytes_; ++i, ++events) {
    if (messages_[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) bytes += kept(messages_[i].len) + kept(messages_[i].key_len);
  }
  if (bytes == 0) return;
  if (events < kSliceMessages) return builder_.reserve(bytes, events);
  const size_t all = bytes / events * kBatchEventsMax;
  builder_.reserve(std::max(bytes, std::min(batch_bytes_, all + all / 8)), kBatchEventsMax);
}

/// Copies messages until the batch is full; what is left is for the next one.
void KafkaBatches::take_in() {
  if (at_ == 0) {
    if (Result<void> checked = check_(); !checked.ok()) failure_ = std::move(checked).error();
  }
  if (builder_.empty()) reserve();
  for (; at_ < messages_.size() && !failure_ && !is_full(); ++at_) {
    const rd_kafka_message_t& message = messages_[at_];
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      add_event(message);
    } else {
      take_notice(message);
    }
    messages_.give_back(at_);
  }
  if (!failure_ && at_ < messages_.size()) return;
  messages_.clear();
  at_ = 0;
}

void KafkaBatches::add_event(const rd_kafka_message_t& message) {
  const PartitionIndex index = partitions_.find(message.rkt, message.partition);
  if (index < 0) return;
  ReaderPartition& partition = partitions_[index];
  if (message.offset >= partition.end) return partitions_.finish(partition);
  if (message.offset < partition.next) {
    failure_ = offset_repeated(partition.id, partition.next, message.offset);
    return;
  }
  rd_kafka_timestamp_type_t kind{};
  const int64_t timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
  builder_.add({static_cast<const char*>(message.payload), kept(message.len)},
               {.split = &partition.split,
                .offset = message.offset,
                .timestamp_ms = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? kNoTimestamp : timestamp_ms,
                .key = {static_cast<const char*>(message.key), kept(message.key_len)},
                .has_key = message.key != nullptr,
                .is_null = message.payload == nullptr,
                .is_truncated = message.len > record_bytes_max_ || message.key_len > record_bytes_max_,
                .headers = headers_of(message)});
  partition.next = message.offset + 1;
  partition.leader_epoch = rd_kafka_message_leader_epoch(&message);
  if (partition.next >= partition.end) partitions_.finish(partition);
}

/// The message's headers where they are wanted, valid until the next call.
std::string_view KafkaBatches::headers_of(const rd_kafka_message_t& message) {
  headers_.clear();
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    Header header{.name = name, .value = std::nullopt};
    if (value != nullptr) header.value = std::string_view(static_cast<const char*>(value), size);
    append_header(header, headers_);
  }
  return headers_;
}

/// The end of a partition, or what went wrong with it.
void KafkaBatches::take_notice(const rd_kafka_message_t& message) {
  const PartitionIndex index = message.rkt == nullptr ? -1 : partitions_.find(message.rkt, message.partition);
  if (index >= 0) return take_partition_notice(message, partitions_[index]);
  // Nothing to do with what is read: the group's coordinator, or a partition that this reader has let go.
  if (is_passing(message.err)) return;
  const int64_t now = clock_.monotonic_us();
  if (now < next_group_log_us_) return;
  next_group_log_us_ = now + kLogEveryUs;
  client_.log(KafkaLogLevel::warning,
              std::string("Kafka: ") + rd_kafka_message_errstr(&message) + " (" + rd_kafka_err2name(message.err) + ")");
}

void KafkaBatches::take_partition_notice(const rd_kafka_message_t& message, ReaderPartition& partition) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (message.offset >= partition.end) return partitions_.finish(partition);
      partition.next =
          std::max(partition.next, message.offset);  // over what transactions and compaction have left empty
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__LOG_TRUNCATION: failure_ = lost(message, partition); return;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID: is_in_doubt_ = true; return;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      failure_ = Error(ErrorKind::permission_denied,
                       "Kafka: topic '" + partition.id.topic +
                           "' may not be read any more. Give the user the rights Describe and Read on it");
      return;
    default: break;
  }
  if (is_passing(message.err)) return;
  // The client goes on behind what it could not read; we do not.
  failure_ = Error(ErrorKind::corrupt,
                   partition.name + ": offset " + std::to_string(std::max(partition.next, message.offset)) +
                       " cannot be read: " + rd_kafka_message_errstr(&message) + " (" + rd_kafka_err2name(message.err) +
                       "). Nothing was skipped; repair the partition from a replica");
}

Error KafkaBatches::lost(const rd_kafka_message_t& message, const ReaderPartition& partition) {
  // With auto.offset.reset=error a truncated log comes as a reset that says so.
  const std::string_view reason = rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR__LOG_TRUNCATION || reason.find(kBrokerEnd) != std::string_view::npos)
    return log_rewritten(partition.id, partition.next, partition.leader_epoch, reason);
  int64_t low = 0;
  int64_t high = 0;
  const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
      client_.handle(), partition.id.topic.c_str(), partition.id.partition, &low, &high, kWatermarkWaitMs);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next < low)
    return offsets_gone(partition.id, partition.next, low);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && partition.next > high)
    return log_diverged(partition.id, partition.next, high);
  return Error(ErrorKind::position_lost, partition.name + ": offset " + std::to_string(partition.next) +
                                             " cannot be read any more: " + rd_kafka_message_errstr(&message) +
                                             ". Start again to see which range is left");
}

}  // namespace weir::connector

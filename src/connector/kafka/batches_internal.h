/// \file
/// Messages to batches: copies what the client has fetched into arenas, moves progress on, and notices what goes wrong.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "connector/kafka/client_internal.h"
#include "connector/kafka/handles_internal.h"
#include "connector/kafka/kafka_source.h"
#include "connector/kafka/partitions_internal.h"
#include "event/headers.h"
#include "event/raw_batch.h"

namespace weir::connector {

/// One thread. next() until it fails: it fails for good.
class KafkaBatches {
 public:
  /// `check` is asked after messages have come and before anything is made of them.
  KafkaBatches(KafkaClient& client, ReaderPartitions& partitions, const KafkaSpec& spec, const Clock& clock,
               std::function<Result<void>()> check);

  /// Makes a batch of what the client has fetched; null when there were no events, or so few that more are waited for,
  /// until ready_us() at most. What follows a failure stays unread: the events before it
  /// come first, then the error. Errors: position_lost, permission_denied, corrupt, those of `check`.
  Result<std::shared_ptr<const RawBatch>> next();

  /// Monotonic: when what has come is handed out though it is little; kNoTime when nothing has come.
  int64_t ready_us() const { return ready_us_; }

  /// True once after the client has complained that a topic or partition is not there.
  bool take_doubt() { return std::exchange(is_in_doubt_, false); }

 private:
  void gather();
  bool is_worth_taking();
  size_t slice() const;
  bool is_full() const;
  void reserve();
  void take_in();
  size_t kept(size_t size) const { return std::min(size, record_bytes_max_); }
  void add_event(const rd_kafka_message_t& message);
  std::string_view headers_of(const rd_kafka_message_t& message);
  void take_notice(const rd_kafka_message_t& message);
  void take_partition_notice(const rd_kafka_message_t& message, ReaderPartition& partition);
  Error lost(const rd_kafka_message_t& message, const ReaderPartition& partition);

  KafkaClient& client_;
  ReaderPartitions& partitions_;
  const Clock& clock_;
  const size_t record_bytes_max_;
  std::string headers_;  ///< of the message at hand, encoded
  const size_t batch_bytes_;
  KafkaMessages messages_;
  size_t at_ = 0;  ///< the next of messages_ to copy
  RawBatchBuilder builder_;
  const std::function<Result<void>()> check_;
  size_t mean_bytes_;  ///< of the last batch's events
  std::optional<Error> failure_;
  bool is_in_doubt_ = false;
  int64_t ready_us_ = kNoTime;
  int64_t next_group_log_us_ = 0;
};

}  // namespace weir::connector

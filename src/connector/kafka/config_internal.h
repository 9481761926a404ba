/// \file
/// KafkaSpec to librdkafka's configuration.
#pragma once

#include "base/result.h"
#include "connector/kafka/handles_internal.h"
#include "connector/kafka/kafka_source.h"

namespace weir::connector {

/// How a fetch budget is split; the shares add up to at most the budget.
struct FetchBudget {
  int64_t queued_bytes = 0;     ///< values waiting in the client's queue
  int64_t queued_records = 0;   ///< each costs about kRecordOverheadBytes beside its value
  int64_t response_bytes = 0;   ///< one answer of one broker, as sent
  int64_t partition_bytes = 0;  ///< the share of one partition in it
  int64_t batch_bytes = 0;      ///< one RawBatch

  static FetchBudget split(int64_t budget_bytes);
};

/// What librdkafka keeps for each record in its queue: an op with its list links and references.
inline constexpr int64_t kRecordOverheadBytes = 512;
inline constexpr int64_t kFetchBudgetBytesMin = int64_t{1} << 20;
inline constexpr int64_t kFetchBudgetBytesMax = int64_t{16} << 30;

/// Makes the configuration of one reader's client. Errors: invalid_argument.
Result<KafkaConf> make_kafka_conf(const KafkaSpec& spec);

/// What librdkafka says against the settings, for people: `reason` without secrets, or which of our files it cannot
/// use. Kind: invalid_argument.
Error settings_refused(const std::string& reason, const KafkaSecurity& security);

/// Returns `text` with every secret of `security` replaced by ***.
std::string without_secrets(std::string text, const KafkaSecurity& security);

}  // namespace weir::connector

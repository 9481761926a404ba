/// \file
/// Which failures of a connection say that a broker does not let us in, or that we do not trust it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "base/result.h"
#include "connector/kafka/kafka_source.h"

namespace weir::connector {

/// Kind: unauthenticated: waiting does not help. Nothing for what may pass: a broker that goes away in the middle of a
/// handshake has not refused anybody, though librdkafka reports that under the same code.
/// `reason`: as librdkafka says it, without secrets.
std::optional<Error> refusal_of(rd_kafka_resp_err_t code, const std::string& reason, const std::string& brokers,
                                const KafkaSecurity& security);

}  // namespace weir::connector

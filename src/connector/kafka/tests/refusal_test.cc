#include <gtest/gtest.h>

#include "connector/kafka/refusal_internal.h"

namespace weir::connector {
namespace {

TEST(KafkaRefusal, ABrokerThatSaysNoRefusesUs) {
  for (const char* reason :
       {"SASL authentication error: Authentication failed during authentication due to invalid credentials",
        "SASL SCRAM-SHA-512 mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported "
        "mechanisms: PLAIN"}) {
    const auto refusal = refusal_of(RD_KAFKA_RESP_ERR__AUTHENTICATION, reason, "b:9092", {});
    ASSERT_TRUE(refusal.has_value()) << reason;
    EXPECT_EQ(refusal->kind(), ErrorKind::unauthenticated);
  }
}

TEST(KafkaRefusal, ABrokerThatGoesAwayInTheMiddleOfAHandshakeDoesNot) {
  EXPECT_FALSE(refusal_of(RD_KAFKA_RESP_ERR__AUTHENTICATION,
                          "sasl_ssl://127.0.0.1:9093/bootstrap: SASL SCRAM-SHA-512 mechanism handshake failed: Local: "
                          "Broker transport failure: broker's supported mechanisms: (n/a) (after 0ms in state DOWN)",
                          "b:9092", {})
                   .has_value());
  EXPECT_FALSE(refusal_of(RD_KAFKA_RESP_ERR__TRANSPORT, "Connection refused", "b:9092", {}).has_value());
}

}  // namespace
}  // namespace weir::connector

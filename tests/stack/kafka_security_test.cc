// TLS, SASL and rights against a real broker. Run it by run_kafka_source_test.sh, which starts one.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka_fixture.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(KafkaStack, EveryMechanismOverTls) {
  const std::string name = topic_with(10);
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"}) {
    auto source = open(secure(mechanism, name));
    EXPECT_EQ(read_all(*source).count, 10U) << mechanism;
  }
}

TEST_F(KafkaStack, AuthorityAsText) {
  const std::string name = topic_with(10);
  KafkaSpec with_text = secure("SCRAM-SHA-512", name);
  std::ifstream file(kafka()["KAFKA_CA"]);
  with_text.security.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
  with_text.security.ca_file.clear();
  EXPECT_EQ(read_all(*open(with_text)).count, 10U);
}

TEST_F(KafkaStack, AWrongPasswordIsRefusedAtOnceAndNeverShown) {
  const std::string name = topic_with(1);
  for (const char* mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"}) {
    KafkaSpec wrong = secure(mechanism, name);
    wrong.security.password = "not-the-password";
    const int64_t before = system_clock_source().monotonic_us();
    const Error error = open_error(wrong);
    EXPECT_LT(system_clock_source().monotonic_us() - before, 5'000'000);
    EXPECT_EQ(error.kind(), ErrorKind::unauthenticated);
    EXPECT_THAT(error.message(), AllOf(HasSubstr(mechanism), HasSubstr("'weir'"), Not(HasSubstr("not-the-password"))));
  }
  EXPECT_THAT(log_, Not(Contains(HasSubstr("not-the-password"))));
}

TEST_F(KafkaStack, AWrongAuthorityIsAClearError) {
  const std::string name = topic_with(1);
  KafkaSpec wrong = secure("PLAIN", name);
  wrong.security.ca_file = kafka()["KAFKA_CLIENT_CERT"];
  const Error error = open_error(wrong);
  EXPECT_EQ(error.kind(), ErrorKind::unauthenticated);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("TLS failed"), HasSubstr("security.ca"), Not(HasSubstr("weir-secret"))));
}

TEST_F(KafkaStack, TheHostNameIsChecked) {
  const std::string name = topic_with(1);
  KafkaSpec by_other_name = secure("PLAIN", name);
  const std::string& brokers = kafka()["KAFKA_SASL_BOOTSTRAP"];
  by_other_name.brokers =
      "127.1" + brokers.substr(brokers.find(':'));  // the same host, by a name that the certificate does not carry
  const Error error = open_error(by_other_name);
  EXPECT_EQ(error.kind(), ErrorKind::unauthenticated);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("TLS failed"), HasSubstr("name")));
  by_other_name.security.check_hostname = false;
  EXPECT_EQ(read_all(*open(by_other_name)).count, 1U);
}

TEST_F(KafkaStack, MutualTls) {
  const std::string name = topic_with(10);
  KafkaSpec mutual = bounded({name});
  mutual.brokers = kafka()["KAFKA_MTLS_BOOTSTRAP"];
  mutual.security.protocol = KafkaSecurity::Protocol::ssl;
  mutual.security.ca_file = kafka()["KAFKA_CA"];
  KafkaSpec without = mutual;
  mutual.security.certificate = kafka()["KAFKA_CLIENT_CERT"];
  mutual.security.key = kafka()["KAFKA_CLIENT_KEY"];
  EXPECT_EQ(read_all(*open(mutual)).count, 10U);
  without.open_timeout_ms = 5000;
  const Error error = open_error(without);
  EXPECT_THAT(error.kind(), AnyOf(ErrorKind::unauthenticated, ErrorKind::unavailable));
  EXPECT_THAT(error.message(), HasSubstr("certificate"));
}

TEST_F(KafkaStack, TheWrongProtocolSaysWhatToCheck) {
  KafkaSpec plain = spec({"any"});
  plain.brokers = kafka()["KAFKA_SASL_BOOTSTRAP"];
  plain.open_timeout_ms = 3000;
  EXPECT_THAT(open_error(plain).message(), HasSubstr("security.protocol"));
  KafkaSpec tls = secure("PLAIN", "any");
  tls.brokers = kafka()["KAFKA_BOOTSTRAP"];
  tls.open_timeout_ms = 3000;
  EXPECT_THAT(open_error(tls).message(), HasSubstr("security.protocol"));
}

TEST_F(KafkaStack, MissingRightsNameTopicAndUser) {
  const std::string name = topic_with(1);
  const std::string user = kafka().fresh_name("guest");
  kafka().create_user(user, "guest-secret");
  KafkaSpec guest = secure("SCRAM-SHA-256", name);
  guest.security.username = user;
  guest.security.password = "guest-secret";
  Error error = open_error(guest);
  EXPECT_EQ(error.kind(), ErrorKind::permission_denied);
  EXPECT_THAT(error.message(), AllOf(HasSubstr("'" + name + "'"), HasSubstr(user), HasSubstr("Describe and Read")));
  kafka().allow_describe(user, name);
  error = open_error(guest);
  EXPECT_EQ(error.kind(), ErrorKind::permission_denied) << "it may see the topic, but not read it";
}

}  // namespace
}  // namespace weir::connector

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/kafka/config_internal.h"
#include "connector/kafka/kafka_source.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

KafkaSpec good() {
  KafkaSpec spec;
  spec.brokers = "one.example:9092,10.0.0.2:9093,[::1]:9094,plain";
  spec.topics = {"flights.v1", "^ops\\..*"};
  return spec;
}

std::string refusal(const KafkaSpec& spec) {
  const Result<void> checked = check_kafka_spec(spec);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().kind(), ErrorKind::invalid_argument);
  return checked.error().message();
}

TEST(KafkaSpec, AcceptsAddressesOfAllKinds) {
  EXPECT_EQ(refusal(good()), "");
}

TEST(KafkaSpec, RefusesWhatIsNoBrokerAddress) {
  for (const char* brokers : {"", ",", "a:9092,", "a:0", "a:70000", "a:port", "PLAINTEXT://a:9092", "a b:9092",
                              "a:9092 ,b:9092", "user@a:9092", "a:9092\n"}) {
    KafkaSpec spec = good();
    spec.brokers = brokers;
    EXPECT_THAT(refusal(spec), HasSubstr("brokers:")) << brokers;
  }
}

TEST(KafkaSpec, LetsThroughOnlyPropertiesThatCannotChangeWhatIsRead) {
  KafkaSpec spec = good();
  spec.properties = {{"client.id", "weir-1"}, {"socket.timeout.ms", "30000"}};
  EXPECT_EQ(refusal(spec), "");
  for (const char* key :
       {"plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.ca.location", "auto.offset.reset", "isolation.level",
        "enable.auto.commit", "group.id", "debug", "ssl.engine.location", "queued.max.messages.kbytes", "check.crcs",
        "bootstrap.servers", "enable.ssl.certificate.verification", "sasl.oauthbearer.token.endpoint.url",
        "topic.blacklist", "test.mock.num.brokers"}) {
    spec.properties = {{key, "x"}};
    EXPECT_THAT(refusal(spec), AllOf(HasSubstr("properties:"), HasSubstr(key))) << key;
  }
}

TEST(KafkaSpec, SuggestsTheNearestProperty) {
  KafkaSpec spec = good();
  spec.properties = {{"socket.timout.ms", "1000"}};
  EXPECT_THAT(refusal(spec), HasSubstr("did you mean 'socket.timeout.ms'"));
}

TEST(KafkaSpec, NamesThePropertyWithABadValue) {
  KafkaSpec spec = good();
  spec.properties = {{"socket.timeout.ms", "soon"}};
  const Result<KafkaConf> conf = make_kafka_conf(spec);
  ASSERT_FALSE(conf.ok());
  EXPECT_THAT(conf.error().message(), HasSubstr("socket.timeout.ms"));
  spec.properties = {{"client.id", "a\nb"}};
  EXPECT_THAT(refusal(spec), HasSubstr("client.id"));
}

TEST(KafkaSpec, WantsUserAndPasswordWithSasl) {
  KafkaSpec spec = good();
  spec.security.protocol = KafkaSecurity::Protocol::sasl_ssl;
  EXPECT_THAT(refusal(spec), HasSubstr("security.mechanism"));
  spec.security.mechanism = "GSSAPI";
  EXPECT_THAT(refusal(spec), HasSubstr("SCRAM-SHA-512"));
  spec.security.mechanism = "SCRAM-SHA-512";
  EXPECT_THAT(refusal(spec), HasSubstr("security.username"));
  spec.security.username = "weir";
  EXPECT_THAT(refusal(spec), HasSubstr("security.password"));
  spec.security.password = "geheim";
  EXPECT_EQ(refusal(spec), "");
}

TEST(KafkaSpec, RefusesSettingsThatTheProtocolWouldSilentlyIgnore) {
  KafkaSpec spec = good();
  spec.security.username = "weir";
  EXPECT_THAT(refusal(spec), HasSubstr("is sasl_ssl meant?"));
  spec = good();
  spec.security.ca_file = "/ca.pem";
  EXPECT_THAT(refusal(spec), HasSubstr("is ssl meant?"));
  spec.security.protocol = KafkaSecurity::Protocol::ssl;
  EXPECT_EQ(refusal(spec), "");
  spec.security.certificate = "/client.pem";
  EXPECT_THAT(refusal(spec), HasSubstr("certificate and key"));
  spec.security.key = "/client.key";
  spec.security.ca_pem = "-----BEGIN CERTIFICATE-----";
  EXPECT_THAT(refusal(spec), HasSubstr("not both"));
}

TEST(KafkaSpec, RefusesStartsThatCannotBe) {
  KafkaSpec spec = good();
  spec.start = {.at = KafkaStart::At::offsets};
  EXPECT_THAT(refusal(spec), HasSubstr("no offsets"));
  for (const char* name : {"flights", "flights/", "flights/x", "/0", "fli ghts/0", "flights/1234567890"}) {
    spec.start.offsets = {{name, 1}};
    EXPECT_THAT(refusal(spec), HasSubstr("topic/partition")) << name;
  }
  spec.start.offsets = {{"flights/0", -1}};
  EXPECT_THAT(refusal(spec), HasSubstr("no \"latest\""));
  spec.start.offsets = {{"flights/0", 17}};
  EXPECT_EQ(refusal(spec), "");
  spec.start = {.at = KafkaStart::At::timestamp, .timestamp_ms = -5};
  EXPECT_THAT(refusal(spec), HasSubstr("1970"));
}

TEST(KafkaSpec, BoundsNumbers) {
  KafkaSpec spec = good();
  spec.fetch_budget_bytes = 1000;
  EXPECT_THAT(refusal(spec), HasSubstr("fetch_budget_bytes"));
  spec = good();
  spec.record_bytes_max = 0;
  EXPECT_THAT(refusal(spec), HasSubstr("record_bytes_max"));
  spec = good();
  spec.open_timeout_ms = 0;
  EXPECT_THAT(refusal(spec), HasSubstr("open_timeout_ms"));
  spec = good();
  spec.discover_every_ms = 1;
  EXPECT_THAT(refusal(spec), HasSubstr("discover_every_ms"));
}

TEST(KafkaSpec, FactoryRefusesABadSpec) {
  KafkaSpec spec = good();
  spec.topics = {};
  const std::unique_ptr<SourceFactory> factory = make_kafka_source(spec, system_clock_source(), nullptr);
  const Result<std::unique_ptr<SourceSplitter>> source = factory->make_splitter(1);
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.error().message(), HasSubstr("topics:"));
}

TEST(KafkaSpec, MissingCertificateFileIsAClearErrorWithoutSecrets) {
  KafkaSpec spec = good();
  spec.security = {.protocol = KafkaSecurity::Protocol::sasl_ssl,
                   .mechanism = "PLAIN",
                   .username = "weir",
                   .password = "geheim",
                   .ca_file = "/nowhere/ca.pem"};
  const std::unique_ptr<SourceFactory> factory = make_kafka_source(spec, system_clock_source(), nullptr);
  Result<std::unique_ptr<SourceSplitter>> source = factory->make_splitter(1);
  ASSERT_TRUE(source.ok());
  const Result<void> opened = (*source)->open(nullptr, [] { return false; });
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(opened.error().message(),
              AllOf(HasSubstr("security.ca: '/nowhere/ca.pem' cannot be read"), Not(HasSubstr("geheim"))));
  spec.security.ca_file = "";
  spec.security.certificate = "/nowhere/client.pem";
  spec.security.key = "/nowhere/client.key";
  const std::unique_ptr<SourceFactory> other = make_kafka_source(spec, system_clock_source(), nullptr);
  EXPECT_THAT(other->make_splitter(1).value()->open(nullptr, [] { return false; }).error().message(),
              HasSubstr("security.certificate: '/nowhere/client.pem' cannot be read"));
}

TEST(KafkaSecrets, AreBlottedOutOfEveryText) {
  const KafkaSecurity security = {.password = "pa", .key = "-----BEGIN KEY-----\nx", .key_password = "kp"};
  EXPECT_EQ(without_secrets("papa kp -----BEGIN KEY-----\nx!", security), "****** *** ***!");
  EXPECT_EQ(without_secrets("nothing", KafkaSecurity{}), "nothing");
}

TEST(FetchBudget, SharesStayWithinTheBudget) {
  for (const int64_t budget :
       {kFetchBudgetBytesMin, int64_t{8} << 20, int64_t{64} << 20, int64_t{1} << 30, kFetchBudgetBytesMax}) {
    const FetchBudget split = FetchBudget::split(budget);
    EXPECT_LE(split.queued_bytes + split.response_bytes + split.batch_bytes, budget) << budget;
    EXPECT_LE(split.queued_records * kRecordOverheadBytes, budget / 2) << budget;
    EXPECT_LE(split.partition_bytes, split.response_bytes) << budget;
    KafkaSpec spec = good();
    spec.fetch_budget_bytes = budget;
    EXPECT_TRUE(make_kafka_conf(spec).ok()) << budget;
  }
}

}  // namespace
}  // namespace weir::connector

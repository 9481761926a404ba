/// \file
/// What the tests of the Kafka source against a real broker share.
#pragma once

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connector/kafka/kafka_source.h"
#include "connector/kafka/tests/kafka_read.h"
#include "kafka_stack.h"

namespace weir::connector {

using stack::StackKafka;
using stack::StackProducer;

inline StackKafka& kafka() {
  static StackKafka cluster;
  return cluster;
}

class KafkaStack : public ::testing::Test {
 protected:
  KafkaSpec spec(std::vector<std::string> topics) {
    KafkaSpec spec;
    spec.brokers = kafka()["KAFKA_BOOTSTRAP"];
    spec.topics = std::move(topics);
    spec.open_timeout_ms = 20'000;
    spec.discover_every_ms = 300;
    return spec;
  }
  KafkaSpec bounded(std::vector<std::string> topics) {
    KafkaSpec one_pass = spec(std::move(topics));
    one_pass.bounded = true;
    return one_pass;
  }
  KafkaSpec secure(const std::string& mechanism, const std::string& topic) {
    KafkaSpec secured = bounded({topic});
    secured.brokers = kafka()["KAFKA_SASL_BOOTSTRAP"];
    secured.security.protocol = KafkaSecurity::Protocol::sasl_ssl;
    secured.security.mechanism = mechanism;
    secured.security.username = kafka()["KAFKA_USER"];
    secured.security.password = kafka()["KAFKA_PASSWORD"];
    secured.security.ca_file = kafka()["KAFKA_CA"];
    return secured;
  }

  std::unique_ptr<SourceCursor> make(const KafkaSpec& of, TaskShare share = {}) {
    auto factory = make_kafka_source(of, system_clock_source(),
                                     [this](KafkaLogLevel, std::string_view line) { log_.emplace_back(line); });
    auto source = SourceCursor::make(std::move(factory), system_clock_source(), share);
    EXPECT_TRUE(source.ok()) << source.error().to_string();
    return std::move(source).value();
  }
  std::unique_ptr<SourceCursor> open(const KafkaSpec& of, const SourceProgress* from = nullptr, TaskShare share = {}) {
    std::unique_ptr<SourceCursor> source = make(of, share);
    const Result<void> opened = source->open(from, [] { return false; });
    EXPECT_TRUE(opened.ok()) << opened.error().to_string();
    return source;
  }
  Error open_error(const KafkaSpec& of, const SourceProgress* from = nullptr) {
    std::unique_ptr<SourceCursor> source = make(of);
    const Result<void> opened = source->open(from, [] { return false; });
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? Error(ErrorKind::internal, "opened") : opened.error();
  }

  std::string topic(int partitions, const std::map<std::string, std::string>& config = {}) {
    const std::string name = kafka().fresh_name("t");
    kafka().create_topic(name, partitions, config);
    return name;
  }
  /// A topic of one partition with `count` records.
  std::string topic_with(int count) {
    const std::string name = topic(1);
    StackProducer producer(kafka());
    producer.send_many(name, 0, count, "v");
    producer.flush();
    return name;
  }

  std::vector<std::string> log_;
};

inline std::vector<std::string> values(const std::vector<ReadEvent>& events) {
  std::vector<std::string> out;
  for (const ReadEvent& event : events) out.push_back(event.value);
  return out;
}
inline std::vector<int64_t> offsets(const std::vector<ReadEvent>& events) {
  std::vector<int64_t> out;
  for (const ReadEvent& event : events) out.push_back(event.offset);
  return out;
}
inline std::vector<std::string> numbered(const std::string& prefix, int begin, int end) {
  std::vector<std::string> out;
  for (int i = begin; i < end; ++i) out.push_back(prefix + std::to_string(i));
  return out;
}
inline std::vector<int64_t> run_of(int64_t begin, int64_t end) {
  std::vector<int64_t> out(static_cast<size_t>(end - begin));
  std::iota(out.begin(), out.end(), begin);
  return out;
}

}  // namespace weir::connector

/// \file
/// librdkafka's mock brokers and a producer to them. They know topics, partitions, offsets and outages; they do not
/// prove transactions, ACLs, TLS or retention: tests/stack does, with a real broker.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace weir::connector {

/// One record to produce.
struct MockRecord {
  std::string_view topic;
  int32_t partition = 0;
  std::optional<std::string_view> value;
  std::optional<std::string_view> key = std::nullopt;
  int64_t timestamp_ms = 0;  ///< 0: now
};

class MockKafka {
 public:
  explicit MockKafka(int brokers = 1);
  ~MockKafka();
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  rd_kafka_mock_cluster_t* cluster() { return cluster_; }

  void create_topic(const std::string& topic, int partitions);
  void delete_topic(const std::string& topic);
  void delete_records(const std::string& topic, int32_t partition, int64_t before);
  /// Asks brokers `error` for a topic in the metadata.
  void fail_topic(const std::string& topic, rd_kafka_resp_err_t error) {
    rd_kafka_mock_topic_set_error(cluster_, topic.c_str(), error);
  }
  void set_down(bool down);
  /// The first broker tells clients to come to this address from now on.
  void advertise(const char* host, int port) { rd_kafka_mock_broker_set_host_port(cluster_, 1, host, port); }

  void produce(const MockRecord& record);
  /// Values "PREFIX0", "PREFIX1" ... with the same keys.
  void produce_many(const std::string& topic, int32_t partition, int count, const std::string& prefix = "v");
  void flush();

  /// The offset that the group has for a partition, or -1001 (RD_KAFKA_OFFSET_INVALID).
  int64_t committed(const std::string& group, const std::string& topic, int32_t partition) const;

 private:
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  int brokers_;
};

}  // namespace weir::connector

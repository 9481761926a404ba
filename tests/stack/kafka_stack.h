/// \file
/// A real cluster that tests/stack/kafka.sh has started, as the tests see it: topics, producers, users, restarts.
/// Shares no code with the source.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace weir::stack {

class StackKafka {
 public:
  /// Reads the file that WEIR_KAFKA_ENV names; ends the process with a message when there is none: a test that was not
  /// run must not look like one that has passed.
  StackKafka();
  ~StackKafka();
  StackKafka(const StackKafka&) = delete;
  StackKafka& operator=(const StackKafka&) = delete;

  /// A setting of the env file, such as "KAFKA_BOOTSTRAP".
  const std::string& operator[](const std::string& name) const;

  /// Where the cluster's data lies.
  const std::string& folder() const { return work_; }

  /// A topic name that no other test uses.
  std::string fresh_name(const std::string& stem);
  void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& config = {});
  void delete_topic(const std::string& topic);
  void add_partitions(const std::string& topic, int total);
  void delete_records(const std::string& topic, int32_t partition, int64_t before);
  /// A user who proves itself by SCRAM-SHA-256.
  void create_user(const std::string& user, const std::string& password);
  void allow_describe(const std::string& user, const std::string& topic);
  /// The offset that a group has for a partition, or -1001.
  int64_t committed(const std::string& group, const std::string& topic, int32_t partition);

  /// Runs tests/stack/kafka.sh with these arguments on this cluster.
  void script(const std::string& arguments) const;

 private:
  std::string work_;
  std::map<std::string, std::string> env_;
  rd_kafka_t* admin_ = nullptr;
  int names_ = 0;
};

/// One producer. Values are PREFIX0, PREFIX1 ...
class StackProducer {
 public:
  /// With `transactional_id`: idempotent and with transactions.
  explicit StackProducer(const StackKafka& kafka, const std::string& transactional_id = "",
                         const std::string& compression = "lz4");
  ~StackProducer();
  StackProducer(const StackProducer&) = delete;
  StackProducer& operator=(const StackProducer&) = delete;

  void begin();
  void commit();
  void abort();
  void send(const std::string& topic, int32_t partition, const std::string& value, int64_t timestamp_ms = 0,
            const std::string& key = "");
  void send_many(const std::string& topic, int32_t partition, int count, const std::string& prefix);
  void flush();

 private:
  rd_kafka_t* producer_ = nullptr;
};

}  // namespace weir::stack

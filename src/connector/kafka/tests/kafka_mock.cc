#include "connector/kafka/tests/kafka_mock.h"

#include "base/check.h"
#include "connector/kafka/handles_internal.h"

namespace weir::connector {
namespace {

rd_kafka_t* make_client(rd_kafka_type_t type, const std::vector<std::pair<const char*, std::string>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[512] = "";
  for (const auto& [name, value] : settings) {
    WEIR_CHECK_MSG(rd_kafka_conf_set(conf, name, value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK, reason);
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  WEIR_CHECK_MSG(client != nullptr, reason);
  return client;
}

}  // namespace

MockKafka::MockKafka(int brokers) : brokers_(brokers) {
  producer_ = make_client(RD_KAFKA_PRODUCER,
                          {{"test.mock.num.brokers", std::to_string(brokers)}, {"linger.ms", "2"}, {"log_level", "0"}});
  cluster_ = rd_kafka_handle_mock_cluster(producer_);
  rd_kafka_mock_set_controller_id(cluster_, 1);
}

MockKafka::~MockKafka() {
  rd_kafka_destroy(producer_);
}

void MockKafka::create_topic(const std::string& topic, int partitions) {
  WEIR_CHECK(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockKafka::delete_topic(const std::string& topic) {
  WEIR_CHECK(rd_kafka_mock_topic_delete(cluster_, topic.c_str()) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockKafka::delete_records(const std::string& topic, int32_t partition, int64_t before) {
  WEIR_CHECK(rd_kafka_mock_partition_delete_records(cluster_, topic.c_str(), partition, before) ==
             RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockKafka::set_down(bool down) {
  for (int id = 1; id <= brokers_; ++id) {
    if (down) {
      rd_kafka_mock_broker_set_down(cluster_, id);
    } else {
      rd_kafka_mock_broker_set_up(cluster_, id);
    }
  }
}

void MockKafka::produce(const MockRecord& record) {
  void* value = record.value ? const_cast<char*>(record.value->data()) : nullptr;
  const size_t value_size = record.value ? record.value->size() : 0;
  const char* key = record.key ? record.key->data() : nullptr;
  const size_t key_size = record.key ? record.key->size() : 0;
  const std::string topic(record.topic);
  rd_kafka_resp_err_t code{};
  do {
    code = rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
                             RD_KAFKA_V_VALUE(value, value_size), RD_KAFKA_V_KEY(key, key_size),
                             RD_KAFKA_V_TIMESTAMP(record.timestamp_ms), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) rd_kafka_poll(producer_, 10);
  } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
  WEIR_CHECK_MSG(code == RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_err2str(code));
}

void MockKafka::produce_many(const std::string& topic, int32_t partition, int count, const std::string& prefix) {
  for (int i = 0; i < count; ++i) {
    const std::string value = prefix + std::to_string(i);
    produce({.topic = topic, .partition = partition, .value = value, .key = value});
  }
  flush();
}

void MockKafka::flush() {
  WEIR_CHECK(rd_kafka_flush(producer_, 20'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

int64_t MockKafka::committed(const std::string& group, const std::string& topic, int32_t partition) const {
  rd_kafka_t* client =
      make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap()}, {"group.id", group}, {"log_level", "0"}});
  const KafkaPartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  const rd_kafka_resp_err_t code = rd_kafka_committed(client, list.get(), 10'000);
  const int64_t offset = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list->elems[0].offset : RD_KAFKA_OFFSET_INVALID;
  rd_kafka_destroy(client);
  return offset;
}

}  // namespace weir::connector

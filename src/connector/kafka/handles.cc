#include "base/check.h"
#include "connector/kafka/handles_internal.h"

namespace weir::connector {

void KafkaMessages::take(rd_kafka_queue_t* queue, size_t count, int wait_ms) {
  WEIR_CHECK(messages_.empty());
  messages_.resize(count);
  const ssize_t taken = rd_kafka_consume_batch_queue(queue, wait_ms, messages_.data(), count);
  messages_.resize(taken > 0 ? static_cast<size_t>(taken) : 0);
}

void KafkaMessages::clear() {
  for (rd_kafka_message_t* message : messages_) {
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
  messages_.clear();
}

}  // namespace weir::connector

#include <algorithm>

#include "base/check.h"
#include "connector/kafka_handles_internal.h"

namespace weir::connector {
namespace {

/// How long a batch that has begun may wait for more: fewer and fuller batches cost less on the whole way to the table.
constexpr int kLingerMs = 5;

}  // namespace

void KafkaMessages::take(rd_kafka_queue_t* queue, size_t count, int wait_ms) {
  WEIR_CHECK(messages_.empty());
  messages_.resize(count);
  size_t taken = take_some(queue, 0, count, 0);
  if (taken == 0 && wait_ms > 0) taken += take_some(queue, 0, 1, wait_ms);
  if (taken > 0 && taken < count && wait_ms > 0)
    taken += take_some(queue, taken, count - taken, std::min(wait_ms, kLingerMs));
  messages_.resize(taken);
}

size_t KafkaMessages::take_some(rd_kafka_queue_t* queue, size_t at, size_t count, int wait_ms) {
  const ssize_t taken = rd_kafka_consume_batch_queue(queue, wait_ms, messages_.data() + at, count);
  return taken > 0 ? static_cast<size_t>(taken) : 0;
}

void KafkaMessages::clear() {
  for (rd_kafka_message_t* message : messages_) {
    if (message != nullptr) rd_kafka_message_destroy(message);
  }
  messages_.clear();
}

}  // namespace weir::connector

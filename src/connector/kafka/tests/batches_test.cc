#include <gtest/gtest.h>

#include "connector/kafka/batches_internal.h"
#include "connector/kafka/tests/kafka_mock.h"

namespace weir::connector {
namespace {

// Else its rows would land twice.
TEST(KafkaBatches, AnOffsetThatIsSentAgainIsAnError) {
  MockKafka kafka;
  kafka.create_topic("flights", 1);
  kafka.produce_many("flights", 0, 10);
  KafkaSpec spec;
  spec.brokers = kafka.bootstrap();
  spec.topics = {"flights"};
  const auto client = KafkaClient::make(spec, system_clock_source(), {}, KafkaClient::Role::reads).value();
  ReaderPartitions partitions(client->handle(), "source");
  partitions.add({.partition = {"flights", 0}, .cluster_id = {}, .topic_id = {}, .next = 3});
  const KafkaPartitionList from(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(from.get(), "flights", 0)->offset = 2;
  ASSERT_EQ(rd_kafka_assign(client->handle(), from.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  KafkaBatches batches(*client, partitions, spec, system_clock_source(), [] { return Result<void>(); });
  const Deadline end = Deadline::after_ms(system_clock_source(), 60'000);
  Result<std::shared_ptr<const RawBatch>> next = nullptr;
  while (next.ok() && *next == nullptr && !end.passed(system_clock_source())) {
    client->serve(10);
    next = batches.next();
  }
  ASSERT_FALSE(next.ok()) << "events were handed out";
  EXPECT_NE(next.error().message().find("flights/0"), std::string::npos) << next.error().message();
}

}  // namespace
}  // namespace weir::connector

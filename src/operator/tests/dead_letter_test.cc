#include <gtest/gtest.h>

#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

class DeadLetterRows : public testing::Test {
 protected:
  /// One row, of a reject whose event the source got at `timestamp_ms`.
  static Batch row(int64_t timestamp_ms, std::optional<int64_t> event_time_us = {}) {
    const auto split = std::make_shared<const Split>(Split{.source = "s", .topic = "flights", .partition = 3});
    RawBatchBuilder events;
    events.add("event", {.split = &split, .offset = 7, .timestamp_ms = timestamp_ms});
    Rejects rejects{.raw = events.finish(),
                    .rejects = {{.raw_index = 0, .message = "so", .event_time_us = event_time_us}}};
    Collected out;
    EXPECT_TRUE(make_dead_letter("p", {{"s", "c 1"}})->process(0, to_batch(std::move(rejects)), out).ok());
    return out.batches.at(0);
  }

  static std::optional<int64_t> value(const Batch& batch, std::string_view name) {
    const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
    if (column.is_null(0)) return std::nullopt;
    return column.values_as<int64_t>()[0];
  }
};

TEST_F(DeadLetterRows, CarryTheTimesThatAreKnown) {
  const Batch known = row(1'700'000'000'123, 42);
  EXPECT_EQ(value(known, "ingested_at"), 1'700'000'000'123'000);
  EXPECT_EQ(value(known, "event_time"), 42);
  EXPECT_EQ(value(known, "offset"), 7);
  EXPECT_EQ(value(row(kNoTimestamp), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(kNoTimestamp), "event_time"), std::nullopt);
}

TEST_F(DeadLetterRows, ATimeThatNoTimestampHoldsIsNull) {
  EXPECT_EQ(value(row(INT64_MAX), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(INT64_MIN + 1), "ingested_at"), std::nullopt);
  // Kafka clients that take milliseconds for microseconds: the year 55840.
  EXPECT_EQ(value(row(1'700'000'000'000'000), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(253'402'300'800'000), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(253'402'300'799'999), "ingested_at"), 253'402'300'799'999'000);
  EXPECT_EQ(value(row(-62'135'596'800'001), "ingested_at"), std::nullopt);
  EXPECT_EQ(value(row(-62'135'596'800'000), "ingested_at"), -62'135'596'800'000'000);
}

}  // namespace
}  // namespace weir::operators

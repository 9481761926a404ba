#include "event/raw_batch.h"

#include <set>

#include <gtest/gtest.h>

#include "event/partition_names.h"
#include "event/reject.h"

namespace weir {
namespace {

TEST(RawBatch, KeepsBytesKeysAndPositions) {
  RawBatchBuilder builder;
  builder.reserve(100, 10);
  builder.set_context("id,name");
  EXPECT_TRUE(builder.empty());
  builder.add("one", {.partition = 2, .offset = 7, .timestamp_ms = 99, .key = "k", .has_key = true});
  builder.add("", {.is_null = true});
  builder.add("", {.key = "", .has_key = true});
  builder.add("part", {.offset = 8, .is_truncated = true});
  EXPECT_EQ(builder.size(), 4U);
  const auto batch = builder.finish();
  ASSERT_EQ(batch->size(), 4U);
  EXPECT_EQ(batch->bytes(0), "one");
  EXPECT_EQ(batch->key(0), "k");
  EXPECT_TRUE(batch->has_key(0));
  EXPECT_EQ(batch->partition(0), 2);
  EXPECT_EQ(batch->offset(0), 7);
  EXPECT_EQ(batch->timestamp_ms(0), 99);
  EXPECT_TRUE(batch->is_null(1));
  EXPECT_FALSE(batch->has_key(1));
  EXPECT_EQ(batch->timestamp_ms(1), kNoTimestamp);
  EXPECT_FALSE(batch->is_null(2));
  EXPECT_TRUE(batch->has_key(2));
  EXPECT_EQ(batch->key(2), "");
  EXPECT_TRUE(batch->is_truncated(3));
  EXPECT_EQ(batch->context(), "id,name");
  EXPECT_EQ(batch->payload_bytes(), 8U);
}

TEST(RawBatch, AnEventThatTheSourceCouldNotMakeWholeSaysWhy) {
  RawBatchBuilder builder;
  builder.add("good", {});
  builder.add("bad", {.is_truncated = true, .fault = "it ends in the middle"});
  const auto batch = builder.finish();
  EXPECT_FALSE(batch->is_broken(0));
  EXPECT_TRUE(batch->is_broken(1));
  EXPECT_EQ(batch->fault(1), "it ends in the middle");
  builder.add("next", {});
  EXPECT_FALSE(builder.finish()->is_broken(0));
}

TEST(RawBatch, EveryEventIsFollowedByPaddingThatEndsInZeros) {
  RawBatchBuilder builder;
  for (int i = 0; i < 100; ++i) builder.add(std::string(static_cast<size_t>(i), 'x'), {});
  const auto batch = builder.finish();
  const std::string_view last = batch->bytes(99);
  // The speculative JSON reader relies on the zeros: they end every scan.
  for (size_t i = 0; i < kArenaPaddingBytes; ++i) EXPECT_EQ(last.data()[last.size() + i], '\0');
}

TEST(RawBatch, ABuilderStartsAgainAfterFinish) {
  RawBatchBuilder builder;
  builder.set_context("h");
  builder.add("a", {});
  const auto first = builder.finish();
  EXPECT_TRUE(builder.empty());
  builder.add("b", {});
  const auto second = builder.finish();
  EXPECT_EQ(first->bytes(0), "a");
  EXPECT_EQ(second->bytes(0), "b");
  EXPECT_EQ(second->context(), "");
  EXPECT_EQ(builder.finish()->size(), 0U);
}

TEST(PartitionNames, NumbersFromZeroAndKeepsReferences) {
  PartitionNames names;
  EXPECT_EQ(names.add({.topic = "a", .partition = 3}), 0);
  const PartitionName& first = names.name(0);
  for (int i = 1; i < 1000; ++i) EXPECT_EQ(names.add({.topic = "t", .partition = i}), i);
  EXPECT_EQ(&first, &names.name(0));
  EXPECT_EQ(names.name(0).topic, "a");
  EXPECT_EQ(names.name(999).partition, 999);
}

TEST(RejectClass, EveryClassHasAStableNameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(RejectClass::expression); ++i)
    names.insert(to_string(static_cast<RejectClass>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(RejectClass::expression) + 1);
  EXPECT_EQ(to_string(RejectClass::malformed), "malformed");
  EXPECT_EQ(to_string(RejectClass::missing_required), "missing_required");
  EXPECT_EQ(to_string(RejectClass::rule), "rule");
}

}  // namespace
}  // namespace weir

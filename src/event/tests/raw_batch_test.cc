#include "event/raw_batch.h"

#include <set>

#include <gtest/gtest.h>

#include "event/reject.h"

namespace weir {
namespace {

TEST(RawBatch, KeepsBytesKeysAndPositions) {
  const auto split = std::make_shared<const Split>(Split{.source = "feed", .topic = "clicks", .partition = 2});
  RawBatchBuilder builder;
  builder.reserve(100, 10);
  builder.set_context("id,name");
  EXPECT_TRUE(builder.empty());
  builder.add("one", {.split = &split, .offset = 7, .timestamp_ms = 99, .key = "k", .has_key = true});
  builder.add("", {.is_null = true});
  builder.add("", {.key = "", .has_key = true});
  builder.add("part", {.offset = 8, .is_truncated = true});
  EXPECT_EQ(builder.size(), 4U);
  const auto batch = builder.finish();
  ASSERT_EQ(batch->size(), 4U);
  EXPECT_EQ(batch->bytes(0), "one");
  EXPECT_EQ(batch->key(0), "k");
  EXPECT_TRUE(batch->has_key(0));
  EXPECT_EQ(batch->split(0), *split);
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

TEST(RawBatch, NamesEachSplitOnceWhateverTheOrderOfItsEvents) {
  const auto left = std::make_shared<const Split>(Split{.source = "s", .topic = "t", .partition = 0});
  const auto right = std::make_shared<const Split>(Split{.source = "s", .topic = "t", .partition = 1});
  RawBatchBuilder builder;
  for (const SplitPtr* split : {&right, &left, &left, &right}) builder.add("x", {.split = split});
  const auto first = builder.finish();
  EXPECT_EQ(first->splits(), (std::vector<SplitPtr>{right, left}));
  EXPECT_EQ(first->split_index(3), 0U);
  builder.add("y", {.split = &left});
  const auto second = builder.finish();
  EXPECT_EQ(second->splits(), std::vector<SplitPtr>{left});
  EXPECT_EQ(second->split_index(0), 0U);
}

TEST(RejectClass, EveryClassHasAStableNameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(RejectClass::expression_row); ++i)
    names.insert(to_string(static_cast<RejectClass>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(RejectClass::expression_row) + 1);
  EXPECT_EQ(to_string(RejectClass::malformed), "malformed");
  EXPECT_EQ(to_string(RejectClass::missing_required), "missing_required");
  EXPECT_EQ(to_string(RejectClass::rule), "rule");
}

}  // namespace
}  // namespace weir

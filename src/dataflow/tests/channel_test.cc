#include "dataflow/channel.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"

namespace weir {
namespace {

Batch rows(int64_t count) {
  FixedBuilder<int64_t> numbers(Type::primitive(TypeKind::int64));
  for (int64_t i = 0; i < count; ++i) numbers.append(i);
  static const auto kSchema = std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{{.id = 0, .name = "n", .required = true, .type = Type::primitive(TypeKind::int64)}}));
  return Batch(kSchema, {numbers.finish()}, count, nullptr);
}

class ChannelTest : public testing::Test {
 protected:
  int woken_consumer_ = 0;
  int woken_producer_ = 0;
  Channel channel_{1000, [this] { ++woken_consumer_; }, [this] { ++woken_producer_; }};
};

TEST_F(ChannelTest, KeepsTheOrderOfEverythingThatTravels) {
  channel_.push(rows(1));
  channel_.push(StreamStatus{.watermark = 5});
  channel_.push(Barrier{.epoch = 3});
  EXPECT_EQ(woken_consumer_, 3);
  EXPECT_EQ(std::get<Batch>(*channel_.pop()).rows(), 1);
  EXPECT_EQ(std::get<StreamStatus>(*channel_.pop()).watermark, 5);
  EXPECT_EQ(std::get<Barrier>(*channel_.pop()).epoch, 3);
  EXPECT_FALSE(channel_.pop());
}

TEST_F(ChannelTest, HasNoCreditWhileItIsFullAndSaysWhenItHasSomeAgain) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(channel_.has_credit()) << i;
    channel_.push(rows(5));
    if (!channel_.has_credit()) break;
  }
  EXPECT_FALSE(channel_.has_credit());
  EXPECT_GE(channel_.memory_bytes(), 1000);
  channel_.push(Barrier{.epoch = 1});  // always has a place
  EXPECT_EQ(woken_producer_, 0);
  while (channel_.pop()) {
  }
  EXPECT_TRUE(channel_.has_credit());
  EXPECT_EQ(woken_producer_, 1);
  EXPECT_EQ(channel_.memory_bytes(), 0);
}

TEST_F(ChannelTest, OneBatchLargerThanTheBoundStillPasses) {
  EXPECT_TRUE(channel_.has_credit());
  channel_.push(rows(10'000));
  EXPECT_FALSE(channel_.has_credit());
  EXPECT_EQ(std::get<Batch>(*channel_.pop()).rows(), 10'000);
  EXPECT_TRUE(channel_.has_credit());
}

}  // namespace
}  // namespace weir

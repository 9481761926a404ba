#include "dataflow/stream_status.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(StatusMerger, IsTheLowestWatermark) {
  StatusMerger merger;
  const size_t left = merger.add();
  const size_t right = merger.add();
  EXPECT_FALSE(merger.set(left, {.watermark = 10})) << "right has promised nothing";
  EXPECT_TRUE(merger.set(right, {.watermark = 7}));
  EXPECT_EQ(merger.merged().watermark, 7);
  EXPECT_FALSE(merger.set(left, {.watermark = 20}));
  EXPECT_TRUE(merger.set(right, {.watermark = 30}));
  EXPECT_EQ(merger.merged().watermark, 20);
}

TEST(StatusMerger, AnIdleInputHoldsNobodyBackAndTakesNothingBack) {
  StatusMerger merger;
  const size_t left = merger.add();
  const size_t right = merger.add();
  merger.set(left, {.watermark = 10});
  EXPECT_TRUE(merger.set(right, {.watermark = kNoWatermark, .is_idle = true}));
  EXPECT_EQ(merger.merged(), (StreamStatus{.watermark = 10}));
  EXPECT_FALSE(merger.set(right, {.watermark = 3})) << "back again, far behind";
  EXPECT_EQ(merger.merged().watermark, 10);
  EXPECT_FALSE(merger.set(left, {.watermark = 20})) << "the right one is at 3 now";
  EXPECT_TRUE(merger.set(right, {.watermark = 15}));
  EXPECT_EQ(merger.merged().watermark, 15);
}

TEST(StatusMerger, WhenAllAreIdleTheHighestCountsWhateverTheOrder) {
  for (const bool left_first : {true, false}) {
    StatusMerger merger;
    const size_t left = merger.add();
    const size_t right = merger.add();
    merger.set(left, {.watermark = 10});
    merger.set(right, {.watermark = 4});
    merger.set(left_first ? left : right, {.is_idle = true});
    merger.set(left_first ? right : left, {.is_idle = true});
    EXPECT_EQ(merger.merged(), (StreamStatus{.watermark = 10, .is_idle = true}));
  }
}

TEST(StatusMerger, IsIdleWhenAllAre) {
  StatusMerger merger;
  const size_t left = merger.add();
  const size_t right = merger.add();
  merger.set(left, {.watermark = 10});
  merger.set(right, {.watermark = 12});
  EXPECT_TRUE(merger.set(left, {.watermark = 10, .is_idle = true}));
  EXPECT_EQ(merger.merged(), (StreamStatus{.watermark = 12}));
  EXPECT_TRUE(merger.set(right, {.watermark = 12, .is_idle = true}));
  EXPECT_EQ(merger.merged(), (StreamStatus{.watermark = 12, .is_idle = true}));
}

}  // namespace
}  // namespace weir

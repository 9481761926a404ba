#include "planner/memory_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::planner {
namespace {

using testing::HasSubstr;

constexpr int64_t kMiB = int64_t{1024} * 1024;

TEST(MemoryBudget, WritersOfAllTasksShareWhatIsLeft) {
  const MemoryNeeds one{.budget_bytes = 336 * kMiB, .tasks = 1, .event_bytes_max = kMiB};
  EXPECT_EQ(divide_memory(one)->writer_bytes, (336 - 64 - 8) * kMiB);
  const MemoryNeeds four{.budget_bytes = 336 * kMiB, .tasks = 4, .event_bytes_max = kMiB, .fetch_bytes = 96 * kMiB};
  EXPECT_EQ(divide_memory(four)->writer_bytes, (336 - 64 - 96 - 4 * 8) / 4 * kMiB);
}

TEST(MemoryBudget, SharesTogetherAreNeverMoreThanTheBudget) {
  for (const int64_t tasks : {1, 2, 7, 64, 256}) {
    for (const int64_t keyed_steps : {0, 1, 5}) {
      for (const int64_t event_mib : {1, 8, 64}) {
        MemoryNeeds needs{.budget_bytes = int64_t{400} * 1024 * kMiB,
                          .tasks = tasks,
                          .event_bytes_max = event_mib * kMiB,
                          .fetch_bytes = 96 * kMiB,
                          .keyed_steps = keyed_steps};
        for (; needs.budget_bytes > kMiB; needs.budget_bytes /= 2) {
          const Result<MemoryShares> shares = divide_memory(needs);
          if (!shares.ok()) continue;
          const int64_t channels = tasks == 1 ? 0 : keyed_steps * tasks * tasks;
          EXPECT_LE(tasks * shares->writer_bytes + channels * shares->channel_bytes +
                        2 * keyed_steps * tasks * shares->state_bytes * (keyed_steps > 0 ? 1 : 0),
                    needs.budget_bytes);
          EXPECT_GE(shares->writer_bytes, 8 * kMiB);
          EXPECT_GE(shares->channel_bytes, kMiB / 16);
        }
      }
    }
  }
}

TEST(MemoryBudget, WhatIsTooLittleIsRefusedWithTheLeastThatIsEnough) {
  MemoryNeeds needs{.budget_bytes = 300 * kMiB, .tasks = 64, .event_bytes_max = kMiB};
  const Result<MemoryShares> refused = divide_memory(needs);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(refused.error().message(), HasSubstr("takes 1088 MiB at least"));
  EXPECT_THAT(refused.error().message(), HasSubstr("each of 64 tasks 16 MiB"));
  needs.budget_bytes = 1088 * kMiB;
  EXPECT_TRUE(divide_memory(needs).ok());
}

TEST(MemoryBudget, TheLargestEventCounts) {
  const MemoryNeeds needs{.budget_bytes = 214 * kMiB, .tasks = 1, .event_bytes_max = 64 * kMiB};
  EXPECT_THAT(divide_memory(needs).error().message(), HasSubstr("384 MiB for events on their way, by event_max"));
}

}  // namespace
}  // namespace weir::planner

#include "base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(SeededRandom, RepeatsItself) {
  SeededRandom a(1);
  SeededRandom b(1);
  SeededRandom c(2);
  const uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
  // First value of splitmix64 with seed 0, as published with the algorithm.
  EXPECT_EQ(SeededRandom(0).next_u64(), 0xe220a8397b1dcdafULL);
}

TEST(SystemRandom, DoesNotRepeatItself) {
  EXPECT_NE(system_random().next_u64(), system_random().next_u64());
}

TEST(Uuid, RandomOnesHaveVersion4) {
  SeededRandom random(1);
  std::set<Uuid> all;
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = Uuid::random(random);
    EXPECT_EQ(uuid.bytes[6] >> 4, 4);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
    all.insert(uuid);
  }
  EXPECT_EQ(all.size(), 1000U);
}

TEST(Uuid, TimeOrderedOnesSortByTheirMillisecond) {
  SeededRandom random(1);
  const Uuid early = Uuid::time_ordered(random, 1'000);
  const Uuid late = Uuid::time_ordered(random, 1'001);
  const Uuid latest = Uuid::time_ordered(random, 1'700'000'000'000);
  EXPECT_LT(early, late);
  EXPECT_LT(late, latest);
  EXPECT_EQ(early.bytes[6] >> 4, 7);
  EXPECT_EQ(latest.to_string().substr(0, 13), "018bcfe5-6800");
}

TEST(Uuid, TextGoesThereAndBack) {
  const auto parsed = Uuid::parse("F79C3E09-677c-4bbd-A479-3f349cb785e7");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->to_string(), "f79c3e09-677c-4bbd-a479-3f349cb785e7");
  EXPECT_EQ(parsed->bytes[0], 0xf7);
  EXPECT_EQ(parsed->bytes[15], 0xe7);
}

TEST(Uuid, OtherTextIsRefused) {
  for (const char* text : {"", "f79c3e09677c4bbda4793f349cb785e7", "{f79c3e09-677c-4bbd-a479-3f349cb785e7}",
                           "f79c3e09-677c-4bbd-a479-3f349cb785e", "g79c3e09-677c-4bbd-a479-3f349cb785e7",
                           "f79c3e09-677c-4bbd-a479-3f349cb785e7 ", "f79c3e0-9677c-4bbd-a479-3f349cb785e7"}) {
    EXPECT_EQ(Uuid::parse(text).error().kind(), ErrorKind::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace weir

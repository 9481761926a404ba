#include <algorithm>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "operator/exact_sum_internal.h"

namespace weir::operators {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double sum_of(const std::vector<double>& values) {
  ExactSum sum{};
  for (const double value : values) sum.add(value);
  return sum.rounded();
}

TEST(ExactSum, LosesNothingToCancellation) {
  EXPECT_EQ(sum_of({1e308, 1, -1e308}), 1);
  EXPECT_EQ(sum_of({1e16, 1, 1, -1e16}), 2);
  EXPECT_EQ(sum_of({0.1, 0.2, 0.3, -0.1, -0.2, -0.3}), 0);
}

TEST(ExactSum, OfTenTenthsIsOne) {
  EXPECT_EQ(sum_of(std::vector<double>(10, 0.1)), 1.0);
}

TEST(ExactSum, OneValueIsItself) {
  SeededRandom random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random.next_u64());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(sum_of({value}), value);
    ASSERT_EQ(sum_of({value, 1.5, -1.5}), value);
  }
  for (const double value : {std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::min(),
                             std::numeric_limits<double>::max(), -std::numeric_limits<double>::denorm_min()}) {
    EXPECT_EQ(sum_of({value}), value);
  }
}

TEST(ExactSum, OfTwoIsTheRoundedSumOfTheProcessor) {
  SeededRandom random(4);
  for (int i = 0; i < 200'000; ++i) {
    // Exponents near each other, so that rounding has something to do.
    const double a = std::ldexp(static_cast<double>(random.next_u64() >> 11), static_cast<int>(random.next_u64() % 70));
    double b = std::ldexp(static_cast<double>(random.next_u64() >> 11), static_cast<int>(random.next_u64() % 70));
    if ((random.next_u64() & 1) != 0) b = -b;
    ASSERT_EQ(sum_of({a, b}), a + b);
  }
}

TEST(ExactSum, HalvesRoundToEven) {
  const double big = std::ldexp(1.0, 53);
  EXPECT_EQ(sum_of({big, 1}), big);
  EXPECT_EQ(sum_of({big + 2, 1}), big + 4);
  EXPECT_EQ(sum_of({big, 1, std::numeric_limits<double>::denorm_min()}), big + 2);
}

TEST(ExactSum, DoesNotDependOnTheOrder) {
  SeededRandom random(5);
  std::vector<double> values;
  for (int i = 0; i < 1'000; ++i) {
    const double value =
        std::ldexp(static_cast<double>(random.next_u64()), static_cast<int>(random.next_u64() % 200) - 100);
    values.push_back((random.next_u64() & 1) != 0 ? value : -value);
  }
  const double sum = sum_of(values);
  for (int i = 0; i < 50; ++i) {
    for (size_t at = values.size(); at > 1; --at) std::swap(values[at - 1], values[random.next_u64() % at]);
    ASSERT_EQ(sum_of(values), sum);
  }
}

TEST(ExactSum, TheLargestMayMeetInAnyOrder) {
  constexpr double kMax = std::numeric_limits<double>::max();
  EXPECT_EQ(sum_of({kMax, kMax, -kMax}), kMax);
  EXPECT_EQ(sum_of({kMax, kMax}), kInfinity);
  EXPECT_EQ(sum_of({-kMax, -kMax, -kMax}), -kInfinity);
}

TEST(ExactSum, KeepsInfinitiesAndNaN) {
  EXPECT_EQ(sum_of({1, kInfinity, 2}), kInfinity);
  EXPECT_EQ(sum_of({-kInfinity, 2}), -kInfinity);
  EXPECT_TRUE(std::isnan(sum_of({kInfinity, -kInfinity})));
  EXPECT_TRUE(std::isnan(sum_of({std::numeric_limits<double>::quiet_NaN(), 1})));
}

}  // namespace
}  // namespace weir::operators

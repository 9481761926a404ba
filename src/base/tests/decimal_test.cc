#include "base/decimal.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"

namespace weir {
namespace {

std::string parsed(std::string_view text, int precision, int scale) {
  Int128 unscaled = 0;
  switch (parse_decimal(text, precision, scale, unscaled)) {
    case DecimalParse::ok: return format_decimal(unscaled, scale);
    case DecimalParse::malformed: return "malformed";
    case DecimalParse::out_of_range: return "out_of_range";
    case DecimalParse::inexact: return "inexact";
  }
  return "?";
}

TEST(Decimal, KeepsEveryDigit) {
  EXPECT_EQ(parsed("12.50", 9, 2), "12.50");
  EXPECT_EQ(parsed("-0.01", 9, 2), "-0.01");
  EXPECT_EQ(parsed("7", 9, 2), "7.00");
  EXPECT_EQ(parsed("0", 1, 0), "0");
  EXPECT_EQ(parsed("-0", 9, 2), "0.00");
  EXPECT_EQ(parsed(std::string(38, '9'), 38, 0), std::string(38, '9'));
  EXPECT_EQ(parsed("-" + std::string(38, '9'), 38, 0), "-" + std::string(38, '9'));
  EXPECT_EQ(parsed("0." + std::string(37, '0') + "1", 38, 38), "0." + std::string(37, '0') + "1");
}

TEST(Decimal, ExponentsMoveThePoint) {
  EXPECT_EQ(parsed("1.25e3", 9, 2), "1250.00");
  EXPECT_EQ(parsed("125E-2", 9, 2), "1.25");
  EXPECT_EQ(parsed("0e999999999999", 9, 2), "0.00");
  EXPECT_EQ(parsed("1e-2", 9, 2), "0.01");
  EXPECT_EQ(parsed("1e-3", 9, 2), "inexact");
  EXPECT_EQ(parsed("1e999999999999", 9, 2), "out_of_range");
  EXPECT_EQ(parsed("1e-999999999999", 9, 2), "inexact");
  EXPECT_EQ(parsed("1000e-3", 9, 2), "1.00");
  EXPECT_EQ(parsed("0." + std::string(1000, '0') + "1e1001", 9, 2), "1.00");
}

TEST(Decimal, NeverRoundsAndNeverOverflows) {
  EXPECT_EQ(parsed("1.005", 9, 2), "inexact");
  EXPECT_EQ(parsed("1.000", 9, 2), "1.00");
  EXPECT_EQ(parsed("9999999.99", 9, 2), "9999999.99");
  EXPECT_EQ(parsed("10000000", 9, 2), "out_of_range");
  EXPECT_EQ(parsed(std::string(10'000, '9'), 38, 0), "out_of_range");
  EXPECT_EQ(parsed("1" + std::string(38, '0'), 38, 0), "out_of_range");
  EXPECT_EQ(parsed("1", 38, 38), "out_of_range");
}

TEST(Decimal, OnlyJsonNumbersAreRead) {
  for (const char* text :
       {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", " 1", "1 ", "1,5", "--1", "1e5.5", "NaN", "1.5e", "-01"})
    EXPECT_EQ(parsed(text, 9, 2), "malformed") << text;
}

TEST(Decimal, RandomValuesGoThereAndBack) {
  SeededRandom random(3);
  for (int i = 0; i < 10'000; ++i) {
    const int precision = 1 + static_cast<int>(random.next_u64() % 38);
    const int scale = static_cast<int>(random.next_u64() % static_cast<uint64_t>(precision + 1));
    Int128 unscaled = 0;
    for (int digit = 0; digit < precision; ++digit) unscaled = unscaled * 10 + static_cast<int>(random.next_u64() % 10);
    if (random.next_u64() % 2 == 0) unscaled = -unscaled;
    Int128 back = 0;
    ASSERT_EQ(parse_decimal(format_decimal(unscaled, scale), precision, scale, back), DecimalParse::ok)
        << format_decimal(unscaled, scale);
    ASSERT_TRUE(back == unscaled);
  }
}

TEST(Decimal, PowersOfTen) {
  EXPECT_TRUE(power_of_ten(0) == 1);
  EXPECT_EQ(format_decimal(power_of_ten(38), 0), "1" + std::string(38, '0'));
}

}  // namespace
}  // namespace weir

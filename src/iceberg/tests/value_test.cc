#include "iceberg/value/value.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "iceberg/tests/value_literal.h"

namespace weir::iceberg {
namespace {

const TypePtr kLong = Type::primitive(TypeKind::int64);
const TypePtr kDouble = Type::primitive(TypeKind::float64);
const TypePtr kString = Type::primitive(TypeKind::string);
const TypePtr kTimestamptz = Type::primitive(TypeKind::timestamptz);

std::string hex(const TypePtr& type, const Value& value) {
  return hex_encode(value_to_bytes(*type, value));
}

bool is_less(const Type& of, const Value& a, const Value& b) {
  return std::is_lt(compare_values(of, a, b));
}

TypePtr type(std::string_view name) {
  return *Type::parse_primitive(name);
}

TEST(Value, HasTheBinaryFormOfTheSpecification) {
  EXPECT_EQ(hex(type("boolean"), Value(true)), "01");
  EXPECT_EQ(hex(type("int"), Value(int32_t{-2})), "feffffff");
  EXPECT_EQ(hex(kLong, Value(int64_t{1})), "0100000000000000");
  EXPECT_EQ(hex(type("float"), Value(-0.0F)), "00000080");
  EXPECT_EQ(hex(type("double"), Value(1.0)), "000000000000f03f");
  EXPECT_EQ(hex(type("date"), Value(int32_t{17486})), "4e440000");
  EXPECT_EQ(hex(kString, Value::bytes("ice")), "696365");
  EXPECT_EQ(hex(kString, Value::bytes("")), "");
  EXPECT_EQ(hex(type("uuid"), value_literal("uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7")),
            "f79c3e09677c4bbda4793f349cb785e7");
  EXPECT_EQ(hex(type("fixed[2]"), Value::bytes("\x01\x02")), "0102");
}

TEST(Value, WritesDecimalsInTheFewestBytes) {
  const TypePtr decimal = type("decimal(38, 2)");
  const std::pair<Int128, std::string> cases[] = {
      {0, "00"},        {1, "01"},         {-1, "ff"},          {127, "7f"},   {128, "0080"},
      {-128, "80"},     {-129, "ff7f"},    {1420, "058c"},      {255, "00ff"}, {-256, "ff00"},
      {-32768, "8000"}, {32768, "008000"}, {-8388608, "800000"}};
  for (const auto& [unscaled, bytes] : cases) {
    EXPECT_EQ(hex(decimal, Value(unscaled)), bytes);
    std::string raw;
    ASSERT_TRUE(hex_decode(bytes, raw));
    EXPECT_EQ(value_from_bytes(*decimal, raw)->as<Int128>(), unscaled);
    EXPECT_EQ(value_from_bytes(*decimal, (unscaled < 0 ? "\xff" : std::string(1, '\0')) + raw)->as<Int128>(), unscaled)
        << "one byte too many is read";
  }
  const Int128 largest = power_of_ten(38) - 1;
  EXPECT_EQ(value_from_bytes(*decimal, value_to_bytes(*decimal, Value(largest)))->as<Int128>(), largest);
  EXPECT_EQ(value_from_bytes(*decimal, value_to_bytes(*decimal, Value(-largest)))->as<Int128>(), -largest);
  EXPECT_FALSE(value_from_bytes(*decimal, "").ok());
  EXPECT_FALSE(value_from_bytes(*decimal, std::string(17, '\0')).ok());
}

TEST(Value, ReadsBoundsOfTypesThatWerePromoted) {
  EXPECT_EQ(value_from_bytes(*kLong, std::string("\xfe\xff\xff\xff", 4))->as<int64_t>(), -2);
  EXPECT_EQ(value_from_bytes(*kDouble, value_to_bytes(*type("float"), Value(1.5F)))->as<double>(), 1.5);
  EXPECT_EQ(value_from_bytes(*kTimestamptz, value_to_bytes(*type("date"), Value(int32_t{-1})))->as<int64_t>(),
            -86'400'000'000);
  EXPECT_EQ(value_from_bytes(*kTimestamptz, "\xff\xff\xff\x7f").error().kind(), ErrorKind::corrupt)
      << "beyond what microseconds reach";
}

TEST(Value, RefusesBytesOfTheWrongLength) {
  for (const char* name :
       {"boolean", "int", "long", "float", "double", "date", "time", "timestamp", "timestamptz", "uuid"}) {
    EXPECT_EQ(value_from_bytes(*type(name), "abc").error().kind(), ErrorKind::corrupt) << name;
    EXPECT_EQ(value_from_bytes(*type(name), "").error().kind(), ErrorKind::corrupt) << name;
  }
}

TEST(Value, OrdersFloatsAsIcebergSortsThem) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const double ordered[] = {-nan, -inf, -1.5, -0.0, 0.0, 1e-300, 1.5, inf, nan};
  for (size_t i = 0; i + 1 < std::size(ordered); ++i) {
    EXPECT_TRUE(is_less(*kDouble, Value(ordered[i]), Value(ordered[i + 1]))) << i;
    const auto narrow = [](double value) { return Value(static_cast<float>(value)); };
    if (i != 4 && i != 5) {  // too small for a float
      EXPECT_TRUE(is_less(*type("float"), narrow(ordered[i]), narrow(ordered[i + 1]))) << i;
    }
  }
}

TEST(Value, OrdersBytesUnsigned) {
  EXPECT_TRUE(is_less(*kString, Value::bytes("z"), Value::bytes("\xc3\xa9")));
  EXPECT_TRUE(is_less(*kString, Value::bytes("a"), Value::bytes("ab")));
  EXPECT_TRUE(is_less(*kString, Value::bytes(""), Value::bytes(std::string_view("\0", 1))));
  EXPECT_TRUE(is_less(*type("uuid"), value_literal("uuid", "00000000-0000-0000-0000-000000000001"),
                      value_literal("uuid", "80000000-0000-0000-0000-000000000000")));
  EXPECT_TRUE(is_less(*type("decimal(9, 2)"), Value(Int128{-300}), Value(Int128{2})));
}

TEST(Value, IsReadFromColumns) {
  BytesBuilder strings(kString);
  strings.append("a");
  strings.append_null();
  const ColumnPtr column = strings.finish();
  EXPECT_EQ(value_at(*column, 0), Value::bytes("a"));
  EXPECT_TRUE(value_at(*column, 1).is_null());
  FixedBuilder<Int128> decimals(type("decimal(20, 2)"));
  decimals.append(-5);
  EXPECT_EQ(value_at(*decimals.finish(), 0), Value(Int128{-5}));
  BooleanBuilder booleans(type("boolean"));
  booleans.append(true);
  EXPECT_EQ(value_at(*booleans.finish(), 0), Value(true));
}

}  // namespace
}  // namespace weir::iceberg

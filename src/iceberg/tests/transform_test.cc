#include "iceberg/partition/transform.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "columnar/column_builder.h"
#include "iceberg/tests/value_literal.h"

namespace weir::iceberg {
namespace {

TypePtr type(std::string_view name) {
  return *Type::parse_primitive(name);
}

int32_t hash(std::string_view type_name, std::string_view text) {
  return bucket_hash(*type(type_name), value_literal(type_name, text));
}

Value apply(std::string_view transform, std::string_view type_name, const Value& value) {
  return Transform::parse(transform)->apply(type(type_name), value);
}
Value apply(std::string_view transform, std::string_view type_name, std::string_view text) {
  return apply(transform, type_name, value_literal(type_name, text));
}

// Appendix B of the specification.
TEST(PartitionTransform, HashesAsTheSpecificationSays) {
  EXPECT_EQ(hash("int", "34"), 2017239379);
  EXPECT_EQ(hash("long", "34"), 2017239379);
  EXPECT_EQ(hash("decimal(9, 2)", "14.20"), -500754589);
  EXPECT_EQ(hash("date", "2017-11-16"), -653330422);
  EXPECT_EQ(hash("time", "22:31:08"), -662762989);
  EXPECT_EQ(hash("timestamp", "2017-11-16T22:31:08"), -2047944441);
  EXPECT_EQ(hash("timestamp", "2017-11-16T22:31:08.000001"), -1207196810);
  EXPECT_EQ(hash("timestamptz", "2017-11-16T14:31:08-08:00"), -2047944441);
  EXPECT_EQ(hash("timestamptz", "2017-11-16T14:31:08.000001-08:00"), -1207196810);
  EXPECT_EQ(hash("string", "iceberg"), 1210000089);
  EXPECT_EQ(hash("uuid", "f79c3e09-677c-4bbd-a479-3f349cb785e7"), 1488055340);
  EXPECT_EQ(hash("fixed[4]", "00010203"), -188683207);
  EXPECT_EQ(hash("binary", "00010203"), -188683207);
}

TEST(PartitionTransform, BucketsAsJavaDoes) {
  const std::pair<const char*, int32_t> cases[] = {{"0", 12}, {"1", 4}, {"34", 3}, {"-1", 8}};
  for (const auto& [json, bucket] : cases) {
    EXPECT_EQ(apply("bucket[16]", "int", json), Value(bucket)) << json;
    EXPECT_EQ(apply("bucket[16]", "long", json), Value(bucket)) << json;
  }
}

TEST(PartitionTransform, TruncateRoundsNegativeNumbersDown) {
  EXPECT_EQ(apply("truncate[10]", "int", "1"), Value(int32_t{0}));
  EXPECT_EQ(apply("truncate[10]", "int", "-1"), Value(int32_t{-10}));
  EXPECT_EQ(apply("truncate[10]", "int", "-10"), Value(int32_t{-10}));
  EXPECT_EQ(apply("truncate[10]", "long", "-1"), Value(int64_t{-10}));
  EXPECT_EQ(apply("truncate[50]", "decimal(9, 2)", "10.65"), value_literal("decimal(9, 2)", "10.50"));
  EXPECT_EQ(apply("truncate[10]", "decimal(9, 2)", "-0.05"), value_literal("decimal(9, 2)", "-0.10"));
}

TEST(PartitionTransform, TruncateWrapsAroundBelowTheSmallestNumber) {
  EXPECT_EQ(apply("truncate[10]", "int", "-2147483648"), Value(int32_t{2147483646}));
  EXPECT_EQ(apply("truncate[10]", "long", "-9223372036854775808"), Value(int64_t{9223372036854775806}));
}

TEST(PartitionTransform, TruncateCutsTextAtCodePointsAndBinaryAtBytes) {
  EXPECT_EQ(apply("truncate[3]", "string", "iceberg"), Value::bytes("ice"));
  EXPECT_EQ(apply("truncate[3]", "string", "ic"), Value::bytes("ic"));
  EXPECT_EQ(apply("truncate[2]", "string", "éàç"), Value::bytes("éà"));
  EXPECT_EQ(apply("truncate[1]", "string", "😀x"), Value::bytes("😀"));
  EXPECT_EQ(apply("truncate[2]", "binary", "ff00ff"), Value::bytes(std::string_view("\xff\0", 2)));
}

TEST(PartitionTransform, TimeTransformsCountFrom1970) {
  const char* instant = "2017-11-16T22:31:08.123456";
  EXPECT_EQ(apply("year", "timestamp", instant), Value(int32_t{47}));
  EXPECT_EQ(apply("month", "timestamp", instant), Value(int32_t{574}));
  EXPECT_EQ(apply("day", "timestamp", instant), Value(int32_t{17486}));
  EXPECT_EQ(apply("hour", "timestamp", instant), Value(int32_t{419686}));
  EXPECT_EQ(apply("day", "date", "2017-11-16"), Value(int32_t{17486}));
  EXPECT_EQ(apply("month", "date", "1969-12-31"), Value(int32_t{-1}));
}

TEST(PartitionTransform, TimeTransformsRoundDownBeforeTheEpoch) {
  for (const char* name : {"year", "month", "day", "hour"})
    EXPECT_EQ(apply(name, "timestamptz", Value(int64_t{-1})), Value(int32_t{-1})) << name;
  EXPECT_EQ(apply("day", "timestamptz", Value(int64_t{-86'400'000'000})), Value(int32_t{-1}));
  EXPECT_EQ(apply("day", "timestamptz", Value(int64_t{-86'400'000'001})), Value(int32_t{-2}));
}

TEST(PartitionTransform, MapsNullToNullAndVoidToNull) {
  for (const char* name : {"identity", "bucket[4]", "truncate[4]", "void"})
    EXPECT_TRUE(apply(name, "string", Value()).is_null()) << name;
  EXPECT_TRUE(apply("void", "string", "x").is_null());
}

TEST(PartitionTransform, ParsesAndPrints) {
  for (const char* name : {"identity", "bucket[16]", "truncate[4]", "year", "month", "day", "hour", "void"}) {
    EXPECT_EQ(Transform::parse(name)->to_string(), name);
    EXPECT_NE(Transform::parse(name)->kind(), TransformKind::unknown);
  }
  for (const char* name : {"zorder", "bucket", "day[3]", "", "buckets[3]", "bucket(3)"}) {
    EXPECT_EQ(Transform::parse(name)->kind(), TransformKind::unknown) << name;
    EXPECT_EQ(Transform::parse(name)->to_string(), name);
  }
  for (const char* name : {"bucket[0]", "bucket[-1]", "truncate[x]", "bucket[]", "bucket[99999999999]", "bucket[1 ]"}) {
    EXPECT_EQ(Transform::parse(name).error().kind(), ErrorKind::corrupt) << name;
  }
}

TEST(PartitionTransform, ChecksTheSourceType) {
  EXPECT_EQ((*Transform::parse("day")->result_type(type("timestamptz")))->kind(), TypeKind::date);
  EXPECT_EQ((*Transform::parse("hour")->result_type(type("timestamp")))->kind(), TypeKind::int32);
  EXPECT_EQ((*Transform::parse("truncate[3]")->result_type(type("decimal(9, 2)")))->scale(), 2);
  const std::pair<const char*, const char*> cases[] = {{"hour", "date"},        {"day", "long"},
                                                       {"bucket[4]", "double"}, {"bucket[4]", "boolean"},
                                                       {"truncate[4]", "uuid"}, {"year", "time"}};
  for (const auto& [transform, source] : cases) {
    EXPECT_EQ(Transform::parse(transform)->result_type(type(source)).error().kind(), ErrorKind::invalid_argument)
        << transform << " " << source;
  }
  EXPECT_EQ(Transform::parse("future")->result_type(type("int")).error().kind(), ErrorKind::unsupported);
  EXPECT_FALSE(Transform::parse("identity")->result_type(Type::structure({})).ok());
}

TEST(PartitionTransform, ShowsValuesAsPeopleReadThem) {
  const auto text = [](const char* transform, const char* source, const Value& result) {
    return Transform::parse(transform)->to_text(type(source), result);
  };
  EXPECT_EQ(text("year", "date", Value(int32_t{47})), "2017");
  EXPECT_EQ(text("year", "date", Value(int32_t{-1971})), "-001");
  EXPECT_EQ(text("month", "date", Value(int32_t{574})), "2017-11");
  EXPECT_EQ(text("month", "date", Value(int32_t{-1})), "1969-12");
  EXPECT_EQ(text("day", "timestamp", Value(int32_t{17486})), "2017-11-16");
  EXPECT_EQ(text("hour", "timestamp", Value(int32_t{419686})), "2017-11-16-22");
  EXPECT_EQ(text("hour", "timestamp", Value(int32_t{-1})), "1969-12-31-23");
  EXPECT_EQ(text("bucket[4]", "string", Value(int32_t{3})), "3");
  EXPECT_EQ(text("identity", "timestamptz", Value(int64_t{0})), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(text("truncate[2]", "decimal(9, 2)", Value(Int128{-1050})), "-10.50");
  EXPECT_EQ(text("identity", "binary", Value::bytes("\x01\x02")), "AQI=");
  EXPECT_EQ(text("identity", "boolean", Value(true)), "true");
  EXPECT_EQ(text("identity", "string", Value()), "null");
}

TEST(PartitionTransform, EscapesPathsAsJavaDoes) {
  EXPECT_EQ(escape_path_segment("a b/c=é*-_.~"), "a+b%2Fc%3D%C3%A9*-_.%7E");
}

ColumnPtr random_column(const TypePtr& source, SeededRandom& random) {
  const std::unique_ptr<ColumnBuilder> builder = make_column_builder(source);
  for (int i = 0; i < 300; ++i) {
    const uint64_t bits = random.next_u64();
    if (bits % 5 == 0) {
      builder->append_null();
      continue;
    }
    const int shift = static_cast<int>(random.next_u64() % 64);
    const auto number = static_cast<int64_t>(bits) >> shift;
    const std::string bytes =
        hex_encode(std::string(reinterpret_cast<const char*>(&bits), random.next_u64() % 9)) + "éx";
    if (auto* ints = dynamic_cast<FixedBuilder<int32_t>*>(builder.get()))
      ints->append(static_cast<int32_t>(number));
    else if (auto* longs = dynamic_cast<FixedBuilder<int64_t>*>(builder.get()))
      longs->append(number);
    else if (auto* decimals = dynamic_cast<FixedBuilder<Int128>*>(builder.get()))
      decimals->append(Int128{number} * 1000);
    else if (auto* texts = dynamic_cast<BytesBuilder*>(builder.get()))
      texts->append(bytes);
    else
      dynamic_cast<FixedBytesBuilder&>(*builder).append(
          std::string(static_cast<size_t>(source->width_bytes()), static_cast<char>(bits)));
  }
  return builder->finish();
}

TEST(PartitionTransform, DoesToColumnsWhatItDoesToValues) {
  SeededRandom random(5);
  for (const char* source_name : {"int", "long", "date", "time", "timestamp", "timestamptz", "decimal(38, 3)", "string",
                                  "binary", "uuid", "fixed[5]"}) {
    const TypePtr source = type(source_name);
    for (const char* name : {"identity", "bucket[7]", "truncate[7]", "year", "month", "day", "hour", "void"}) {
      const Transform transform = *Transform::parse(name);
      const Result<TypePtr> result = transform.result_type(source);
      if (!result.ok()) continue;
      const ColumnPtr column = random_column(source, random);
      const ColumnPtr mapped = transform.apply(*column);
      ASSERT_EQ(mapped->length, column->length);
      EXPECT_EQ(*mapped->type, **result) << name << " " << source_name;
      for (int64_t row = 0; row < column->length; ++row) {
        ASSERT_EQ(value_at(*mapped, row), transform.apply(source, value_at(*column, row)))
            << name << " " << source_name << " " << row;
      }
    }
  }
}

}  // namespace
}  // namespace weir::iceberg

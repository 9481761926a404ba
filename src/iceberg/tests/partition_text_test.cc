#include "iceberg/partition/partition_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::iceberg {
namespace {

using testing::HasSubstr;

SchemaPtr schema() {
  return std::make_shared<const Schema>(assign_ids(std::vector<Field>{
      {.name = "id", .type = Type::primitive(TypeKind::int64)},
      {.name = "city", .type = Type::primitive(TypeKind::string)},
      {.name = "at", .type = Type::primitive(TypeKind::timestamptz)},
      {.name = "geo",
       .type = Type::structure(std::vector<Field>{{.name = "zone", .type = Type::primitive(TypeKind::int32)}})}}));
}

/// "name transform source-id", or the error.
std::string parsed(std::string_view text) {
  const auto field = parse_partition_field(text, *schema());
  if (!field.ok()) return field.error().message();
  return field->name + " " + field->transform.to_string() + " " + std::to_string(field->source_id);
}

TEST(PartitionText, AColumnAloneIsItsIdentity) {
  EXPECT_EQ(parsed("city"), "city identity 2");
  EXPECT_EQ(parsed("identity(city)"), "city identity 2");
  EXPECT_EQ(parsed(" city "), "city identity 2");
}

TEST(PartitionText, TransformsAreCalledOnAColumn) {
  EXPECT_EQ(parsed("day(at)"), "at_day day 3");
  EXPECT_EQ(parsed("year(at)"), "at_year year 3");
  EXPECT_EQ(parsed("month( at )"), "at_month month 3");
  EXPECT_EQ(parsed("hour(at)"), "at_hour hour 3");
  EXPECT_EQ(parsed("bucket(16, id)"), "id_bucket bucket[16] 1");
  EXPECT_EQ(parsed("truncate(4,city)"), "city_trunc truncate[4] 2");
}

TEST(PartitionText, TheNumberMayStandBehindTheColumn) {
  EXPECT_EQ(parsed("bucket(id, 16)"), "id_bucket bucket[16] 1");
}

TEST(PartitionText, FieldsOfStructsAreNamedByTheirPath) {
  EXPECT_THAT(parsed("bucket(4, geo.zone)"), HasSubstr("bucket[4] 5"));
  EXPECT_THAT(parsed("geo"), HasSubstr("'geo': "));
}

TEST(PartitionText, WhatIsWrongIsSaidWithTheNearestName) {
  EXPECT_EQ(parsed("cty"), "there is no column 'cty'; did you mean 'city'?");
  EXPECT_THAT(parsed("days(at)"), AllOf(HasSubstr("there is no partition transform 'days'; did you mean 'day'?"),
                                        HasSubstr("bucket(N, x)")));
  EXPECT_EQ(parsed("day(city)"), "'day(city)': the partition transform 'day' cannot be applied to a string");
  EXPECT_EQ(parsed("bucket(16, id"), "'bucket(16, id': the closing ')' is missing");
  EXPECT_EQ(parsed("bucket(id)"), "'bucket' needs a number: bucket(16, id)");
  EXPECT_EQ(parsed("day(4, at)"), "'day' takes a column only: day(at)");
}

TEST(PartitionText, ParametersAreWholeNumbersAboveZero) {
  for (const char* text : {"truncate(0, city)", "bucket(2147483648, id)", "bucket(16x, id)"})
    EXPECT_THAT(parsed(text), HasSubstr("needs a number from 1 to 2147483647")) << text;
  EXPECT_EQ(parsed("bucket(2147483647, id)"), "id_bucket bucket[2147483647] 1");
}

TEST(PartitionText, WhatIsPrintedIsReadAgain) {
  for (const char* text : {"city", "day(at)", "bucket(16, id)", "truncate(4, city)"})
    EXPECT_EQ(partition_field_text(*parse_partition_field(text, *schema()), *schema()), text);
  const PartitionField lost{.source_id = 99, .transform = *Transform::parse("day")};
  EXPECT_EQ(partition_field_text(lost, *schema()), "day(column 99)");
}

}  // namespace
}  // namespace weir::iceberg

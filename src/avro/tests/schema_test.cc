#include "avro/schema.h"

#include <gtest/gtest.h>

namespace weir::avro {
namespace {

ErrorKind error_of(std::string_view json) {
  const Result<SchemaPtr> schema = parse_schema(json);
  return schema.ok() ? ErrorKind::internal : schema.error().kind();
}

TEST(AvroSchema, KeepsIdsLogicalTypesAndDefaults) {
  const std::string json =
      R"({"type":"record","name":"manifest_entry","fields":[)"
      R"({"name":"status","type":"int","doc":"what","field-id":0},)"
      R"({"name":"price","type":["null",{"type":"fixed","name":"decimal_9_2","size":4,"logicalType":"decimal","precision":9,"scale":2}],"default":null,"field-id":4},)"
      R"({"name":"at","type":{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true},"field-id":5},)"
      R"({"name":"counts","type":{"type":"array","items":{"type":"record","name":"k1_v2","fields":[)"
      R"({"name":"key","type":"int","field-id":1},{"name":"value","type":"long","field-id":2}]},"logicalType":"map"},"field-id":6},)"
      R"({"name":"list","type":{"type":"array","items":"long","element-id":7},"field-id":8},)"
      R"({"name":"map","type":{"type":"map","values":"string","key-id":9,"value-id":10},"field-id":11},)"
      R"({"name":"_x41b","type":"string","field-id":12,"iceberg-field-name":"a b"},)"
      R"({"name":"kind","type":{"type":"enum","name":"kinds","symbols":["A","B"]}}]})";
  const Result<SchemaPtr> schema = parse_schema(json);
  ASSERT_TRUE(schema.ok()) << schema.error().to_string();
  EXPECT_EQ(to_json(**schema), json);
  const Schema& price = *optional_branch(*(*schema)->fields[1].schema);
  EXPECT_EQ(price.precision, 9);
  EXPECT_EQ(price.scale, 2);
  EXPECT_EQ(price.size_bytes, 4);
  EXPECT_EQ((*schema)->fields[4].schema->element_id, 7);
  EXPECT_EQ((*schema)->fields[6].original_name, "a b");
}

TEST(AvroSchema, WritesANamedTypeOnceAndThenItsName) {
  const SchemaPtr uuid =
      std::make_shared<const Schema>(Schema{.kind = Kind::fixed, .name = "uuid_fixed", .size_bytes = 16});
  const Schema record{.kind = Kind::record,
                      .name = "r",
                      .fields = {{.name = "a", .schema = uuid}, {.name = "b", .schema = optional(uuid)}}};
  const std::string json = to_json(record);
  EXPECT_EQ(
      json,
      R"({"type":"record","name":"r","fields":[{"name":"a","type":{"type":"fixed","name":"uuid_fixed","size":16}},)"
      R"({"name":"b","type":["null","uuid_fixed"]}]})");
  const Result<SchemaPtr> parsed = parse_schema(json);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(optional_branch(*(*parsed)->fields[1].schema)->size_bytes, 16);
}

TEST(AvroSchema, FindsNamesInTheirNamespace) {
  const Result<SchemaPtr> schema = parse_schema(
      R"({"type":"record","name":"a.b.outer","fields":[{"name":"x","type":{"type":"fixed","name":"f","size":2}},{"name":"y","type":"f"},{"name":"z","type":"a.b.f"}]})");
  ASSERT_TRUE(schema.ok()) << schema.error().to_string();
  EXPECT_EQ((*schema)->fields[2].schema->name, "a.b.f");
}

TEST(AvroSchema, UnwrapsTypesThatAreObjectsInObjects) {
  const Result<SchemaPtr> schema = parse_schema(R"({"type":{"type":"long","logicalType":"time-micros"}})");
  ASSERT_TRUE(schema.ok());
  EXPECT_EQ((*schema)->logical_type, "time-micros");
}

TEST(AvroSchema, RefusesWhatIsNoSchema) {
  for (const char* json :
       {"", "{", "7", "null", "[]", "{}", R"("strange")", R"({"type":7})", R"({"type":"array"})",
        R"({"type":"record","name":"r"})", R"({"type":"record","fields":[]})", R"({"type":"fixed","name":"f"})",
        R"({"type":"fixed","name":"f","size":-1})", R"({"type":"fixed","name":"f","size":99999999999})",
        R"({"type":"enum","name":"e","symbols":[1]})", R"({"type":"record","name":"r","fields":[{"type":"int"}]})",
        R"({"type":"record","name":"r","fields":[{"name":"a"}]})",
        R"([{"type":"fixed","name":"f","size":1},{"type":"fixed","name":"f","size":2}])"}) {
    EXPECT_EQ(error_of(json), ErrorKind::corrupt) << json;
  }
}

TEST(AvroSchema, RefusesRecursionAndItemsWithoutBytes) {
  EXPECT_EQ(error_of(R"({"type":"record","name":"r","fields":[{"name":"next","type":["null","r"]}]})"),
            ErrorKind::unsupported);
  EXPECT_EQ(error_of(R"({"type":"array","items":"null"})"), ErrorKind::unsupported);
  EXPECT_EQ(error_of(R"({"type":"array","items":{"type":"record","name":"r","fields":[]}})"), ErrorKind::unsupported);
  EXPECT_EQ(error_of(R"({"type":"array","items":{"type":"fixed","name":"f","size":0}})"), ErrorKind::unsupported);
}

TEST(AvroSchema, RefusesDepthWithoutOverflowingTheStack) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"type":"array","items":)";
  EXPECT_EQ(error_of(deep), ErrorKind::limit_exceeded);
  std::string deeper;
  for (int i = 0; i < 70; ++i) deeper += R"({"type":"array","items":)";
  deeper += "\"int\"" + std::string(70, '}');
  EXPECT_EQ(error_of(deeper), ErrorKind::limit_exceeded);
}

TEST(AvroSchema, RefusesNamedTypesThatMultiply) {
  // Each record holds the one before ten times: 10^20 nodes when written out.
  std::string inner = R"({"type":"record","name":"r0","fields":[{"name":"a","type":"int"}]})";
  for (int i = 1; i <= 20; ++i) {
    std::string next =
        R"({"type":"record","name":"r)" + std::to_string(i) + R"(","fields":[{"name":"f0","type":)" + inner + "}";
    for (int k = 1; k < 10; ++k)
      next += R"(,{"name":"f)" + std::to_string(k) + R"(","type":"r)" + std::to_string(i - 1) + "\"}";
    inner = next + "]}";
  }
  EXPECT_EQ(error_of(inner), ErrorKind::limit_exceeded);
}

}  // namespace
}  // namespace weir::avro

#include "iceberg/schema/schema_json.h"

#include <gtest/gtest.h>

#include "iceberg/metadata/name_mapping.h"

namespace weir::iceberg {
namespace {

constexpr std::string_view kAllTypes =
    R"({"type":"struct","schema-id":4,"fields":[)"
    R"({"id":1,"name":"a","required":true,"type":"boolean","doc":"say \"x\""},)"
    R"({"id":2,"name":"b","required":false,"type":"int"},{"id":3,"name":"c","required":false,"type":"long"},)"
    R"({"id":4,"name":"d","required":false,"type":"float"},{"id":5,"name":"e","required":false,"type":"double"},)"
    R"j({"id":6,"name":"f","required":false,"type":"decimal(38, 10)"},{"id":7,"name":"g","required":false,"type":"date"},)j"
    R"({"id":8,"name":"h","required":false,"type":"time"},{"id":9,"name":"i","required":false,"type":"timestamp"},)"
    R"({"id":10,"name":"j","required":false,"type":"timestamptz"},{"id":11,"name":"k","required":false,"type":"string"},)"
    R"({"id":12,"name":"l","required":false,"type":"uuid"},{"id":13,"name":"m","required":false,"type":"fixed[16]"},)"
    R"({"id":14,"name":"n","required":false,"type":"binary"},)"
    R"({"id":15,"name":"o","required":false,"type":{"type":"struct","fields":[{"id":16,"name":"x","required":true,"type":"int"}]}},)"
    R"({"id":17,"name":"p","required":false,"type":{"type":"list","element-id":18,"element":"string","element-required":true}},)"
    R"({"id":19,"name":"q","required":false,"type":{"type":"map","key-id":20,"key":"string","value-id":21,)"
    R"("value":{"type":"list","element-id":22,"element":"long","element-required":false},"value-required":false}}]})";

std::string one_type(const std::string& type) {
  return R"({"type":"struct","fields":[{"id":1,"name":"a","required":false,"type":)" + type + "}]}";
}

TEST(SchemaJson, KeepsEveryType) {
  const Result<SchemaPtr> schema = schema_from_json(kAllTypes);
  ASSERT_TRUE(schema.ok()) << schema.error().to_string();
  EXPECT_EQ(schema_to_json(**schema), kAllTypes);
  EXPECT_EQ((*schema)->schema_id(), 4);
  EXPECT_EQ((*schema)->id_max(), 22);
  EXPECT_TRUE((*schema)->find_by_id(18)->required);
  EXPECT_EQ((*schema)->field(0).doc, "say \"x\"");
}

TEST(SchemaJson, ReadsDecimalsWithoutABlankAndWritesThemWithOne) {
  const Result<SchemaPtr> schema = schema_from_json(one_type(R"j("decimal(9,2)")j"));
  ASSERT_TRUE(schema.ok());
  EXPECT_NE(schema_to_json(**schema).find(R"j("decimal(9, 2)")j"), std::string::npos);
}

TEST(SchemaJson, IgnoresKeysItDoesNotKnow) {
  EXPECT_TRUE(
      schema_from_json(
          R"({"type":"struct","identifier-field-ids":[1],"x":{},"fields":[{"id":1,"name":"a","required":true,"type":"int","initial-default":3}]})")
          .ok());
}

TEST(SchemaJson, SaysThatTypesOfVersion3AreNotSupported) {
  for (const char* type :
       {"timestamp_ns", "timestamptz_ns", "variant", "unknown", "geometry(srid:4326)", "geography", "future"}) {
    EXPECT_EQ(schema_from_json(one_type("\"" + std::string(type) + "\"")).error().kind(), ErrorKind::unsupported)
        << type;
  }
}

TEST(SchemaJson, RefusesWhatIsNoSchema) {
  for (
      const std::string& json : std::vector<std::string>{
          "", "[]", "{}", R"({"fields":[{}]})", R"({"fields":[{"id":1,"name":"a","type":"int"}]})",
          R"({"fields":[{"id":-1,"name":"a","required":true,"type":"int"}]})",
          R"({"fields":[{"id":1,"name":"a","required":true,"type":"int"},{"id":1,"name":"b","required":true,"type":"int"}]})",
          R"({"fields":[{"id":3000000000,"name":"a","required":true,"type":"int"}]})",
          R"({"fields":[{"id":1,"required":true,"type":"int"}]})", one_type("7"), one_type("{}"),
          one_type(R"({"type":"list"})"), one_type(R"({"type":"list","element-id":1,"element":"int"})"),
          one_type(R"({"type":"map","key-id":2,"key":"int"})"), one_type(R"({"type":"struct"})")}) {
    EXPECT_EQ(schema_from_json(json).error().kind(), ErrorKind::corrupt) << json;
  }
}

TEST(SchemaJson, RefusesTypesNestedTooDeep) {
  std::string type;
  for (int i = 0; i < 40; ++i) {
    type += R"({"type":"list","element-required":false,"element-id":)";
    type += std::to_string(100 + i);
    type += R"(,"element":)";
  }
  type += "\"int\"" + std::string(40, '}');
  EXPECT_EQ(schema_from_json(one_type(type)).error().kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(schema_from_json(std::string(1'000'000, '[')).error().kind(), ErrorKind::limit_exceeded);
}

TEST(NameMapping, NamesEveryFieldWithListsAndMaps) {
  const Schema schema(assign_ids(std::vector<Field>{
      {.name = "a.b", .type = Type::primitive(TypeKind::int64)},
      {.name = "tags", .type = Type::list({.name = "element", .type = Type::primitive(TypeKind::string)})},
      {.name = "attrs",
       .type = Type::map(
           {.name = "key", .type = Type::primitive(TypeKind::string)},
           {.name = "value", .type = Type::structure({{.name = "x", .type = Type::primitive(TypeKind::int32)}})})},
  }));
  EXPECT_EQ(
      name_mapping_to_json(schema),
      R"([{"field-id":1,"names":["a.b"]},{"field-id":2,"names":["tags"],"fields":[{"field-id":4,"names":["element"]}]},)"
      R"({"field-id":3,"names":["attrs"],"fields":[{"field-id":5,"names":["key"]},{"field-id":6,"names":["value"],)"
      R"("fields":[{"field-id":7,"names":["x"]}]}]}])");
}

}  // namespace
}  // namespace weir::iceberg

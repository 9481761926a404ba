#include "columnar/type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/schema.h"

namespace weir {
namespace {

using testing::ElementsAre;

Field field(std::string name, TypePtr type, bool required = false) {
  return {.id = 0, .name = std::move(name), .required = required, .type = std::move(type)};
}
TypePtr primitive(TypeKind kind) {
  return Type::primitive(kind);
}

TEST(Type, PrimitiveNamesGoThereAndBack) {
  for (int kind = 0; kind < static_cast<int>(TypeKind::structure); ++kind) {
    const auto each = static_cast<TypeKind>(kind);
    if (each == TypeKind::decimal || each == TypeKind::fixed) continue;
    const auto parsed = Type::parse_primitive(to_string(each));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ((*parsed)->kind(), each);
    EXPECT_EQ((*parsed)->to_string(), to_string(each));
    EXPECT_EQ(*parsed, primitive(each)) << "shared instances";
  }
}

TEST(Type, DecimalAndFixedCarryParameters) {
  EXPECT_EQ((*Type::parse_primitive("decimal(9, 2)"))->to_string(), "decimal(9, 2)");
  EXPECT_EQ((*Type::parse_primitive("decimal(38,38)"))->to_string(), "decimal(38, 38)");
  EXPECT_EQ((*Type::parse_primitive("decimal( 1 , 0 )"))->precision(), 1);
  EXPECT_EQ((*Type::parse_primitive("fixed[16]"))->width_bytes(), 16);
}

TEST(Type, OtherTextIsRefused) {
  for (const char* text : {"",
                           "int64",
                           "Long",
                           "decimal",
                           "decimal()",
                           "decimal(9)",
                           "decimal(39, 2)",
                           "decimal(0, 0)",
                           "decimal(2, 3)",
                           "decimal(9, -1)",
                           "decimal(9,2",
                           "decimal(9,2,1)",
                           "decimal[9,2]",
                           "fixed",
                           "fixed[0]",
                           "fixed[-1]",
                           "fixed(16)",
                           "fixed[99999999999]",
                           "list<int>",
                           "struct",
                           "list",
                           "map",
                           "long "}) {
    const auto parsed = Type::parse_primitive(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::invalid_argument);
  }
}

TEST(Type, NestedTypesPrintTheirInside) {
  const TypePtr type = Type::structure(
      {field("a", primitive(TypeKind::int64)), field("b", Type::list(field("x", primitive(TypeKind::string)))),
       field("c", Type::map(field("x", primitive(TypeKind::int32)), field("y", Type::decimal(9, 2))))});
  EXPECT_EQ(type->to_string(), "struct<a: long, b: list<string>, c: map<int, decimal(9, 2)>>");
  EXPECT_EQ(Type::structure({})->to_string(), "struct<>");
}

TEST(Type, EqualityLooksAtEverything) {
  const auto list_of = [](int32_t id, bool required) {
    return Type::list({.id = id, .name = "", .required = required, .type = Type::primitive(TypeKind::int32)});
  };
  EXPECT_TRUE(*list_of(1, true) == *list_of(1, true));
  EXPECT_FALSE(*list_of(1, true) == *list_of(2, true));
  EXPECT_FALSE(*list_of(1, true) == *list_of(1, false));
  EXPECT_FALSE(*Type::decimal(9, 2) == *Type::decimal(9, 3));
  EXPECT_FALSE(*Type::fixed(3) == *Type::fixed(4));
}

Schema sample() {
  return Schema(assign_ids(std::vector<Field>{
                    field("a", primitive(TypeKind::int64)),
                    field("s", Type::structure({field("x", primitive(TypeKind::int32)),
                                                field("l", Type::list(field("", primitive(TypeKind::string))))})),
                    field("m", Type::map(field("", primitive(TypeKind::string)), field("", primitive(TypeKind::date)))),
                    field("s.x", primitive(TypeKind::uuid))}),
                3);
}

TEST(Schema, IdsAreAssignedLevelByLevel) {
  const Schema schema = sample();
  EXPECT_EQ(schema.field(0).id, 1);
  EXPECT_EQ(schema.field(3).id, 4);
  const Field& s = schema.field(1);
  EXPECT_EQ(s.type->fields()[0].id, 5);
  EXPECT_EQ(s.type->fields()[1].id, 6);
  EXPECT_EQ(s.type->fields()[1].type->element().id, 7);
  EXPECT_EQ(schema.field(2).type->key().id, 8);
  EXPECT_EQ(schema.field(2).type->value().id, 9);
  EXPECT_EQ(schema.id_max(), 9);
  EXPECT_EQ(assign_ids(schema.fields(), 100)[0].id, 100);
}

TEST(Schema, FindsFieldsByNameIdAndPath) {
  const Schema schema = sample();
  EXPECT_EQ(schema.find("m"), 2);
  EXPECT_EQ(schema.find("x"), -1);
  EXPECT_EQ(schema.find_by_id(7)->name, "element");
  EXPECT_EQ(schema.find_by_id(8)->name, "key");
  EXPECT_EQ(schema.find_by_id(99), nullptr);
  EXPECT_EQ(schema.find_by_path("s.l.element")->id, 7);
  EXPECT_EQ(schema.find_by_path("m.value")->id, 9);
  EXPECT_EQ(schema.find_by_path("s.x")->id, 4) << "a literal name wins over a path";
  EXPECT_EQ(schema.find_by_path("s.none"), nullptr);
  EXPECT_EQ(schema.find_by_path(""), nullptr);
  EXPECT_THAT(schema.names(), ElementsAre("a", "s", "m", "s.x"));
  EXPECT_EQ(schema.schema_id(), 3);
  EXPECT_TRUE(schema == sample());
}

}  // namespace
}  // namespace weir

#include "iceberg/schema/schema_diff.h"

#include <gtest/gtest.h>

namespace weir::iceberg {
namespace {

TypePtr type(std::string_view name) {
  return *Type::parse_primitive(name);
}

Schema schema_of(std::vector<Field> fields, int32_t first_id = 1) {
  return Schema(assign_ids(fields, first_id));
}

std::string text_of(const SchemaDiff& diff) {
  std::string text;
  for (const SchemaDifference& item : diff.differences)
    text += (item.blocks ? "! " : "  ") + item.path + " " + item.text + "\n";
  return text;
}

TEST(SchemaDiff, IgnoresIdsOrderAndDocs) {
  const Schema wanted =
      schema_of({{.name = "a", .type = type("long")}, {.name = "b", .type = type("string"), .doc = "x"}});
  const Schema table = schema_of({{.name = "b", .type = type("string")}, {.name = "a", .type = type("long")}}, 50);
  EXPECT_EQ(compare_schemas(wanted, table).fit, SchemaFit::equal);
}

TEST(SchemaDiff, FitsWhereEveryRowCanBeWritten) {
  const Schema wanted = schema_of({{.name = "a", .required = true, .type = type("int")},
                                   {.name = "d", .type = type("decimal(9, 2)")},
                                   {.name = "f", .type = type("float")}});
  const Schema table = schema_of({{.name = "a", .type = type("long")},
                                  {.name = "d", .type = type("decimal(12, 2)")},
                                  {.name = "f", .type = type("double")},
                                  {.name = "x", .type = type("string")}});
  const SchemaDiff diff = compare_schemas(wanted, table);
  EXPECT_EQ(diff.fit, SchemaFit::fits);
  EXPECT_EQ(text_of(diff),
            "  a may be null in the table and is required here\n"
            "  a is long in the table and int here\n"
            "  d is decimal(12, 2) in the table and decimal(9, 2) here\n"
            "  f is double in the table and float here\n"
            "  x is only in the table and will be null\n");
}

TEST(SchemaDiff, SaysInWordsWhatStandsInTheWay) {
  const Schema wanted = schema_of(
      {{.name = "a", .type = type("long")},
       {.name = "geo",
        .type = Type::structure({{.name = "lat", .type = type("double")}, {.name = "alt", .type = type("int")}})},
       {.name = "tags", .type = Type::list({.name = "element", .type = type("string")})},
       {.name = "m",
        .type = Type::map({.name = "key", .type = type("string")}, {.name = "value", .type = type("date")})},
       {.name = "n", .type = type("string")},
       {.name = "d", .type = type("decimal(9, 2)")}});
  const Schema table = schema_of(
      {{.name = "a", .required = true, .type = type("int")},
       {.name = "geo", .type = Type::structure({{.name = "lat", .type = type("float")}})},
       {.name = "tags", .type = Type::list({.name = "element", .required = true, .type = type("string")})},
       {.name = "m",
        .type = Type::map({.name = "key", .type = type("string")}, {.name = "value", .type = type("timestamp")})},
       {.name = "n", .type = Type::list({.name = "element", .type = type("string")})},
       {.name = "d", .type = type("decimal(9, 3)")},
       {.name = "must", .required = true, .type = type("int")}});
  const SchemaDiff diff = compare_schemas(wanted, table);
  EXPECT_EQ(diff.fit, SchemaFit::differs);
  EXPECT_EQ(text_of(diff),
            "! a is required in the table and may be null here\n"
            "! a is int in the table and long here\n"
            "! geo.lat is float in the table and double here\n"
            "! geo.alt is not in the table (int)\n"
            "! tags.element is required in the table and may be null here\n"
            "! m.value is timestamp in the table and date here\n"
            "! n is list<string> in the table and string here\n"
            "! d is decimal(9, 3) in the table and decimal(9, 2) here\n"
            "! must is required in the table and missing here\n");
}

}  // namespace
}  // namespace weir::iceberg

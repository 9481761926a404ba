#include "iceberg/schema/schema_evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/metadata/name_mapping.h"
#include "iceberg/schema/schema_json.h"

namespace weir::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TypePtr type(std::string_view name) {
  return *Type::parse_primitive(name);
}

/// A table with these columns, ids from 1 on.
TableMetadata table_of(const std::vector<Field>& fields) {
  const auto made = new_table_metadata({.table_uuid = "u",
                                        .location = "file:/t",
                                        .schema = std::make_shared<const Schema>(assign_ids(fields)),
                                        .spec = {},
                                        .properties = {}});
  EXPECT_TRUE(made.ok());
  return *made;
}

/// What a contract says: ids that have nothing to do with the table's.
Schema wanted(const std::vector<Field>& fields) {
  return Schema(assign_ids(fields, 100));
}

std::vector<std::string> texts(const SchemaEvolution& evolution) {
  std::vector<std::string> all;
  for (const SchemaChange& change : evolution.changes) all.push_back(to_text(change));
  for (const SchemaDifference& refused : evolution.refused) {
    EXPECT_TRUE(refused.blocks);
    all.push_back("! " + refused.path + " " + refused.text);
  }
  return all;
}

/// The table after the commit that `evolution` asks for.
TableMetadata applied(const TableMetadata& table, const SchemaEvolution& evolution) {
  EXPECT_TRUE(check_requirements(evolution.requirements, &table).ok());
  const auto next = apply_updates(table, "", evolution.updates, 0);
  EXPECT_TRUE(next.ok()) << next.error().to_string();
  return *next;
}

TEST(SchemaEvolution, NothingChangesWhereRowsFit) {
  const TableMetadata table =
      table_of({{.name = "a", .type = type("long"), .doc = "its own"}, {.name = "more", .type = type("string")}});
  const SchemaEvolution evolution =
      evolve_schema(wanted({{.name = "a", .required = true, .type = type("int")}}), table, {});
  EXPECT_THAT(texts(evolution), IsEmpty());
  EXPECT_EQ(evolution.schema, nullptr);
  EXPECT_TRUE(evolution.updates.empty());
}

TEST(SchemaEvolution, AddsColumnsBehindTheOthersWithFreshIdsAndOptional) {
  TableMetadata table = table_of({{.name = "a", .required = true, .type = type("int")}});
  table.last_column_id = 7;  // a dropped column had the last
  const SchemaEvolution evolution = evolve_schema(
      wanted({{.name = "note", .required = true, .type = type("string"), .doc = "what they said"},
              {.name = "a", .required = true, .type = type("int")},
              {.name = "geo",
               .type = Type::structure(
                   {{.name = "lat", .required = true, .type = type("double")},
                    {.name = "tags", .type = Type::list({.name = "element", .type = type("string")})}})}}),
      table, {});
  EXPECT_THAT(texts(evolution), ElementsAre("+ note string", "+ geo struct<lat: double, tags: list<string>>"));
  const TableMetadata next = applied(table, evolution);
  EXPECT_EQ(next.current_schema_id, 1);
  EXPECT_EQ(next.last_column_id, 12);
  const Schema& schema = *next.current_schema().schema;
  EXPECT_THAT(schema.names(), ElementsAre("a", "note", "geo"));
  EXPECT_EQ(schema.field(0).id, 1);
  EXPECT_TRUE(schema.field(0).required);
  EXPECT_EQ(schema.field(1).id, 8);
  EXPECT_FALSE(schema.field(1).required);  // rows of before have none
  EXPECT_EQ(schema.field(1).doc, "what they said");
  EXPECT_EQ(schema.field(2).id, 9);
  EXPECT_EQ(schema.find_by_path("geo.lat")->id, 10);
  EXPECT_TRUE(schema.find_by_path("geo.lat")->required);  // where there is a geo at all
  EXPECT_EQ(schema.find_by_path("geo.tags.element")->id, 12);
}

TEST(SchemaEvolution, WidensTypesAndMakesColumnsOptionalAtEveryLevel) {
  const auto shape = [](const char* number, const char* money, bool required) {
    std::vector<Field> inner = {{.name = "n", .required = required, .type = type(number)},
                                {.name = "m", .type = type(money)}};
    return std::vector<Field>{
        {.name = "i", .required = required, .type = type(number)},
        {.name = "s", .type = Type::structure(inner)},
        {.name = "l", .type = Type::list({.name = "element", .required = required, .type = Type::structure(inner)})},
        {.name = "m",
         .type = Type::map({.name = "key", .required = true, .type = type("string")},
                           {.name = "value", .type = type(number)})}};
  };
  const TableMetadata table = table_of(shape("int", "decimal(9, 2)", true));
  const SchemaEvolution evolution = evolve_schema(wanted(shape("long", "decimal(18, 2)", false)), table, {});
  EXPECT_THAT(texts(evolution), ElementsAre("~ i required -> optional", "~ i int -> long", "~ s.n required -> optional",
                                            "~ s.n int -> long", "~ s.m decimal(9, 2) -> decimal(18, 2)",
                                            "~ l.element required -> optional", "~ l.element.n required -> optional",
                                            "~ l.element.n int -> long",
                                            "~ l.element.m decimal(9, 2) -> decimal(18, 2)", "~ m.value int -> long"));
  const TableMetadata next = applied(table, evolution);
  EXPECT_EQ(next.last_column_id, table.last_column_id);
  EXPECT_EQ(compare_schemas(wanted(shape("long", "decimal(18, 2)", false)), *next.current_schema().schema).fit,
            SchemaFit::equal);
  EXPECT_EQ(next.current_schema().schema->find_by_path("l.element.m")->id,
            table.current_schema().schema->find_by_path("l.element.m")->id);
}

TEST(SchemaEvolution, FloatsBecomeDoublesAndNothingElseChangesItsType) {
  const TableMetadata table = table_of({{.name = "f", .type = type("float")},
                                        {.name = "l", .type = type("long")},
                                        {.name = "d", .type = type("decimal(9, 2)")},
                                        {.name = "t", .type = type("date")}});
  const SchemaEvolution evolution = evolve_schema(wanted({{.name = "f", .type = type("double")},
                                                          {.name = "l", .type = type("double")},
                                                          {.name = "d", .type = type("decimal(18, 3)")},
                                                          {.name = "t", .type = type("timestamp")}}),
                                                  table, {});
  EXPECT_THAT(texts(evolution),
              ElementsAre("~ f float -> double", HasSubstr("! l is long in the table and double here: "),
                          HasSubstr("! d is decimal(9, 2) in the table and decimal(18, 3) here: "),
                          HasSubstr("! t is date in the table and timestamp here: ")));
  EXPECT_EQ(evolution.schema, nullptr);  // one refusal leaves all as it is
  EXPECT_TRUE(evolution.updates.empty());
}

TEST(SchemaEvolution, AddsFieldsInsideListsAndMapsAndLeavesKeysAlone) {
  const auto map_of = [](const char* key, const std::vector<Field>& value) {
    return std::vector<Field>{{.name = "m",
                               .type = Type::map({.name = "key", .required = true, .type = type(key)},
                                                 {.name = "value", .type = Type::structure(value)})}};
  };
  const TableMetadata table = table_of(map_of("int", {{.name = "a", .type = type("int")}}));
  EXPECT_THAT(
      texts(evolve_schema(
          wanted(map_of("int", {{.name = "a", .type = type("int")}, {.name = "b", .type = type("date")}})), table, {})),
      ElementsAre("+ m.value.b date"));
  EXPECT_THAT(texts(evolve_schema(wanted(map_of("long", {{.name = "a", .type = type("int")}})), table, {})),
              ElementsAre(HasSubstr("! m.key is int in the table and long here: the key of a map never changes")));
}

TEST(SchemaEvolution, ARequiredColumnThatIsGoneIsRefusedAndTheNextStepIsOptional) {
  const TableMetadata table =
      table_of({{.name = "a", .type = type("int")}, {.name = "b", .required = true, .type = type("int")}});
  EXPECT_THAT(texts(evolve_schema(wanted({{.name = "a", .type = type("int")}}), table, {})),
              ElementsAre(HasSubstr("! b is required in the table and missing here: keep it as an optional column")));
}

TEST(SchemaEvolution, ANewColumnBesideOneThatIsNoLongerWrittenMayBeARename) {
  const TableMetadata table = table_of({{.name = "a", .type = type("int")}, {.name = "note", .type = type("string")}});
  const Schema now = wanted({{.name = "a", .type = type("int")}, {.name = "remark", .type = type("string")}});
  EXPECT_THAT(
      texts(evolve_schema(now, table, {})),
      ElementsAre("! remark is not in the table (string), and 'note' of the table is no longer written. If that "
                  "is its old name, rename it in the table first; if it is a new column, name it in the sink: "
                  "`new_columns: [remark]`"));
  EXPECT_THAT(texts(evolve_schema(now, table, {.new_columns = {"remark"}})), ElementsAre("+ remark string"));
  // No value of the one could be the other's.
  const Schema other = wanted({{.name = "a", .type = type("int")}, {.name = "at", .type = type("date")}});
  EXPECT_THAT(texts(evolve_schema(other, table, {})), ElementsAre("+ at date"));
}

TEST(SchemaEvolution, ANameThatDiffersInCaseOnlyIsRefusedWhateverIsSaid) {
  const TableMetadata table = table_of({{.name = "Id", .type = type("int")}});
  EXPECT_THAT(texts(evolve_schema(wanted({{.name = "id", .type = type("int")}}), table, {.new_columns = {"id"}})),
              ElementsAre(HasSubstr("! id is not in the table (int), which has 'Id'")));
}

TEST(SchemaEvolution, DescriptionsFollowThePipelineWhereItHasOne) {
  const TableMetadata table =
      table_of({{.name = "a", .type = type("int"), .doc = "old"}, {.name = "b", .type = type("int"), .doc = "kept"}});
  const SchemaEvolution evolution = evolve_schema(
      wanted({{.name = "a", .type = type("int"), .doc = "new"}, {.name = "b", .type = type("int")}}), table, {});
  EXPECT_THAT(texts(evolution), ElementsAre("~ a described as 'new'"));
  EXPECT_EQ(evolution.schema->field(0).doc, "new");
  EXPECT_EQ(evolution.schema->field(1).doc, "kept");
}

TEST(SchemaEvolution, TheIdentifierOfTheTableStays) {
  TableMetadata table = table_of({{.name = "id", .required = true, .type = type("int")}});
  table.schemas[0] = std::make_shared<const StoredSchema>(
      StoredSchema{0, table.current_schema().schema, schema_to_json(*table.current_schema().schema, {1})});
  EXPECT_THAT(texts(evolve_schema(wanted({{.name = "id", .type = type("int")}}), table, {})),
              ElementsAre(HasSubstr("! id identifies the table's rows and may be null here")));
  const SchemaEvolution evolution =
      evolve_schema(wanted({{.name = "id", .required = true, .type = type("long")}}), table, {});
  EXPECT_THAT(identifier_field_ids(applied(table, evolution).current_schema().json), ElementsAre(1));
}

TEST(SchemaEvolution, ASchemaOfBeforeIsTakenAgain) {
  const TableMetadata table = table_of({{.name = "a", .type = type("int")}});
  const Schema wide = wanted({{.name = "a", .type = type("long")}});
  TableMetadata next = applied(table, evolve_schema(wide, table, {}));
  next.current_schema_id = 0;  // somebody went back
  const SchemaEvolution again = evolve_schema(wide, next, {});
  EXPECT_EQ(again.schema->schema_id(), 1);
  EXPECT_EQ(applied(next, again).schemas.size(), 2U);
  EXPECT_EQ(applied(next, again).current_schema_id, 1);
}

TEST(SchemaEvolution, ItsCommitIsRefusedOnceTheSchemaHasMovedOn) {
  const TableMetadata table = table_of({{.name = "a", .type = type("int")}});
  const SchemaEvolution evolution = evolve_schema(wanted({{.name = "a", .type = type("long")}}), table, {});
  const TableMetadata next = applied(table, evolution);
  const auto refused = check_requirements(evolution.requirements, &next);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::conflict);
}

TEST(SchemaEvolution, ANameMappingMadeOfTheColumnsFollowsThem) {
  TableMetadata table = table_of({{.name = "a", .type = type("int")}});
  const Schema more = wanted({{.name = "a", .type = type("int")}, {.name = "b", .type = type("int")}});
  table.properties[std::string(kNameMappingProperty)] = name_mapping_to_json(*table.current_schema().schema);
  EXPECT_THAT(applied(table, evolve_schema(more, table, {})).property(kNameMappingProperty), HasSubstr("\"b\""));
  table.properties[std::string(kNameMappingProperty)] = R"([{"field-id":1,"names":["a","old"]}])";
  EXPECT_EQ(applied(table, evolve_schema(more, table, {})).property(kNameMappingProperty),
            R"([{"field-id":1,"names":["a","old"]}])");
}

TEST(SchemaEvolution, WithoutItTheTableStaysAndTheKeyThatSaysSoIsNamed) {
  const TableMetadata table = table_of({{.name = "a", .type = type("int")}});
  EXPECT_THAT(
      texts(evolve_schema(wanted({{.name = "a", .type = type("long")}}), table, {.mode = EvolutionMode::none})),
      ElementsAre("! a is int in the table and long here, and the sink's `evolution: none` leaves the table as it is"));
  EXPECT_THAT(texts(evolve_schema(wanted({{.name = "a", .type = type("int"), .doc = "new"}}), table,
                                  {.mode = EvolutionMode::none})),
              IsEmpty());
}

}  // namespace
}  // namespace weir::iceberg

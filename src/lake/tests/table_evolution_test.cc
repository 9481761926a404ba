#include "lake/table_evolution.h"

#include <gmock/gmock.h>

#include "lake/tests/lake_fixture.h"
#include "lake/tests/memory_catalog.h"

namespace weir::lake {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A table of id and name in a catalog whose replies may get lost, and a pipeline that writes a note too.
class TableEvolutionTest : public LakeTest, public testing::WithParamInterface<bool> {
 protected:
  TableEvolutionTest()
      : memory_({.swaps_exact_base = GetParam()}, *store_, "file:" + directory_, clock_, random_),
        table_(*memory_.create(definition("t.rows"))) {}

  static Schema with(std::vector<Field> more) {
    std::vector<Field> fields = schema()->fields();
    std::move(more.begin(), more.end(), std::back_inserter(fields));
    return Schema(assign_ids(fields));
  }
  static Schema with_note() { return with({{.name = "note", .type = Type::primitive(TypeKind::string)}}); }

  std::vector<std::string> columns() { return memory_.whole(table_.table).metadata->current_schema().schema->names(); }

  MemoryCatalog memory_;
  LoadedTable table_;
};

std::vector<std::string> texts(const EvolvedTable& evolved) {
  std::vector<std::string> all;
  for (const iceberg::SchemaChange& change : evolved.changes) all.push_back(to_text(change));
  return all;
}

TEST_P(TableEvolutionTest, ChangesTheSchemaByOneCommitWithoutASnapshot) {
  const auto evolved = evolve_table(memory_, table_, with_note(), {});
  ASSERT_TRUE(evolved.ok()) << evolved.error().to_string();
  EXPECT_THAT(texts(*evolved), ElementsAre("+ note string"));
  EXPECT_THAT(evolved->table.metadata->current_schema().schema->names(), ElementsAre("id", "name", "note"));
  EXPECT_THAT(columns(), ElementsAre("id", "name", "note"));
  EXPECT_EQ(memory_.commits, 1);
  EXPECT_TRUE(evolved->table.metadata->snapshots.empty());
}

TEST_P(TableEvolutionTest, CommitsNothingWhereNothingChanges) {
  const auto evolved = evolve_table(memory_, table_, *schema(), {});
  ASSERT_TRUE(evolved.ok());
  EXPECT_THAT(texts(*evolved), IsEmpty());
  EXPECT_EQ(memory_.commits, 0);
}

TEST_P(TableEvolutionTest, TheSecondOfTwoProcessesFindsItDone) {
  ASSERT_TRUE(evolve_table(memory_, table_, with_note(), {}).ok());
  const auto second = evolve_table(memory_, table_, with_note(), {});  // from the table as it was before
  ASSERT_TRUE(second.ok()) << second.error().to_string();
  EXPECT_THAT(texts(*second), IsEmpty());
  EXPECT_EQ(second->table.metadata->schemas.size(), 2U);
  EXPECT_THAT(columns(), ElementsAre("id", "name", "note"));
}

TEST_P(TableEvolutionTest, TwoProcessesWithDifferentColumnsBothGetTheirs) {
  ASSERT_TRUE(evolve_table(memory_, table_, with_note(), {}).ok());
  const Schema other = with({{.name = "at", .type = Type::primitive(TypeKind::date)}});
  const auto second = evolve_table(memory_, table_, other, {});
  ASSERT_TRUE(second.ok()) << second.error().to_string();
  EXPECT_THAT(columns(), ElementsAre("id", "name", "note", "at"));
  EXPECT_EQ(memory_.whole(table_.table).metadata->current_schema().schema->field(3).id, 4);
}

TEST_P(TableEvolutionTest, ALostReplyIsFoundInTheTable) {
  memory_.replies = {Reply::lost};
  const auto evolved = evolve_table(memory_, table_, with_note(), {});
  ASSERT_TRUE(evolved.ok());
  EXPECT_EQ(evolved->table.metadata->schemas.size(), 2U);
  EXPECT_THAT(columns(), ElementsAre("id", "name", "note"));
}

TEST_P(TableEvolutionTest, ALateRequestChangesNothingOnceItWasRepeated) {
  memory_.replies = {Reply::late, Reply::dropped};
  const auto evolved = evolve_table(memory_, table_, with_note(), {});
  ASSERT_TRUE(evolved.ok());
  EXPECT_THAT(texts(*evolved), ElementsAre("+ note string"));
  EXPECT_THAT(memory_.deliver_late(), ElementsAre(CommitOutcome::refused));
  EXPECT_EQ(memory_.whole(table_.table).metadata->schemas.size(), 2U);
}

TEST_P(TableEvolutionTest, ACatalogThatNeverAnswersIsUnavailable) {
  memory_.replies.assign(100, Reply::dropped);
  const auto evolved = evolve_table(memory_, table_, with_note(), {});
  ASSERT_FALSE(evolved.ok());
  EXPECT_EQ(evolved.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(columns(), ElementsAre("id", "name"));
}

TEST_P(TableEvolutionTest, WhatIsRefusedNamesEveryColumnAndChangesNothing) {
  const Schema wanted(
      assign_ids(std::vector<Field>{{.name = "id", .required = true, .type = Type::primitive(TypeKind::string)},
                                    {.name = "name", .type = Type::primitive(TypeKind::date)},
                                    {.name = "at", .type = Type::primitive(TypeKind::date)}}));
  const auto evolved = evolve_table(memory_, table_, wanted, {});
  ASSERT_FALSE(evolved.ok());
  EXPECT_EQ(evolved.error().kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(evolved.error().message(),
              HasSubstr("table 't.rows' does not fit the pipeline: 'id' is long in the table"));
  EXPECT_THAT(evolved.error().message(), HasSubstr("; 'name' is string in the table and date here"));
  EXPECT_EQ(memory_.commits, 0);
}

INSTANTIATE_TEST_SUITE_P(Catalogs, TableEvolutionTest, testing::Values(true, false),
                         [](const auto& suite) { return suite.param ? "OfExactBases" : "OfRequirements"; });

}  // namespace
}  // namespace weir::lake

#include "planner/plan_diff.h"

#include <cstdlib>
#include <filesystem>

#include "lake/catalog/sqlite_catalog.h"
#include "planner/tests/plan_fixture.h"
#include "storage/object_store.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Plans against a catalog in a temporary folder.
class PlanDiffTest : public PlanTest {
 protected:
  PlanDiffTest() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/weir-planner-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    store_ = make_local_store(posix_file_env());
    auto opened =
        lake::open_sqlite_catalog({.directory = directory_}, *store_, posix_file_env(), clock_, system_random());
    EXPECT_TRUE(opened.ok()) << opened.error().to_string();
    catalog_ = *std::move(opened);
  }
  ~PlanDiffTest() override { std::filesystem::remove_all(directory_); }

  /// Makes the tables that kPipeline over these columns would make.
  void make_tables(const std::string& columns) {
    const Plan plan = plan_of(columns);
    EXPECT_TRUE(catalog_->create(plan.sinks[0].definition).ok());
    EXPECT_TRUE(catalog_->create(plan.dead_letter).ok());
  }
  Plan plan_of(const std::string& columns) {
    files_["/home/flight.yaml"] = "contract: flight\ncolumns:\n" + columns;
    return good_plan(kPipeline);
  }
  std::vector<TableDiff> diff(const Plan& plan) {
    auto found = diff_plan(plan, catalog_.get());
    EXPECT_TRUE(found.ok());
    return *std::move(found);
  }

  std::string directory_;
  ManualClock clock_;
  std::unique_ptr<ObjectStore> store_;
  std::unique_ptr<lake::Catalog> catalog_;
};

const std::string kColumns = "  - {name: id, type: long}\n  - {name: t, type: string}\n";

Texts differences(const TableDiff& diff) {
  Texts texts;
  for (const iceberg::SchemaDifference& one : diff.differences)
    texts.push_back((one.blocks ? "! " : "") + one.path + " " + one.text);
  return texts;
}

Texts changes(const TableDiff& diff) {
  Texts texts;
  for (const iceberg::SchemaChange& one : diff.changes) texts.push_back(to_text(one));
  return texts;
}

TEST_F(PlanDiffTest, WithoutACatalogEverythingWouldBeMade) {
  const auto found = diff_plan(plan_of(kColumns), nullptr);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].sink, "sink");
  EXPECT_EQ((*found)[0].action, TableAction::create);
  EXPECT_THAT((*found)[0].ddl, HasSubstr("create table ops.flights ("));
  EXPECT_EQ((*found)[1].sink, "dead_letter");
  EXPECT_EQ((*found)[1].action, TableAction::create);
}

TEST_F(PlanDiffTest, MissingTablesWouldBeMadeAndEqualOnesAreLeft) {
  EXPECT_EQ(diff(plan_of(kColumns))[0].action, TableAction::create);
  make_tables(kColumns);
  const auto found = diff(plan_of(kColumns));
  EXPECT_EQ(found[0].action, TableAction::none);
  EXPECT_THAT(found[0].differences, IsEmpty());
  EXPECT_EQ(found[0].ddl, "");
  EXPECT_EQ(found[1].action, TableAction::none);
}

TEST_F(PlanDiffTest, ATableThatTakesTheRowsAllTheSameFits) {
  make_tables(kColumns + "  - {name: more, type: int}\n");
  const auto found = diff(plan_of("  - {name: id, type: int, required: true}\n  - {name: t, type: string}\n"));
  EXPECT_EQ(found[0].action, TableAction::fits);
  EXPECT_THAT(differences(found[0]),
              ElementsAre("id may be null in the table and is required here", "id is long in the table and int here",
                          "more is only in the table and will be null"));
}

TEST_F(PlanDiffTest, ATableThatARunWouldChangeIsShownWithTheChanges) {
  make_tables("  - {name: id, type: int, required: true}\n  - {name: old, type: date}\n");
  const auto found = diff(plan_of("  - {name: id, type: long}\n  - {name: t, type: string, required: true}\n"));
  EXPECT_EQ(found[0].action, TableAction::alter);
  EXPECT_THAT(changes(found[0]), ElementsAre("~ id required -> optional", "~ id int -> long", "+ t string"));
  EXPECT_THAT(differences(found[0]), ElementsAre("t may be null in the table and is required here",
                                                 "old is only in the table and will be null"));
}

TEST_F(PlanDiffTest, ATableThatCannotTakeTheRowsConflicts) {
  make_tables("  - {name: id, type: string, required: true}\n");
  const auto found = diff(plan_of("  - {name: id, type: long}\n  - {name: t, type: string}\n"));
  EXPECT_EQ(found[0].action, TableAction::conflicts);
  EXPECT_THAT(changes(found[0]), IsEmpty());
  EXPECT_THAT(differences(found[0]), ElementsAre(HasSubstr("! id is string in the table and long here")));
}

TEST_F(PlanDiffTest, ASinkMaySayThatItsTableStaysAsItIs) {
  make_tables("  - {name: id, type: int}\n");
  files_["/home/flight.yaml"] = "contract: flight\ncolumns:\n" + kColumns;
  const auto found =
      diff(good_plan("pipeline: flights\nsource: {files: data, contract: flight.yaml}\n"
                     "sink: {iceberg: {table: ops.flights, evolution: none}}\n"));
  EXPECT_EQ(found[0].action, TableAction::conflicts);
  EXPECT_THAT(differences(found[0]), testing::Contains(HasSubstr("! t is not in the table (string), and the sink's")));
}

TEST_F(PlanDiffTest, ADeadLetterOfAReleaseBeforeGetsTheColumnsThatItLacks) {
  make_tables(kColumns);
  Plan plan = plan_of(kColumns);
  lake::TableDefinition old = plan.dead_letter;
  old.table = *lake::TableIdentifier::parse("ops.old_dead_letter");
  std::vector<Field> fields = old.schema->fields();
  fields.erase(fields.begin() + 5, fields.begin() + 7);
  fields.push_back({.name = "theirs", .type = Type::primitive(TypeKind::string)});
  old.schema = std::make_shared<const Schema>(assign_ids(fields));
  ASSERT_TRUE(catalog_->create(old).ok());
  plan.dead_letter.table = old.table;
  const auto found = diff(plan);
  EXPECT_EQ(found[1].action, TableAction::alter);
  EXPECT_EQ(found[1].changes.size(), 2U);
  EXPECT_THAT(differences(found[1]), testing::Contains("theirs is only in the table and will be null"));
}

TEST_F(PlanDiffTest, AnotherPartitioningAndOtherPropertiesDifferAndDoNotBlock) {
  make_tables(kColumns);
  files_["/home/flight.yaml"] = "contract: flight\ncolumns:\n" + kColumns;
  const auto found = diff(
      good_plan("pipeline: flights\nsource: {files: data, contract: flight.yaml}\n"
                "sink: {iceberg: {table: ops.flights, partition: [\"bucket(4, id)\"], properties: {owner: me}}}\n"));
  EXPECT_EQ(found[0].action, TableAction::fits);
  EXPECT_THAT(differences(found[0]),
              ElementsAre("partitioning is by nothing in the table and by bucket(4, id) here; a run writes by the "
                          "table's own",
                          "property owner is not set in the table and 'me' here; a run leaves it so"));
}

TEST_F(PlanDiffTest, TheTablesOfAPlanAreItsSinksAndTheDeadLetter) {
  const auto targets = target_tables(plan_of(kColumns));
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].table.to_string(), "ops.flights");
  EXPECT_EQ(targets[1].sink, "dead_letter");
  EXPECT_TRUE(targets[1].is_dead_letter);
}

TEST_F(PlanDiffTest, TheStatementNamesColumnsTypesCommentsAndPartitions) {
  files_["/home/flight.yaml"] =
      "contract: f\ncolumns:\n  - {name: id, type: long, required: true, description: what it is}\n"
      "  - {name: at, type: timestamptz}\n"
      "  - {name: geo, type: struct, fields: [{name: lat, type: double, required: true}, {name: tags, type: list, "
      "element: string}]}\n";
  const Plan plan = good_plan(
      "pipeline: p\nsource: {files: data, contract: flight.yaml}\n"
      "sink: {iceberg: {table: ops.f, partition: [day(at), \"bucket(4, id)\"]}}\n");
  EXPECT_EQ(create_table_text(plan.sinks[0].definition),
            "create table ops.f (\n"
            "  id long not null,  -- what it is\n"
            "  at timestamptz,\n"
            "  geo struct<\n"
            "    lat: double not null,\n"
            "    tags: list<string>>\n"
            ") partitioned by (day(at), bucket(4, id))\n");
}

TEST_F(PlanDiffTest, ATableWhoseMetadataIsGoneIsAnErrorAndNotATableToCreate) {
  make_tables(kColumns);
  const Plan plan = plan_of(kColumns);
  const auto loaded = catalog_->load(plan.sinks[0].definition.table);
  ASSERT_TRUE(loaded.ok());
  ASSERT_TRUE(std::filesystem::remove(*file_path(loaded->metadata_location)));
  // As another process sees it: nothing of the table is remembered.
  const auto opened =
      lake::open_sqlite_catalog({.directory = directory_}, *store_, posix_file_env(), clock_, system_random());
  ASSERT_TRUE(opened.ok());
  const auto found = diff_plan(plan, opened->get());
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().kind(), ErrorKind::corrupt);
  EXPECT_THAT(found.error().message(), HasSubstr("the catalog names this file"));
}

}  // namespace
}  // namespace weir::planner

#include "planner/pipeline_spec.h"
#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ShelfKeys {
  config::Located<std::string> uri;
  bool keeps_state = false;
};

void describe(config::Description& d, ShelfKeys& s) {
  d.structure("shelf_catalog", "A catalog that only this test knows.");
  d.shorthand("uri");
  d.field("uri", s.uri).required().not_empty().doc("Where it is.");
  d.field("keeps_state", s.keeps_state).doc("Whether it has a folder for pipelines.");
}

lake::BoundCatalog bind_shelf(const ShelfKeys& keys, const lake::CatalogContext& context) {
  if (!keys.uri->starts_with("shelf:")) context.errors.at(keys.uri.location, "a shelf begins with 'shelf:'");
  return {.name = context.name.empty() ? "shelf" : context.name,
          .warehouse = *keys.uri,
          .state_root = keys.keeps_state ? context.warehouse(std::nullopt) : "",
          .foreign = {},
          .open = [](lake::CatalogAccess, const lake::CatalogEnvironment&) -> Result<std::unique_ptr<lake::Catalog>> {
            return Error(ErrorKind::unavailable, "the shelf is empty");
          }};
}

/// A program with one kind of catalog more.
class CatalogBinderTest : public PlanTest {
 protected:
  CatalogBinderTest() { kinds_.catalogs.push_back(lake::catalog_kind("shelf", "A shelf.", &bind_shelf)); }
};

TEST_F(CatalogBinderTest, AKindThatIsRegisteredIsAllItTakes) {
  const Plan plan = good_plan(kPipeline + "catalog: {shelf: 'shelf:oak'}\nstate: here\n");
  EXPECT_EQ(plan.catalog.warehouse, "shelf:oak");
  EXPECT_EQ(plan.catalog.name, "shelf");
  EXPECT_EQ(plan.state_directory, "/home/here");
  EXPECT_THAT(config::json_schema<PipelineSpec>("pipeline", kinds_.context()),
              HasSubstr("A catalog that only this test knows."));
}

TEST_F(CatalogBinderTest, TheFirstKindIsTheOneOfAFileThatNamesNone) {
  EXPECT_EQ(good_plan(kPipeline).catalog.warehouse, "/home/warehouse");
  EXPECT_EQ(good_plan(kPipeline + "catalog: {}\n").catalog.warehouse, "/home/warehouse");
}

TEST_F(CatalogBinderTest, AFileHasOneCatalog) {
  EXPECT_THAT(errors(kPipeline + "catalog: {shelf: 'shelf:oak', sqlite: wh}\n"),
              ElementsAre(HasSubstr("exclude each other; keep one")));
}

TEST_F(CatalogBinderTest, ErrorsOfAKindHaveTheirPlace) {
  EXPECT_THAT(errors(kPipeline + "catalog: {shelf: oak}\nstate: here\n"),
              ElementsAre(HasSubstr("pipeline.yaml:4:18: catalog.shelf: a shelf begins with 'shelf:'")));
  EXPECT_THAT(errors(kPipeline + "catalog: {shelv: 'shelf:oak'}\nstate: here\n"),
              ElementsAre(HasSubstr("did you mean 'shelf'?")));
}

TEST_F(CatalogBinderTest, WhereACatalogKeepsNoFilesOfPipelinesTheFileHasToSayWhere) {
  EXPECT_THAT(errors(kPipeline + "catalog: {shelf: 'shelf:oak'}\n"), ElementsAre(HasSubstr("say with `state`")));
  const Plan plan = good_plan(kPipeline + "catalog: {shelf: {uri: 'shelf:oak', keeps_state: true}}\n");
  EXPECT_EQ(plan.state_directory, "/home/warehouse/.weir/flights");
}

TEST_F(CatalogBinderTest, WhatTheCommandLineSaysGoesFirst) {
  PlanEnvironment planning = environment();
  planning.warehouse = "/given";
  planning.catalog_name = "mine";
  const Result<lake::BoundCatalog> catalog = default_catalog(planning);
  ASSERT_TRUE(catalog.ok());
  EXPECT_EQ(catalog->warehouse, "/given");
  EXPECT_EQ(catalog->name, "mine");
}

TEST_F(CatalogBinderTest, WithoutAFileTheDefaultWarehouseStartsInTheWorkingDirectory) {
  PlanEnvironment planning = environment();
  EXPECT_EQ(default_catalog(planning)->warehouse, "/home/warehouse");
  planning.default_warehouse = "/elsewhere";
  EXPECT_EQ(default_catalog(planning)->warehouse, "/elsewhere");
}

}  // namespace
}  // namespace weir::planner

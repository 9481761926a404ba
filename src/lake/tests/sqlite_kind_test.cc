#include "lake/catalog/sqlite_kind.h"

#include <gmock/gmock.h>

#include "config/binding.h"
#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// The kind's key as it stands in a file.
struct CatalogSpec {
  std::shared_ptr<void> part;
};

void describe(config::Description& d, CatalogSpec& s) {
  d.structure("catalog", "A catalog.");
  s.part = sqlite_kind().make_spec();
  sqlite_kind().describe(d, s.part.get());
}

class SqliteKindTest : public LakeTest {
 protected:
  BoundCatalog bound(const std::string& text, const std::string& name = "") {
    config::Diagnostics diagnostics;
    const auto document = config::parse("p.yaml", text, diagnostics);
    CatalogSpec spec;
    config::bind(*document, config::References::none(), spec, diagnostics);
    config::FileErrors errors(*document, diagnostics);
    const std::string path = "sqlite";
    const std::function<std::string(const std::optional<std::string>&)> warehouse =
        [&](const std::optional<std::string>& named) { return directory_ + "/" + named.value_or("by_default"); };
    BoundCatalog catalog =
        sqlite_kind().bind(spec.part.get(), {.path = path, .name = name, .warehouse = warehouse, .errors = errors});
    errors_ = diagnostics.render();
    return catalog;
  }
  CatalogEnvironment environment() {
    return {.store = *store_, .files = posix_file_env(), .clock = clock_, .random = random_};
  }
  std::string errors_;
};

TEST_F(SqliteKindTest, SaysWhereItsTablesAreAndHowOthersOpenIt) {
  const BoundCatalog catalog = bound("sqlite: {path: here, name: mine}");
  EXPECT_EQ(errors_, "");
  EXPECT_EQ(catalog.name, "mine");
  EXPECT_EQ(catalog.warehouse, directory_ + "/here");
  EXPECT_EQ(catalog.state_root, catalog.warehouse);
  const std::string file = directory_ + "/here/catalog.db";
  EXPECT_THAT(catalog.foreign.pyiceberg, ElementsAre(Pair("type", "sql"), Pair("uri", "sqlite:///" + file)));
  EXPECT_THAT(catalog.foreign.spark, ElementsAre(Pair("type", "jdbc"), Pair("uri", "jdbc:sqlite:" + file),
                                                 Pair("warehouse", "file://" + directory_ + "/here")));
}

TEST_F(SqliteKindTest, WithoutKeysItHasItsDefaultsAndTheCommandLinesNameGoesFirst) {
  EXPECT_EQ(bound("{}").name, "weir");
  EXPECT_EQ(bound("{}").warehouse, directory_ + "/by_default");
  EXPECT_EQ(bound("sqlite: {name: mine}", "given").name, "given");
}

TEST_F(SqliteKindTest, AnObjectStoreIsRefusedByName) {
  (void)bound("sqlite: s3://bucket/wh");
  EXPECT_THAT(errors_, testing::HasSubstr("'s3://...' is a URL"));
}

TEST_F(SqliteKindTest, OnlyWhoMayCreateMakesACatalog) {
  const BoundCatalog catalog = bound("sqlite: here");
  for (const CatalogAccess access : {CatalogAccess::read, CatalogAccess::change}) {
    const auto opened = catalog.open(access, environment());
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind(), ErrorKind::not_found);
  }
  ASSERT_TRUE(catalog.open(CatalogAccess::create, environment()).ok());
  const TableDefinition table = definition("a.b");
  const auto reader = catalog.open(CatalogAccess::read, environment());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->create(table).error().kind(), ErrorKind::permission_denied);
  const auto writer = catalog.open(CatalogAccess::change, environment());
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE((*writer)->create(table).ok());
}

}  // namespace
}  // namespace weir::lake

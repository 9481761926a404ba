#include <barrier>
#include <future>

#include <sqlite3.h>

#include "lake/tests/lake_fixture.h"

namespace weir::lake {
namespace {

using SqliteCatalogTest = LakeTest;

TEST_F(SqliteCatalogTest, CreatesLoadsAndListsTables) {
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  ASSERT_TRUE(catalog_->create(definition("ops.b")).ok());
  EXPECT_EQ(catalog_->list()->size(), 2U);
  const auto again = open();
  const auto loaded = again->load(*TableIdentifier::parse("ops.a"));
  ASSERT_TRUE(loaded.ok()) << loaded.error().to_string();
  EXPECT_EQ(*loaded->metadata->current_schema().schema, *schema());
  EXPECT_EQ(loaded->metadata->property("schema.name-mapping.default"),
            R"([{"field-id":1,"names":["id"]},{"field-id":2,"names":["name"]}])");
}

TEST_F(SqliteCatalogTest, ANameMappingThatTheUserGivesStays) {
  TableDefinition given = definition("ops.a");
  given.properties["schema.name-mapping.default"] = R"([{"field-id":1,"names":["id","key"]}])";
  EXPECT_EQ(catalog_->create(given)->metadata->property("schema.name-mapping.default"),
            R"([{"field-id":1,"names":["id","key"]}])");
}

TEST_F(SqliteCatalogTest, CreatingATableTwiceIsRefused) {
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  EXPECT_EQ(open()->create(definition("ops.a")).error().kind(), ErrorKind::already_exists);
}

TEST_F(SqliteCatalogTest, AMissingTableIsNotFoundAndNamed) {
  const auto loaded = catalog_->load(*TableIdentifier::parse("ops.none"));
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), ErrorKind::not_found);
  EXPECT_NE(loaded.error().message().find("ops.none"), std::string::npos);
}

TEST_F(SqliteCatalogTest, OfTwoChangesFromOneBaseTheSecondIsRefused) {
  const auto base = *catalog_->create(definition("ops.a"));
  const auto other = open();
  const auto other_base = *other->load(base.table);
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  const TableChange late{.base = other_base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "2"}}}}};
  EXPECT_EQ(*catalog_->commit({&change, 1}), CommitOutcome::applied);
  EXPECT_EQ(*other->commit({&late, 1}), CommitOutcome::refused);
  EXPECT_EQ(other->load(base.table)->metadata->property("k"), "1");
}

TEST_F(SqliteCatalogTest, SeveralTablesChangeTogetherOrNotAtAll) {
  const auto a = *catalog_->create(definition("ops.a"));
  const auto b = *catalog_->create(definition("ops.b"));
  const auto other = open();
  const TableChange foreign{
      .base = *other->load(b.table), .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "foreign"}}}}};
  ASSERT_EQ(*other->commit({&foreign, 1}), CommitOutcome::applied);
  const std::vector<TableChange> both = {
      {.base = a, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "ours"}}}}},
      {.base = b, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "ours"}}}}}};
  EXPECT_EQ(*catalog_->commit(both), CommitOutcome::refused);
  EXPECT_EQ(catalog_->load(a.table)->metadata->property("k"), "");
}

TEST_F(SqliteCatalogTest, ALockedCatalogIsUnavailableNotBroken) {
  const auto base = *catalog_->create(definition("ops.a"));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ + "/catalog.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  const auto outcome = catalog_->commit({&change, 1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(outcome.error().retry(), RetryHint::backoff);
  sqlite3_close(other);
  EXPECT_EQ(*catalog_->commit({&change, 1}), CommitOutcome::applied);
}

// SQLite refuses at once, without waiting, when two connections turn a new file into WAL mode together.
TEST_F(SqliteCatalogTest, ANewCatalogCanBeOpenedBySeveralAtOnce) {
  for (int round = 0; round < 50; ++round) {
    const std::string fresh = directory_ + "/fresh-" + std::to_string(round);
    std::barrier start(4);
    std::vector<std::future<std::string>> opened;
    for (int i = 0; i < 4; ++i) {
      opened.push_back(std::async(std::launch::async, [&] {
        start.arrive_and_wait();
        const auto catalog = open_sqlite_catalog({.directory = fresh}, *store_, posix_file_env(), clock_, random_);
        return catalog.ok() ? std::string() : catalog.error().to_string();
      }));
    }
    for (auto& one : opened) ASSERT_EQ(one.get(), "") << "round " << round;
  }
}

TEST_F(SqliteCatalogTest, ReadsTheLayoutOfOlderIcebergReleases) {
  const std::string old = directory_ + "/old";
  std::filesystem::create_directory(old);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((old + "/catalog.db").c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database,
                         "CREATE TABLE iceberg_tables (catalog_name VARCHAR(255) NOT NULL, table_namespace "
                         "VARCHAR(255) NOT NULL, table_name "
                         "VARCHAR(255) NOT NULL, metadata_location VARCHAR(1000), previous_metadata_location "
                         "VARCHAR(1000), PRIMARY KEY (catalog_name, "
                         "table_namespace, table_name))",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  auto catalog = open_sqlite_catalog({.directory = old}, *store_, posix_file_env(), clock_, random_);
  ASSERT_TRUE(catalog.ok());
  const auto base = *(*catalog)->create(definition("ops.a"));
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  EXPECT_EQ(*(*catalog)->commit({&change, 1}), CommitOutcome::applied);
}

TEST_F(SqliteCatalogTest, AFileThatIsNoDatabaseIsReported) {
  const std::string broken = directory_ + "/broken";
  std::filesystem::create_directory(broken);
  ASSERT_TRUE(write_file_durably(posix_file_env(), broken + "/catalog.db", std::string(4096, 'x')).ok());
  const auto catalog = open_sqlite_catalog({.directory = broken}, *store_, posix_file_env(), clock_, random_);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.error().kind(), ErrorKind::corrupt);
}

TEST(TableIdentifier, ParsesNamespacesAndRefusesNonsense) {
  EXPECT_EQ(TableIdentifier::parse("a.b.c")->ns, "a.b");
  for (const char* text : {"", "a", "a.", ".a", "a..b", "a b.c", "a.b;drop", "a/../b.c"}) {
    EXPECT_FALSE(TableIdentifier::parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace weir::lake

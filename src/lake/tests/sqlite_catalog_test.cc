#include <barrier>
#include <future>

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/tests/as_nobody.h"
#include "base/tests/sync_tracking_env.h"
#include "lake/catalog/sqlite_internal.h"
#include "lake/tests/forwarding_store.h"
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
  EXPECT_EQ(*catalog_->commit({&change, 1}, ""), CommitOutcome::applied);
  EXPECT_EQ(*other->commit({&late, 1}, ""), CommitOutcome::refused);
  EXPECT_EQ(other->load(base.table)->metadata->property("k"), "1");
}

TEST_F(SqliteCatalogTest, SeveralTablesChangeTogetherOrNotAtAll) {
  const auto a = *catalog_->create(definition("ops.a"));
  const auto b = *catalog_->create(definition("ops.b"));
  const auto other = open();
  const TableChange foreign{
      .base = *other->load(b.table), .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "foreign"}}}}};
  ASSERT_EQ(*other->commit({&foreign, 1}, ""), CommitOutcome::applied);
  const std::vector<TableChange> both = {
      {.base = a, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "ours"}}}}},
      {.base = b, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "ours"}}}}}};
  EXPECT_EQ(*catalog_->commit(both, ""), CommitOutcome::refused);
  EXPECT_EQ(catalog_->load(a.table)->metadata->property("k"), "");
}

TEST_F(SqliteCatalogTest, ALockedCatalogIsUnavailableNotBroken) {
  const auto base = *catalog_->create(definition("ops.a"));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ + "/catalog.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  const auto outcome = catalog_->commit({&change, 1}, "");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(outcome.error().retry(), RetryHint::backoff);
  sqlite3_close(other);
  EXPECT_EQ(*catalog_->commit({&change, 1}, ""), CommitOutcome::applied);
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
        const auto catalog =
            open_sqlite_catalog({.directory = fresh}, *store_, posix_file_env(), system_clock_source(), random_);
        return catalog.ok() ? std::string() : catalog.error().to_string();
      }));
    }
    for (auto& one : opened) ASSERT_EQ(one.get(), "") << "round " << round;
  }
}

TEST_F(SqliteCatalogTest, ANewCatalogIsDurableWithAllTheNamesAboveIt) {
  SyncTrackingEnv files(posix_file_env());
  const std::string fresh = directory_ + "/a/b";
  ASSERT_TRUE(open_sqlite_catalog({.directory = fresh}, *store_, files, clock_, random_).ok());
  EXPECT_TRUE(files.unsynced.empty());
  EXPECT_EQ(files.calls.back(), "sync " + fresh) << "catalog.db itself, which SQLite makes";
}

TEST_F(SqliteCatalogTest, WaitsForTheLockOfANewFileByTheClock) {
  const std::string path = directory_ + "/new.db";
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE t (a); BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(SqliteDatabase::open(path, 10, clock_).error().kind(), ErrorKind::unavailable);
  EXPECT_EQ(clock_.monotonic_us(), 10'000);
  sqlite3_close(other);
  EXPECT_TRUE(SqliteDatabase::open(path, 10, clock_).ok());
}

// What cannot be looked at now is not a table without the column.
TEST_F(SqliteCatalogTest, ColumnsThatCannotBeReadAreAnError) {
  const std::string path = directory_ + "/foreign.db";
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE iceberg_tables (a, b)", nullptr, nullptr, nullptr), SQLITE_OK);
  auto database = SqliteDatabase::open_to_read(path, 10, posix_file_env());
  ASSERT_TRUE(database.ok());
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto columns = database->columns_of("iceberg_tables");
  ASSERT_FALSE(columns.ok());
  EXPECT_EQ(columns.error().kind(), ErrorKind::unavailable);
  sqlite3_close(other);
  EXPECT_EQ(*database->columns_of("iceberg_tables"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(database->columns_of("none")->empty());
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
  EXPECT_EQ(*(*catalog)->commit({&change, 1}, ""), CommitOutcome::applied);
}

TEST_F(SqliteCatalogTest, AFileThatIsNoDatabaseIsReported) {
  const std::string broken = directory_ + "/broken";
  std::filesystem::create_directory(broken);
  ASSERT_TRUE(write_file_durably(posix_file_env(), broken + "/catalog.db", std::string(4096, 'x')).ok());
  const auto catalog = open_sqlite_catalog({.directory = broken}, *store_, posix_file_env(), clock_, random_);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.error().kind(), ErrorKind::corrupt);
}

// PyIceberg and others take a location for a URI: they would look for the tables elsewhere.
TEST_F(SqliteCatalogTest, AWarehouseWhosePathOtherEnginesMisreadIsRefused) {
  for (const char* name : {"50%", "a?b", "a#c", "not-utf8-\xff"}) {
    const auto catalog =
        open_sqlite_catalog({.directory = directory_ + "/" + name}, *store_, posix_file_env(), clock_, random_);
    ASSERT_FALSE(catalog.ok()) << name;
    EXPECT_EQ(catalog.error().kind(), ErrorKind::invalid_argument);
    EXPECT_FALSE(std::filesystem::exists(directory_ + "/" + name));
  }
  EXPECT_NE(open_sqlite_catalog({.directory = directory_ + "/50%"}, *store_, posix_file_env(), clock_, random_)
                .error()
                .message()
                .find("'%'"),
            std::string::npos);
  EXPECT_TRUE(
      open_sqlite_catalog({.directory = directory_ + "/a é +&"}, *store_, posix_file_env(), clock_, random_).ok());
}

/// The default VFS of SQLite for as long as it lives, with a sync() that fails on demand.
class FailingSync {
 public:
  FailingSync() {
    original = sqlite3_vfs_find(nullptr);
    vfs_ = *original;
    vfs_.zName = "failing-sync";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = original->xOpen(original, name, file, flags, out);
      if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return code;
      methods = *file->pMethods;
      sync = methods.xSync;
      methods.xSync = [](sqlite3_file* log, int how) { return fails ? SQLITE_IOERR_FSYNC : sync(log, how); };
      file->pMethods = &methods;
      return code;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FailingSync() {
    sqlite3_vfs_register(original, 1);
    sqlite3_vfs_unregister(&vfs_);
  }
  FailingSync(const FailingSync&) = delete;
  FailingSync& operator=(const FailingSync&) = delete;

  static inline bool fails = false;

 private:
  static inline sqlite3_vfs* original = nullptr;
  static inline sqlite3_io_methods methods;
  static inline int (*sync)(sqlite3_file*, int) = nullptr;
  sqlite3_vfs vfs_;
};

// exactly-once.md rules 14 and 16: whether it was written is not known, and to look again would believe what the system
// only says is written.
TEST_F(SqliteCatalogTest, AFailedSyncLeavesTheOutcomeUnknownAndEndsTheCatalog) {
  const FailingSync vfs;
  auto catalog = open();
  const auto base = *catalog->create(definition("ops.a"));
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  FailingSync::fails = true;
  EXPECT_EQ(*catalog->commit({&change, 1}, "one"), CommitOutcome::unknown);
  FailingSync::fails = false;
  for (const Error& error : {catalog->load(base.table).error(), catalog->commit({&change, 1}, "one").error()}) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_EQ(error.retry(), RetryHint::no);
  }
  catalog = nullptr;
}

// Only the row's own comparison stands between the catalog's look and its change: here somebody commits in between,
// while the metadata file is written.
TEST_F(SqliteCatalogTest, TheSwapItselfComparesTheBase) {
  class Interrupting final : public ForwardingStore {
   public:
    using ForwardingStore::ForwardingStore;
    Result<void> put(const std::string& uri, std::string_view bytes) override {
      if (meanwhile) std::exchange(meanwhile, nullptr)();
      return ForwardingStore::put(uri, bytes);
    }
    std::function<void()> meanwhile;
  };
  Interrupting store(*store_);
  const auto catalog = *open_sqlite_catalog({.directory = directory_}, store, posix_file_env(), clock_, random_);
  const auto a = *catalog->create(definition("ops.a"));
  const auto b = *catalog->create(definition("ops.b"));
  const auto set = [](const LoadedTable& base, const char* value) {
    return TableChange{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", value}}}}};
  };
  const auto other = open();
  store.meanwhile = [&] {
    const TableChange foreign = set(*other->load(b.table), "foreign");
    ASSERT_EQ(*other->commit({&foreign, 1}, "foreign"), CommitOutcome::applied);
  };
  const std::vector<TableChange> ours = {set(a, "ours"), set(b, "ours")};
  EXPECT_EQ(*catalog->commit(ours, "ours"), CommitOutcome::refused);
  EXPECT_EQ(catalog->load(b.table)->metadata->property("k"), "foreign");
  EXPECT_EQ(catalog->load(a.table)->metadata->property("k"), "") << "all tables, or none";
}

// B8 of the review: an outage of hours left a file for each attempt.
TEST_F(SqliteCatalogTest, AttemptsAgainstALockedCatalogWriteTheirFilesOnce) {
  const auto base = *catalog_->create(definition("ops.a"));
  const std::string folder = *file_path(base.metadata->location) + "/metadata";
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open((directory_ + "/catalog.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  for (int attempt = 0; attempt < 3; ++attempt) EXPECT_FALSE(catalog_->commit({&change, 1}, "one").ok());
  EXPECT_EQ(posix_file_env().list(folder)->size(), 2U);
  sqlite3_close(other);
  EXPECT_EQ(*catalog_->commit({&change, 1}, "one"), CommitOutcome::applied);
  EXPECT_EQ(posix_file_env().list(folder)->size(), 2U);
  EXPECT_EQ(catalog_->load(base.table)->metadata->property("k"), "1");
}

// exactly-once.md rule 15: a commit each few seconds leaves thousands of files a day.
TEST_F(SqliteCatalogTest, MetadataFilesThatLeaveTheLogAreRemovedWhereTheTableSaysSo) {
  const std::unique_ptr<ObjectRemover> remover = make_local_remover(posix_file_env());
  const auto catalog = *open_sqlite_catalog({.directory = directory_, .remover = remover.get()}, *store_,
                                            posix_file_env(), clock_, random_);
  for (const char* is_wanted : {"true", "false"}) {
    TableDefinition wanted = definition(std::string("ops.") + is_wanted);
    wanted.properties = {{"write.metadata.previous-versions-max", "3"},
                         {"write.metadata.delete-after-commit.enabled", is_wanted}};
    LoadedTable base = *catalog->create(wanted);
    const std::string folder = *file_path(base.metadata->location) + "/metadata";
    for (int i = 0; i < 10; ++i) {
      const TableChange change{
          .base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", std::to_string(i)}}}}};
      ASSERT_EQ(*catalog->commit({&change, 1}, std::to_string(i)), CommitOutcome::applied);
      base = *catalog->load(base.table);
    }
    EXPECT_EQ(posix_file_env().list(folder)->size(), *is_wanted == 't' ? 4U : 11U);
    for (const auto& entry : base.metadata->metadata_log) EXPECT_TRUE(store_->size_of(entry.metadata_file).ok());
  }
}

TEST_F(SqliteCatalogTest, ANewTableBoundsItsMetadataFiles) {
  const auto table = *catalog_->create(definition("ops.a"));
  EXPECT_EQ(table.metadata->property("write.metadata.delete-after-commit.enabled"), "true");
}

TEST_F(SqliteCatalogTest, AReplyThatGotLostIsAnUnknownOutcome) {
  const auto base = *catalog_->create(definition("ops.a"));
  const TableChange change{.base = base, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  ASSERT_TRUE(arm_faults("commit.after_swap=error").ok());
  EXPECT_EQ(*catalog_->commit({&change, 1}, "one"), CommitOutcome::unknown);
  EXPECT_EQ(catalog_->load(base.table)->metadata->property("k"), "1");
}

/// Opens catalogs as one who only reads.
class ReadOnlyCatalogTest : public LakeTest {
 protected:
  Result<std::unique_ptr<Catalog>> read_only(const std::string& directory) {
    return open_sqlite_catalog({.directory = directory, .busy_ms = 200, .read_only = true}, *store_, posix_file_env(),
                               clock_, random_);
  }

  /// As a user who may write nothing in the folder, root or not.
  std::string tables_seen_without_write_access(const std::string& directory) {
    EXPECT_EQ(::chmod(directory.c_str(), 0555), 0);
    std::string seen;
    {
      const AsNobody nobody;
      const auto catalog = read_only(directory);
      const auto tables = catalog.ok() ? (*catalog)->list() : catalog.error();
      if (!tables.ok()) seen = tables.error().to_string();
      for (size_t i = 0; tables.ok() && i < tables->size(); ++i) seen += (*tables)[i].to_string() + ";";
    }
    EXPECT_EQ(::chmod(directory.c_str(), 0755), 0);
    return seen;
  }

  std::vector<std::string> names() { return *posix_file_env().list(directory_); }
  std::string bytes() { return *read_file(posix_file_env(), directory_ + "/catalog.db", 1 << 20); }
};

TEST_F(ReadOnlyCatalogTest, LeavesTheWarehouseAsItIs) {
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  catalog_ = nullptr;
  const std::vector<std::string> names_before = names();
  const std::string bytes_before = bytes();
  {
    const auto catalog = read_only(directory_);
    ASSERT_TRUE(catalog.ok()) << catalog.error().to_string();
    EXPECT_TRUE((*catalog)->load(*TableIdentifier::parse("ops.a")).ok());
  }
  EXPECT_EQ(names(), names_before);
  EXPECT_EQ(bytes(), bytes_before);
}

TEST_F(ReadOnlyCatalogTest, RefusesToChange) {
  const LoadedTable table = *catalog_->create(definition("ops.a"));
  const auto catalog = *read_only(directory_);
  const TableChange change{.base = table, .requirements = {}, .updates = {iceberg::SetProperties{{{"k", "1"}}}}};
  EXPECT_EQ(catalog->commit({&change, 1}, "").error().kind(), ErrorKind::permission_denied);
  EXPECT_EQ(catalog->create(definition("ops.b")).error().kind(), ErrorKind::permission_denied);
  auto database = SqliteDatabase::open_to_read(directory_ + "/catalog.db", 10, posix_file_env());
  ASSERT_TRUE(database.ok());
  EXPECT_EQ(database->execute("DELETE FROM iceberg_tables").error().kind(), ErrorKind::permission_denied);
}

TEST_F(ReadOnlyCatalogTest, WhatIsNotThereIsNotMade) {
  EXPECT_EQ(read_only(directory_ + "/none").error().kind(), ErrorKind::not_found);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/none"));
  const std::string empty = directory_ + "/empty";
  std::filesystem::create_directory(empty);
  ASSERT_TRUE(write_file_durably(posix_file_env(), empty + "/catalog.db", "").ok());
  EXPECT_EQ(read_only(empty).error().kind(), ErrorKind::not_found);
  EXPECT_EQ(posix_file_env().stat(empty + "/catalog.db")->size_bytes, 0);
}

TEST_F(ReadOnlyCatalogTest, SeesWhatAWriterHasJustCommitted) {
  const auto catalog = *read_only(directory_);
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  EXPECT_EQ(catalog->list()->size(), 1U);
}

TEST_F(ReadOnlyCatalogTest, WorksInAFolderThatMayNotBeWritten) {
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  EXPECT_EQ(tables_seen_without_write_access(directory_), "ops.a;") << "while a writer runs";
  catalog_ = nullptr;
  EXPECT_EQ(tables_seen_without_write_access(directory_), "ops.a;") << "after it has ended";
  ASSERT_TRUE(write_file_durably(posix_file_env(), directory_ + "/catalog.db-wal", "").ok());
  EXPECT_EQ(tables_seen_without_write_access(directory_), "ops.a;") << "with an empty log";
}

TEST_F(ReadOnlyCatalogTest, ChangesThatCannotBeReadAreNotPassedOver) {
  ASSERT_TRUE(catalog_->create(definition("ops.a")).ok());
  const std::string log = directory_ + "/catalog.db-wal";
  const std::string kept = *read_file(posix_file_env(), log, 1 << 24);  // as a crash of all processes leaves it
  ASSERT_FALSE(kept.empty());
  catalog_ = nullptr;
  ASSERT_TRUE(write_file_durably(posix_file_env(), log, kept).ok());
  const std::string seen = tables_seen_without_write_access(directory_);
  EXPECT_NE(seen.find("permission_denied"), std::string::npos) << seen;
  EXPECT_NE(seen.find("catalog.db-wal"), std::string::npos) << seen;
}

TEST_F(ReadOnlyCatalogTest, AChangeThatMustBeTakenBackIsNotReadAsDone) {
  catalog_ = nullptr;
  const std::string path = directory_ + "/catalog.db";
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  // An engine that keeps no WAL dies in the middle of a change that no longer fits its memory.
  ASSERT_EQ(sqlite3_exec(other,
                         "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN; CREATE TABLE half (a);"
                         "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
                         "INSERT INTO half SELECT randomblob(3000) FROM n",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  const std::string half = *read_file(posix_file_env(), path, 1 << 24);
  const std::string journal = *read_file(posix_file_env(), path + "-journal", 1 << 24);
  sqlite3_close(other);
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, half).ok());
  ASSERT_TRUE(write_file_durably(posix_file_env(), path + "-journal", journal).ok());
  const std::string seen = tables_seen_without_write_access(directory_);
  EXPECT_NE(seen.find("catalog.db-journal"), std::string::npos) << seen;
}

TEST(TableIdentifier, ParsesNamespacesAndRefusesNonsense) {
  EXPECT_EQ(TableIdentifier::parse("a.b.c")->ns, "a.b");
  for (const char* text : {"", "a", "a.", ".a", "a..b", "a b.c", "a.b;drop", "a/../b.c"}) {
    EXPECT_FALSE(TableIdentifier::parse(text).ok()) << text;
  }
}

TEST_F(SqliteCatalogTest, ACatalogThatIsRemovedOrReplacedIsNoticedAtTheNextCall) {
  for (const bool is_replaced : {false, true}) {
    const std::string name = "ops." + std::string(is_replaced ? "replaced" : "removed");
    auto catalog = open();
    const LoadedTable table = catalog->create(definition(name)).value();
    const std::string file = directory_ + "/catalog.db";
    std::filesystem::rename(file, file + ".away");
    if (is_replaced) std::filesystem::copy(file + ".away", file);
    const TableChange change{
        .base = table, .requirements = {}, .updates = {iceberg::SetProperties{{{"owner", "somebody"}}}}};
    for (const Error& error : {catalog->load(table.table).error(), catalog->commit({&change, 1}, "k").error(),
                               catalog->create(definition("ops.other")).error(), catalog->list().error()}) {
      EXPECT_EQ(error.kind(), ErrorKind::table_changed);
      EXPECT_THAT(error.message(), testing::HasSubstr("was removed or replaced while it was in use"));
    }
    std::filesystem::rename(file + ".away", file);
  }
}

}  // namespace
}  // namespace weir::lake

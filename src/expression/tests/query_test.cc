#include "expression/query.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Query : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        testing::TempDir() + "weir_query_" + testing::UnitTest::GetInstance()->current_test_info()->name() + "_[a]*?";
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/origin=ATL");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Writes a Parquet file with DuckDB; returns its path.
  std::string write(const std::string& name, const std::string& select, const std::string& field_ids) {
    std::string path = folder_ + "/" + name;
    EXPECT_TRUE(oracle_.succeeds("COPY (" + select + ") TO " + quote_literal(path) + " (FORMAT parquet, FIELD_IDS " +
                                 field_ids + ")"))
        << select;
    return path;
  }

  static SchemaPtr flights() {
    return std::make_shared<const Schema>(
        std::vector<Field>{{.id = 1, .name = "id", .type = type_of(TypeKind::int64)},
                           {.id = 2, .name = "origin", .type = type_of(TypeKind::string)},
                           {.id = 7, .name = "delay", .type = type_of(TypeKind::int32)}});
  }

  QueryTable flights_table() {
    return {.name_space = "ops",
            .name = "flights",
            .schema = flights(),
            .files = {write("origin=ATL/one.parquet", "SELECT 1::bigint AS id, 'ATL' AS origin, 5 AS delay",
                            "{id: 1, origin: 2, delay: 7}"),
                      write("two.parquet", "SELECT * FROM (VALUES (2::bigint, 'JFK'), (3, NULL)) t(id, origin)",
                            "{id: 1, origin: 2}")}};
  }

  std::unique_ptr<QuerySession> session_with(const std::vector<QueryTable>& tables, const QueryOptions& options = {}) {
    auto session = QuerySession::open(options).value();
    for (const QueryTable& table : tables) {
      const auto registered = session->register_table(table);
      EXPECT_TRUE(registered.ok()) << registered.error().to_string();
    }
    return session;
  }

  std::string folder_;
  Oracle oracle_;
};

/// All rows as lines of JSON lists.
std::vector<std::string> rows_of(QuerySession& session, std::string_view sql) {
  std::vector<std::string> rows;
  auto result = session.run(sql);
  EXPECT_TRUE(result.ok()) << sql << ": " << result.error().to_string();
  if (!result.ok()) return rows;
  while (true) {
    const auto more = (*result)->next();
    EXPECT_TRUE(more.ok()) << sql << ": " << more.error().to_string();
    if (!more.ok() || !*more) return rows;
    for (int64_t row = 0; row < (*result)->rows(); ++row) {
      std::string line;
      for (size_t i = 0; i < (*result)->columns().size(); ++i) {
        if (i != 0) line += " ";
        (*result)->append_json(row, i, line);
      }
      rows.push_back(line);
    }
  }
}

Error error_of(QuerySession& session, std::string_view sql, size_t* offset = nullptr) {
  auto result = session.run(sql, offset);
  if (!result.ok()) return std::move(result).error();
  const auto more = (*result)->next();
  return more.ok() ? Error(ErrorKind::internal, "no error") : more.error();
}

TEST_F(Query, ReadsTheFilesOfATable) {
  const auto session = session_with({flights_table()});
  EXPECT_THAT(rows_of(*session, "SELECT * FROM ops.flights ORDER BY id"),
              ElementsAre("1 \"ATL\" 5", "2 \"JFK\" null", "3 null null"));
  EXPECT_THAT(rows_of(*session, "select count(*), max(origin) from ops.flights;"), ElementsAre("3 \"JFK\""));
  EXPECT_THAT(rows_of(*session, "WITH late AS (SELECT * FROM ops.flights WHERE delay > 1) SELECT id FROM late -- end"),
              ElementsAre("1"));
  EXPECT_THAT(rows_of(*session, "VALUES (1), (2)"), ElementsAre("1", "2"));
  EXPECT_THAT(rows_of(*session, "DESCRIBE ops.flights").size(), 3U);
  EXPECT_THAT(rows_of(*session, "EXPLAIN SELECT * FROM ops.flights").size(), 1U);
  EXPECT_THAT(rows_of(*session, "SUMMARIZE ops.flights").size(), 3U);
}

TEST_F(Query, ColumnsAreFoundByFieldIdAfterARename) {
  QueryTable table = flights_table();
  table.schema = std::make_shared<const Schema>(
      std::vector<Field>{{.id = 9, .name = "added", .type = Type::decimal(9, 2)},
                         {.id = 2, .name = "departure", .type = type_of(TypeKind::string)},
                         {.id = 7, .name = "delay", .type = type_of(TypeKind::int64)}});
  const auto session = session_with({table});
  EXPECT_THAT(rows_of(*session, "SELECT * FROM ops.flights ORDER BY departure"),
              ElementsAre("null \"ATL\" 5", "null \"JFK\" null", "null null null"));
}

TEST_F(Query, AFileWithoutFieldIdsIsRefusedAndNotReadAsNulls) {
  const std::string path = folder_ + "/plain.parquet";
  ASSERT_TRUE(oracle_.succeeds("COPY (SELECT 1::bigint AS id, 'ATL' AS origin, 5 AS delay) TO " + quote_literal(path) +
                               " (FORMAT parquet)"));
  const auto session = QuerySession::open().value();
  const auto registered =
      session->register_table({.name_space = "ops", .name = "x", .schema = flights(), .files = {path}});
  EXPECT_EQ(registered.error().kind(), ErrorKind::unsupported);
  EXPECT_THAT(registered.error().message(), HasSubstr("plain.parquet' has no field ids"));
}

TEST_F(Query, AnEmptyTableHasItsColumnsAndTypes) {
  const SchemaPtr schema = make_schema(every_type());
  const auto session = session_with({{.name_space = "a.b", .name = "empty", .schema = schema, .files = {}}});
  EXPECT_TRUE(rows_of(*session, "SELECT * FROM \"a.b\".empty").empty());
  auto result = session->run("SELECT * FROM \"a.b\".\"empty\"").value();
  ASSERT_EQ(result->columns().size(), schema->size());
  EXPECT_EQ(result->columns()[1].name, "int");
  EXPECT_EQ(result->columns()[1].type, "INTEGER");
  EXPECT_EQ(result->columns().back().type, "MAP(INTEGER, STRUCT(lat DOUBLE, label VARCHAR, flag BOOLEAN))");
}

TEST_F(Query, CellsOfEveryType) {
  const auto session = session_with({});
  EXPECT_THAT(
      rows_of(*session,
              "SELECT true, 1::tinyint, -2::smallint, 3::int, 4::bigint, 5::utinyint, 6::usmallint, 7::uinteger, "
              "18446744073709551615::ubigint, "
              "-170141183460469231731687303715884105727::hugeint, 340282366920938463463374607431768211455::uhugeint"),
      ElementsAre("true 1 -2 3 4 5 6 7 18446744073709551615 -170141183460469231731687303715884105727 "
                  "340282366920938463463374607431768211455"));
  EXPECT_THAT(rows_of(*session,
                      "SELECT 0.1::float, 0.1::double, 'nan'::double, '-inf'::float, 12.50::decimal(9,2), "
                      "-0.05::decimal(4,2), 1e30::double"),
              ElementsAre("0.1 0.1 \"NaN\" \"-Infinity\" 12.50 -0.05 1e+30"));
  EXPECT_THAT(
      rows_of(*session,
              "SELECT date '2020-02-29', time '01:02:03.5', timestamp '2020-01-01 00:00:00', timestamptz '2020-01-01 "
              "01:00:00+01', 'infinity'::date"),
      ElementsAre("\"2020-02-29\" \"01:02:03.500000\" \"2020-01-01T00:00:00\" \"2020-01-01T00:00:00Z\" \"infinity\""));
  EXPECT_THAT(rows_of(*session,
                      "SELECT 'a\"b\\' || chr(10) || chr(1) || 'ü', unhex('00ff'), uuid "
                      "'0f0e0d0c-0b0a-0908-0706-050403020100', NULL"),
              ElementsAre("\"a\\\"b\\\\\\n\\u0001ü\" \"AP8=\" \"0f0e0d0c-0b0a-0908-0706-050403020100\" null"));
  EXPECT_THAT(
      rows_of(*session,
              "SELECT {'a': 1, 'b': NULL::int, 'c': [1, NULL, x]}, map(['k', 'l'], [x, 2]), map([1], ['v']), [x, "
              "2]::int[2], [[x], []] FROM range(1) t(x)"),
      ElementsAre("{\"a\": 1, \"b\": null, \"c\": [1, null, 0]} {\"k\": 0, \"l\": 2} [[1, \"v\"]] [0, 2] [[0], []]"));
  EXPECT_THAT(
      rows_of(*session,
              "SELECT interval 90 minute, 'x'::enum('x', 'y'), '101'::bit, make_timestamp_ns(1), [interval 1 day], "
              "time '01:02:03'::timetz, 1 AS a, 2 AS a;"),
      ElementsAre("\"01:30:00\" \"x\" \"101\" \"1970-01-01 00:00:00.000000001\" \"[1 day]\" \"01:02:03+00\" 1 2"));
  auto result = session->run("SELECT interval 90 minute AS i, 1 AS a, 2 AS a").value();
  EXPECT_EQ(result->columns()[0].type, "INTERVAL");
  EXPECT_EQ(result->columns()[2].name, "a");
  ASSERT_TRUE(result->next().value());
  std::string text;
  result->append_text(0, 0, text);
  EXPECT_EQ(text, "01:30:00");
}

TEST_F(Query, LongResultsComeInPieces) {
  const auto session = session_with({});
  auto result = session->run("SELECT i, {'a': i, 'b': 'constant', 'c': [i, 1]} AS s FROM range(100000) t(i)").value();
  int64_t expected = 0;
  while (result->next().value()) {
    EXPECT_LE(result->rows(), 2048);
    for (int64_t row = 0; row < result->rows(); ++row, ++expected) {
      std::string text;
      result->append_text(row, 0, text);
      ASSERT_EQ(text, std::to_string(expected));
      text.clear();
      result->append_text(row, 1, text);
      ASSERT_EQ(text, "{\"a\": " + std::to_string(expected) + ", \"b\": \"constant\", \"c\": [" +
                          std::to_string(expected) + ", 1]}");
    }
  }
  EXPECT_EQ(expected, 100'000);
}

TEST_F(Query, OnlyTheRegisteredFilesCanBeRead) {
  const QueryTable table = flights_table();
  const std::string other = write("other.parquet", "SELECT 1 AS id", "{id: 1}");
  const auto session = session_with({table});
  EXPECT_EQ(rows_of(*session, "SELECT count(*) FROM ops.flights"), std::vector<std::string>{"3"});
  for (const std::string& sql :
       {"SELECT * FROM read_parquet(" + quote_literal(other) + ")",
        std::string("SELECT * FROM read_csv('/etc/passwd')"), std::string("SELECT * FROM '/etc/passwd'"),
        std::string("SELECT * FROM glob('/*')"), std::string("SELECT * FROM read_text('/etc/hostname')"),
        std::string("SELECT * FROM read_blob('/etc/hostname')"), std::string("FROM sniff_csv('/etc/passwd')"),
        std::string("SELECT * FROM read_parquet('https://localhost/x.parquet')"),
        "SELECT * FROM parquet_metadata(" + quote_literal(other) + ")"}) {
    const Error error = error_of(*session, sql);
    EXPECT_NE(error.message(), "no error") << sql;
    EXPECT_NE(error.kind(), ErrorKind::internal) << sql << error.message();
  }
}

TEST_F(Query, OnlyQueriesAreRun) {
  const auto session = session_with({flights_table()});
  for (const char* sql :
       {"CREATE TABLE x (a INT)", "DROP VIEW ops.flights", "INSERT INTO ops.flights VALUES (1)",
        "DELETE FROM ops.flights", "COPY ops.flights TO '/tmp/weir_query_x'", "ATTACH '/tmp/weir_query_x'",
        "SET threads = 4", "SET enable_external_access = true", "INSTALL httpfs", "LOAD httpfs", "BEGIN",
        "CALL pragma_version()", "EXPORT DATABASE '/tmp/weir_query_x'", "VACUUM", "CHECKPOINT",
        "PRAGMA enable_profiling", "USE memory", "PREPARE p AS SELECT 1"}) {
    const Error error = error_of(*session, sql);
    EXPECT_TRUE(error.kind() == ErrorKind::unsupported || error.kind() == ErrorKind::invalid_argument ||
                error.kind() == ErrorKind::permission_denied)
        << sql << ": " << error.to_string();
  }
  EXPECT_THAT(error_of(*session, "SELECT 1; SELECT 2").message(), HasSubstr("one query at a time"));
  EXPECT_THAT(error_of(*session, "DROP VIEW ops.flights").message(), HasSubstr("nothing can be changed"));
  EXPECT_THAT(error_of(*session, "").message(), HasSubstr("empty"));
  EXPECT_THAT(error_of(*session, " -- nothing").message(), HasSubstr("empty"));
  EXPECT_THAT(error_of(*session, "SELECT ?").message(), HasSubstr("parameters"));
  EXPECT_EQ(error_of(*session, std::string("SELECT 1\0", 9)).kind(), ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(*session, std::string(2 << 20, ' ')).kind(), ErrorKind::limit_exceeded);
  EXPECT_EQ(rows_of(*session, "SELECT count(*) FROM ops.flights"), std::vector<std::string>{"3"});
}

TEST_F(Query, ErrorsSayWhatAndWhere) {
  const auto session = session_with({flights_table()});
  size_t offset = 0;
  EXPECT_THAT(error_of(*session, "SELECT * FROM ops.flihgts", &offset).message(), HasSubstr("flights"));
  EXPECT_EQ(offset, 14U);
  EXPECT_THAT(error_of(*session, "SELECT delya FROM ops.flights", &offset).message(), HasSubstr("delya"));
  EXPECT_EQ(offset, 7U);
  EXPECT_EQ(error_of(*session, "SELEC 1", &offset).kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(error_of(*session, "SELECT cast(origin AS int) FROM ops.flights").message(),
              HasSubstr("Could not convert string 'ATL'"));
}

TEST_F(Query, TableNamesAreUniqueAndComeFirst) {
  const auto session = session_with({flights_table()});
  const auto again = session->register_table(flights_table());
  EXPECT_EQ(again.error().kind(), ErrorKind::already_exists);
  EXPECT_EQ(rows_of(*session, "SELECT 1"), std::vector<std::string>{"1"});
  EXPECT_FALSE(session->register_table({.name_space = "late", .name = "x", .schema = flights(), .files = {}}).ok());
}

TEST_F(Query, AMissingFileIsAnErrorThatNamesIt) {
  const auto session = QuerySession::open().value();
  const auto registered = session->register_table(
      {.name_space = "ops", .name = "x", .schema = flights(), .files = {folder_ + "/gone.parquet"}});
  EXPECT_EQ(registered.error().kind(), ErrorKind::not_found);
  EXPECT_THAT(registered.error().message(), HasSubstr("gone.parquet"));
  std::filesystem::create_directories(folder_);
  EXPECT_TRUE(
      oracle_.succeeds("COPY (SELECT 1 AS a) TO " + quote_literal(folder_ + "/torn.parquet") + " (FORMAT csv)"));
  const auto torn = session->register_table(
      {.name_space = "ops", .name = "x", .schema = flights(), .files = {folder_ + "/torn.parquet"}});
  EXPECT_FALSE(torn.ok());
  EXPECT_THAT(torn.error().message(), HasSubstr("torn.parquet"));
}

TEST_F(Query, MemoryIsLimited) {
  const auto session = session_with({}, {.memory_bytes_max = 16 << 20});
  EXPECT_EQ(error_of(*session, "SELECT count(DISTINCT i * 7919) FROM range(50000000) t(i)").kind(),
            ErrorKind::resource_exhausted);
  EXPECT_EQ(rows_of(*session, "SELECT 1"), std::vector<std::string>{"1"});
}

TEST_F(Query, CanBeInterrupted) {
  const auto session = session_with({});
  EXPECT_EQ(rows_of(*session, "SELECT 1"), std::vector<std::string>{"1"});
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) {
      session->interrupt();
      std::this_thread::yield();
    }
  });
  // The last one does not come back from a single piece of work for hours.
  for (const char* sql : {"SELECT count(*) FROM range(1000000) a, range(100000) b WHERE a.range % 7 = b.range % 11",
                          "SELECT i FROM range(10000000000) t(i) WHERE i % 1000 = -1",
                          "SELECT * FROM range(1000000) a, range(100000) b WHERE a.range + b.range = -1"}) {
    const Error error = error_of(*session, sql);
    EXPECT_EQ(error.kind(), ErrorKind::cancelled) << error.to_string();
  }
  done = true;
  other.join();
  EXPECT_EQ(rows_of(*session, "SELECT 1"), std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace weir::expression

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/duck/engine_internal.h"
#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

using testing::HasSubstr;
using testing::Not;

SchemaPtr input() {
  return make_schema({{"id", type_of(TypeKind::int64)},
                      {"name", type_of(TypeKind::string)},
                      {"arrival_delay", type_of(TypeKind::int32)},
                      {"ts", type_of(TypeKind::timestamp)},
                      {"tags", Type::list(Field{.name = "element", .type = type_of(TypeKind::string)})},
                      {"geo", Type::structure({Field{.name = "lat", .type = type_of(TypeKind::float64)},
                                               Field{.name = "longitude", .type = type_of(TypeKind::float64)}})}});
}

struct BindError {
  std::string message;
  ErrorKind kind = ErrorKind::internal;
  size_t offset = 0;
};

BindError refuse(std::string_view sql) {
  TextPlace place;
  const auto bound = BooleanExpression::bind(sql, input(), {.engine = nullptr, .place = &place});
  if (bound.ok()) return {.message = "no error"};
  return {.message = bound.error().message(), .kind = bound.error().kind(), .offset = place.offset};
}

bool is_fine(std::string_view sql) {
  const auto bound = BooleanExpression::bind(sql, input());
  EXPECT_TRUE(bound.ok()) << sql << ": " << bound.error().message();
  return bound.ok();
}

TEST(Refusal, UnknownColumnsNameTheNearestAndTheirPlace) {
  const BindError error = refuse("id > 3 and  arival_delay > 5");
  EXPECT_EQ(error.message, "there is no column 'arival_delay'; did you mean 'arrival_delay'?");
  EXPECT_EQ(error.kind, ErrorKind::invalid_argument);
  EXPECT_EQ(error.offset, 12U);
  EXPECT_THAT(refuse("geo.latt > 1").message, HasSubstr("'geo' has no field 'latt'; did you mean 'lat'?"));
  EXPECT_THAT(refuse("id.x > 1").message, HasSubstr("'id' is of type long and has no field 'x'"));
  EXPECT_THAT(refuse("batch_.id > 1").message, HasSubstr("there is no column 'batch_'"));
  EXPECT_THAT(refuse("name = \"abc\"").message, HasSubstr("there is no column 'abc'"));
}

TEST(Refusal, PlacesCountBytesAlsoBehindOtherAlphabets) {
  EXPECT_EQ(refuse("name = '日本' and nam = 'x'").offset, 20U);
  EXPECT_EQ(refuse("name = 'x' and upper(id, 2) = 'x'").offset, 15U);
  EXPECT_EQ(refuse("name = '日本' and upper(id, 2) = 'x'").offset, 20U);
  EXPECT_EQ(refuse("id >").offset, 4U);
  EXPECT_EQ(refuse("id > > 3").message, "syntax error at or near \">\"");
}

TEST(Refusal, UnknownFunctionsNameTheNearest) {
  EXPECT_EQ(refuse("uper(name) = 'X'").message, "there is no function 'uper'; did you mean 'upper'?");
  EXPECT_EQ(refuse("id > 1 and lenght(name) > 3").offset, 11U);
}

TEST(Refusal, WrongArgumentsGiveDuckDbsReasonWithoutItsNoise) {
  const BindError error = refuse("name + 1 > 2 + upper(1, 2)");
  EXPECT_THAT(error.message, HasSubstr("No function matches"));
  EXPECT_THAT(error.message, Not(HasSubstr("Candidate")));
  EXPECT_THAT(error.message, Not(HasSubstr("LINE")));
  EXPECT_THAT(error.message, Not(HasSubstr("weir_batch")));
}

TEST(Refusal, FunctionsOfTimeChanceOrSession) {
  for (const char* sql : {"ts < now()",
                          "ts < NOW()",
                          "ts < current_timestamp",
                          "ts::date = current_date",
                          "ts < localtimestamp",
                          "ts::time < current_time",
                          "ts::date = today()",
                          "random() < 0.5",
                          "name = uuid()::varchar",
                          "name = gen_random_uuid()::varchar",
                          "uuidv7() is not null",
                          "nextval('s') > 1",
                          "currval('s') > 1",
                          "current_setting('threads') = '1'",
                          "getvariable('x') = 1",
                          "name = user",
                          "name = current_user",
                          "name = session_user",
                          "name = current_schema()",
                          "name = current_database()",
                          "txid_current() > 0",
                          "age(ts) > interval 1 day",
                          "ts > ago(interval 1 day)",
                          "version() = 'v1'",
                          "setseed(0.5) is null",
                          "current_localtimestamp() > ts",
                          "current_query() = ''",
                          "sleep_ms(1) is null",
                          "write_log('x') is null",
                          "stats(id) = ''",
                          "transaction_timestamp() > ts",
                          "get_current_timestamp() > ts",
                          "current_catalog = 'x'",
                          "main.random() > 1",
                          "list_aggregate([id], 'reservoir_quantile', 0.5) > 1",
                          "error('x') is null",
                          "in_search_path('a', 'b')",
                          "get_block_size('x') > 1"}) {
    const BindError error = refuse(sql);
    EXPECT_EQ(error.kind, ErrorKind::unsupported) << sql << ": " << error.message;
  }
  EXPECT_THAT(refuse("id = 1 and ts < now()").message,
              HasSubstr("the function 'now' cannot be used: it depends on more than its arguments"));
  EXPECT_EQ(refuse("id = 1 and ts < now()").offset, 16U);
  EXPECT_EQ(refuse("id = 1 and ts < current_timestamp").offset, 16U);
  EXPECT_TRUE(is_fine("age(ts, ts) = interval 0 day"));
  EXPECT_TRUE(is_fine("date_add(ts, interval 1 day) > ts"));
  EXPECT_TRUE(is_fine("split_part(name, ',', 1) = 'a'"));
}

// Whatever DuckDB's catalog calls unstable must be refused, also in versions to come.
TEST(Refusal, EveryFunctionThatTheCatalogCallsUnstableIsRefused) {
  Oracle oracle;
  const auto engine = Engine::shared().value();
  const auto names = oracle.query(
      "SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'scalar' AND stability <> "
      "'CONSISTENT'");
  EXPECT_GT(names.size(), 20U);
  for (const auto& row : names) EXPECT_EQ(engine->impl().functions.use(*row[0], 1), FunctionUse::unstable) << *row[0];
}

TEST(Refusal, WhatWouldSeeOneBatchOnly) {
  for (const char* sql :
       {"sum(id) > 1", "count(*) > 1", "max(id) = id", "id > (select 1)", "exists (select 1)", "id in (select 1)",
        "name = any(tags)", "row_number() over () = 1", "sum(id) over (order by ts) > 3", "lag(id) over () = 1",
        "count(*) filter (id > 1) > 1", "array(select 1) = [1]", "median(id) > 1", "wavg(id, id) > 1",
        "grouping(id) = 1", "lag(id, 1) = 1"}) {
    EXPECT_EQ(refuse(sql).kind, ErrorKind::unsupported) << sql << ": " << refuse(sql).message;
  }
  EXPECT_THAT(refuse("name = any(tags)").message, HasSubstr("list_contains"));
  EXPECT_THAT(refuse("sum(id) > 1").message,
              HasSubstr("the aggregate function 'sum' cannot be used here: it would see one batch, not the stream"));
}

TEST(Refusal, WhatGivesRowsAndNotAValue) {
  for (const char* sql : {"unnest(tags) = 'a'", "unnest([true])", "read_csv('/etc/passwd') = 1", "glob('*') = 'a'",
                          "regexp_split_to_table(name, ',') = 'a'"}) {
    EXPECT_EQ(refuse(sql).kind, ErrorKind::unsupported) << sql << ": " << refuse(sql).message;
  }
}

TEST(Refusal, OtherFormsThatHaveNoMeaningHere) {
  for (const char* sql : {"?",
                          "$1 = id",
                          "#1 = 2",
                          "* = 1",
                          "columns('i.*') = 1",
                          "id = 1 as x",
                          "id > 1 from t",
                          "id > 1 where id > 2",
                          "id > 1 order by id",
                          "id > 1 limit 1",
                          "distinct id > 1",
                          "id > 1 union select true",
                          "id > 1; select 1",
                          "id > 1, id > 2",
                          "id > 1 group by all",
                          "id > 1 having true",
                          "name.upper() = 'X'",
                          "true from (values (1)) t",
                          "id > 1 qualify true",
                          "true using sample 1"}) {
    const BindError error = refuse(sql);
    EXPECT_NE(error.message, "no error") << sql;
    EXPECT_NE(error.kind, ErrorKind::internal) << sql << ": " << error.message;
  }
  EXPECT_THAT(refuse("name.upper() = 'X'").message, HasSubstr("upper(name)"));
}

TEST(Refusal, TextThatTriesToLeaveItsPlace) {
  for (const char* sql : {"1) ; drop table x",
                          "id > 1) or (1 = 1",
                          "id > 1) from weir_batch(1) --",
                          "id > 1)); drop table x; --",
                          "true /*",
                          "true --\n) or (true",
                          "') or (1 = 1",
                          "$$",
                          "\"",
                          "'",
                          "e'\\'",
                          "id > 1;",
                          "id > 1 \\g",
                          "true\n;",
                          "(true",
                          "true)",
                          "id > 1 /* /* */",
                          "copy t to 'x'",
                          "attach 'x'",
                          "pragma version",
                          "set threads = 4",
                          "insert into t values (1)",
                          "id > 1 into outfile"}) {
    const BindError error = refuse(sql);
    EXPECT_NE(error.message, "no error") << sql;
    EXPECT_TRUE(error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::unsupported)
        << sql << ": " << error.message;
    EXPECT_LE(error.offset, std::string_view(sql).size());
  }
  EXPECT_TRUE(is_fine("id > 1 -- the end"));
  EXPECT_TRUE(is_fine("id > 1 /* a ) ; comment */"));
  EXPECT_TRUE(is_fine("name = ') or (1 = 1' and name <> $$)--$$"));
}

TEST(Refusal, TextBeyondBounds) {
  EXPECT_EQ(refuse("").kind, ErrorKind::invalid_argument);
  EXPECT_EQ(refuse(" \n -- nothing").message, "the expression is empty");
  EXPECT_EQ(refuse(std::string(1 << 20, 'a')).kind, ErrorKind::limit_exceeded);
  EXPECT_EQ(refuse(std::string("id > 1\0 or true", 15)).message, "the expression has a control character (code 0)");
  EXPECT_EQ(refuse("name = 'a\xff'").message, "the expression is not UTF-8");
  EXPECT_EQ(refuse("name = 'a\xff'").offset, 9U);
  const auto repeat = [](std::string_view piece, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += piece;
    return text;
  };
  EXPECT_EQ(refuse(repeat("(", 10'000) + "true" + repeat(")", 10'000)).kind, ErrorKind::limit_exceeded);
  for (const std::string& deep :
       {repeat("not ", 10'000) + "true", repeat("- ", 10'000) + "1 = 1", "id" + repeat(" + 1", 10'000) + " > 1",
        repeat("case when true then ", 3'000) + "true" + repeat(" end", 3'000), "id" + repeat("::int", 10'000) + " > 1",
        repeat("id.", 10'000) + "id > 1", repeat("lambda x: ", 5'000) + "true", repeat("/*", 10'000),
        "'" + repeat("x", 60'000), repeat("a,", 30'000), repeat("interval ", 5000) + "1"}) {
    const BindError error = refuse(deep);
    EXPECT_NE(error.message, "no error") << deep.substr(0, 40);
    EXPECT_LE(error.message.size(), 1000U);
  }
  EXPECT_TRUE(is_fine(repeat("upper(", 250) + "name" + repeat(")", 250) + " = 'x'"));
  EXPECT_TRUE(is_fine(repeat("[", 250) + "1" + repeat("]", 250) + " is null"));
  EXPECT_TRUE(is_fine("true" + repeat(" and id > 1", 3'000)));
  EXPECT_TRUE(is_fine("id in (1" + repeat(", 123", 5'000) + ")"));
  EXPECT_TRUE(is_fine(repeat("(", 200) + "true" + repeat(")", 200)));
  EXPECT_TRUE(is_fine("id" + repeat(" + 1", 150) + " > 1"));
}

TEST(Refusal, FunctionsThatMakeMuchOutOfLittleNeedAWrittenCount) {
  for (const char* sql :
       {"len(range(1000000000)) > 1", "len(range(id)) > 1", "repeat(name, 1000000) = ''", "repeat(name, id) = ''",
        "repeat(repeat(name, 1000), 1000) = ''", "lpad(name, 2000000000, 'x') = ''", "len(generate_series(1, id)) > 1",
        "list_resize(tags, 1000000000) = tags", "format('{:1000000}', id) = ''", "printf('%1000000d', id) = ''",
        "printf(name, id) = ''", "format('{:{}}', name, 1000000) = ''",
        "len(list_transform(range(1000), x -> repeat('a', 1000))) > 1", "repeat(lpad(name, 1000, 'x'), 1000) = ''"}) {
    EXPECT_EQ(refuse(sql).kind, ErrorKind::unsupported) << sql << ": " << refuse(sql).message;
  }
  EXPECT_TRUE(is_fine("lpad(name, 10, '0') = repeat('x', 10)"));
  EXPECT_TRUE(is_fine("lpad(lpad(name, 5000, 'x'), 5000, 'y') || rpad(name, 5000, ' ') = ''"));
  EXPECT_TRUE(is_fine("len(list_transform(range(100), x -> repeat('a', 100))) > 1"));
  EXPECT_TRUE(is_fine("len(range(0, 24)) = 24 and format('{:05d}', id) = '00001'"));
}

TEST(Refusal, NothingThatMeansSomethingHereIsRefused) {
  for (const char* sql : {"list_contains(tags, 'a')",
                          "len(list_filter(tags, lambda t: t = name)) > 0",
                          "list_transform(tags, t -> upper(t)) = ['A']",
                          "tags[1] = 'x'",
                          "tags[1:2] = ['x']",
                          "geo.lat between -90 and 90",
                          "geo['lat'] > 1",
                          "name ~ '^[A-Z]{3}$'",
                          "regexp_matches(name, 'a+')",
                          "name similar to 'a.*'",
                          "name ilike 'a%'",
                          "name in ('a', 'b')",
                          "extract(year from ts) = 2020",
                          "date_trunc('hour', ts) = ts",
                          "ts at time zone 'America/New_York' is not null",
                          "strftime(ts, '%Y') = '2020'",
                          "name::json->>'$.a' = 'x'",
                          "coalesce(name, '') <> ''",
                          "nullif(name, '') is not null",
                          "try_cast(name as int) > 1",
                          "try(cast(name as int)) > 1",
                          "[t for t in tags if t <> ''] = tags",
                          "{'a': id}.a = 1",
                          "map([1], [2])[1] = 2",
                          "list_sum([id, 1]) > 2",
                          "list_aggregate([id], 'max') > 1",
                          "hash(name) % 2 = 0",
                          "md5(name) = 'x'",
                          "name = 'a' collate nocase",
                          "id is distinct from 3",
                          "case id when 1 then true else false end",
                          "name || 'x' = 'yx'",
                          "id::decimal(9,2) > 1.5",
                          "interval 1 hour > to_minutes(5)",
                          "isnan(geo.lat)",
                          "ts > timestamp '2020-01-01 00:00:00'",
                          "array_length(tags) > 1",
                          "string_split(name, ',')[1] = 'a'",
                          "date_diff('day', ts, ts) = 0",
                          "epoch_ms(ts) > 1",
                          "typeof(id) = 'BIGINT'"}) {
    is_fine(sql);
  }
}

TEST(Refusal, RulesSayWhichOneIsWrong) {
  TextPlace place;
  const std::vector<std::string> rules = {"id > 1", "true", "id > 1 and nme = 'x'"};
  EXPECT_FALSE(RuleExpressions::bind(rules, input(), {.engine = nullptr, .place = &place}).ok());
  EXPECT_EQ(place.item, 2U);
  EXPECT_EQ(place.offset, 11U);
  const std::vector<std::string> typed = {"id > 1", "name || 'x' = upper(id, 3)"};
  EXPECT_FALSE(RuleExpressions::bind(typed, input(), {.engine = nullptr, .place = &place}).ok());
  EXPECT_EQ(place.item, 1U);
  EXPECT_EQ(place.offset, 14U);
  const std::vector<std::string> number = {"id > 1", "id + 1"};
  EXPECT_FALSE(RuleExpressions::bind(number, input(), {.engine = nullptr, .place = &place}).ok());
  EXPECT_EQ(place.item, 1U);
}

TEST(Refusal, FilesAndSettingsAreOutOfReach) {
  const auto engine = Engine::shared().value();
  const ConnectionHandle connection = connect_duck(engine->impl().database).value();
  for (const char* sql :
       {"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/weir_expression_x'", "ATTACH '/tmp/weir_expression_x'", "INSTALL httpfs",
        "LOAD httpfs", "SET threads = 8", "SET enable_external_access = true", "SET lock_configuration = false",
        "SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM '/etc/passwd'"}) {
    EXPECT_FALSE(run_statement(connection.get(), sql).ok()) << sql;
  }
}

}  // namespace
}  // namespace weir::expression

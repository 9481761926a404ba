#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/query.h"
#include "expression/tests/batch_fixture.h"

// shared_engine.cc sets TZ and LC_ALL for all of these tests.
namespace weir::expression {
namespace {

using testing::ElementsAre;

/// An instant that is in another year in New York.
Batch new_year() {
  const SchemaPtr schema = make_schema({{"t", type_of(TypeKind::timestamptz)}});
  return make_batch(schema, {{int64_t{1'704'070'800'000'000}}});  // 2024-01-01T01:00:00Z
}

std::string text_of(const std::string& sql) {
  const Batch batch = new_year();
  const std::vector<SelectItem> items = {{.sql = "cast(" + sql + " as varchar) as text"}};
  auto projection = Projection::bind(items, batch.schema());
  if (!projection.ok()) return projection.error().to_string();
  auto projected = (*projection)->apply(batch);
  if (!projected.ok()) return projected.error().to_string();
  return texts(projected->batch.column(0)).at(0).value_or("null");
}

TEST(Environment, NeitherZoneNorCalendarOfTheProcessReachesAnExpression) {
  EXPECT_EQ(text_of("t"), "2024-01-01 01:00:00+00");
  EXPECT_EQ(text_of("t::date"), "2024-01-01");
  EXPECT_EQ(text_of("t::timestamp"), "2024-01-01 01:00:00");
  EXPECT_EQ(text_of("hour(t)"), "1");
  EXPECT_EQ(text_of("year(t)"), "2024");
  EXPECT_EQ(text_of("date_trunc('day', t)"), "2024-01-01 00:00:00+00");
  EXPECT_EQ(text_of("date_diff('day', timestamptz '2023-12-31 12:00:00+00', t)"), "1");
  EXPECT_EQ(text_of("strftime(t, '%Y-%m-%d %H %Z %A')"), "2024-01-01 01 UTC Monday");
  EXPECT_EQ(text_of("timestamptz '2024-01-01 01:00:00' = t"), "true");
  EXPECT_EQ(text_of("t + interval 1 month"), "2024-02-01 01:00:00+00");
}

TEST(Environment, FiltersAndRulesSeeTheSameDays) {
  const Batch batch = new_year();
  auto condition = BooleanExpression::bind("t::date = date '2024-01-01'", batch.schema());
  ASSERT_TRUE(condition.ok());
  EXPECT_THAT((*condition)->select(batch)->rows, ElementsAre(0));
  const std::vector<std::string> sql = {"t::date = date '2024-01-01'"};
  auto rules = RuleExpressions::bind(sql, batch.schema());
  ASSERT_TRUE(rules.ok());
  EXPECT_TRUE((*rules)->evaluate(batch)->at(0).rows.empty());
}

TEST(Environment, QueriesDoNotSeeItEither) {
  auto session = QuerySession::open({});
  ASSERT_TRUE(session.ok());
  auto result = (*session)->run(
      "select timestamptz '2024-01-01T01:00:00Z'::date::varchar, "
      "year(timestamptz '2024-01-01T01:00:00Z')");
  ASSERT_TRUE(result.ok()) << result.error().to_string();
  ASSERT_TRUE((*result)->next().value());
  std::string text;
  (*result)->append_text(0, 0, text);
  (*result)->append_text(0, 1, text);
  EXPECT_EQ(text, "2024-01-012024");
}

}  // namespace
}  // namespace weir::expression

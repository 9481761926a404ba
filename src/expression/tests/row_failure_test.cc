#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expression/tests/batch_fixture.h"

namespace weir::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::monostate kNull;

SchemaPtr texts_schema() {
  return make_schema({{"id", type_of(TypeKind::int64)}, {"s", type_of(TypeKind::string)}});
}

Batch some_texts() {
  return make_batch(texts_schema(), {{int64_t{0}, "5"},
                                     {int64_t{1}, "x"},
                                     {int64_t{2}, kNull},
                                     {int64_t{3}, "-1"},
                                     {int64_t{4}, ""},
                                     {int64_t{5}, "77"}});
}

std::vector<int32_t> rows_of(const std::vector<RowFailure>& failures) {
  std::vector<int32_t> rows;
  for (const RowFailure& failure : failures) rows.push_back(failure.row);
  return rows;
}

TEST(RowFailure, AConditionFailsOnlyForRowsItHasNoValueFor) {
  auto condition = BooleanExpression::bind("cast(s as int) > 0", texts_schema());
  ASSERT_TRUE(condition.ok());
  for (int round = 0; round < 2; ++round) {
    auto selected = (*condition)->select(some_texts());
    ASSERT_TRUE(selected.ok()) << selected.error().to_string();
    EXPECT_THAT(selected->rows, ElementsAre(0, 5));
    EXPECT_THAT(rows_of(selected->failures), ElementsAre(1, 4));
    EXPECT_EQ(selected->failures[0].message, "Could not convert string 'x' to INT32 when casting from source column s");
  }
  auto selected = (*condition)->select(some_texts().with_selection({0, 1, 3}));
  EXPECT_THAT(selected->rows, ElementsAre(0));
  EXPECT_THAT(rows_of(selected->failures), ElementsAre(1));
}

TEST(RowFailure, WhatStandsLeftGuardsWhatStandsRight) {
  const auto select = [](const char* sql) {
    auto condition = BooleanExpression::bind(sql, texts_schema());
    EXPECT_TRUE(condition.ok());
    return (*condition)->select(some_texts()).value();
  };
  EXPECT_THAT(select("s in ('', 'x') or cast(s as int) > 0").failures, IsEmpty());
  EXPECT_THAT(select("s in ('', 'x') or cast(s as int) > 0").rows, ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(select("s not in ('', 'x') and cast(s as int) > 0").rows, ElementsAre(0, 5));
  EXPECT_THAT(select("s not in ('', 'x') and cast(s as int) > 0").failures, IsEmpty());
  EXPECT_THAT(select("case when s in ('', 'x') then true else cast(s as int) > 0 end").rows, ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(rows_of(select("s = 'x' or cast(s as int) > 0").failures), ElementsAre(4));
  EXPECT_THAT(select("s = 'x' or cast(s as int) > 0").rows, ElementsAre(0, 1, 5));
}

TEST(RowFailure, RulesReportBrokenRowsAndRowsWithoutAValueApart) {
  const std::vector<std::string> sql = {"cast(s as int) >= 0", "id < 5", "s in ('', 'x') or cast(s as int) > 0"};
  auto rules = RuleExpressions::bind(sql, texts_schema());
  ASSERT_TRUE(rules.ok());
  auto outcome = (*rules)->evaluate(some_texts());
  ASSERT_TRUE(outcome.ok());
  EXPECT_THAT((*outcome)[0].rows, ElementsAre(3));
  EXPECT_THAT(rows_of((*outcome)[0].failures), ElementsAre(1, 4));
  EXPECT_THAT((*outcome)[0].failures[1].message, HasSubstr("string ''"));
  EXPECT_THAT((*outcome)[1].rows, ElementsAre(5));
  EXPECT_THAT((*outcome)[1].failures, IsEmpty());
  EXPECT_THAT((*outcome)[2].rows, ElementsAre(3));
  EXPECT_THAT((*outcome)[2].failures, IsEmpty());
}

TEST(RowFailure, ASelectListDropsFailedRowsAndKeepsTheOthersWhole) {
  const std::vector<SelectItem> items = {
      {.sql = "id"}, {.sql = "cast(s as int) as n"}, {.sql = "'<' || s || '>' as t"}};
  auto projection = Projection::bind(items, texts_schema());
  ASSERT_TRUE(projection.ok());
  for (const std::vector<int32_t>& selection : {std::vector<int32_t>{0, 1, 2, 3, 4, 5}, {0, 1, 3, 4, 5}, {1, 5}}) {
    auto projected = (*projection)->apply(some_texts().with_selection(selection));
    ASSERT_TRUE(projected.ok());
    const Batch out = projected->batch.compact();
    std::vector<std::optional<int64_t>> ids;
    for (const int32_t row : selection) {
      if (row != 1 && row != 4) ids.emplace_back(row);
    }
    EXPECT_EQ(integers(out.column(0)), ids);
    EXPECT_EQ(out.rows(), static_cast<int64_t>(ids.size()));
    EXPECT_EQ(integers(out.column(1)).back(), 77);
    EXPECT_EQ(texts(out.column(2)).back(), "<77>");
    EXPECT_EQ(out.origins()->offset.back(), 1005);
    for (const RowFailure& failure : projected->failures) EXPECT_TRUE(failure.row == 1 || failure.row == 4);
    EXPECT_EQ(projected->failures.size(), selection.size() - ids.size());
  }
}

TEST(RowFailure, WhatARowGivesDoesNotDependOnItsBatch) {
  const SchemaPtr schema = texts_schema();
  SeededRandom random(5);
  const Batch whole = random_batch(schema, 3000, 11);
  const std::vector<std::string> rule_texts = {"cast(s as double) > 1 or id > 3",
                                               "id > 2 and cast(s as int) < 50",
                                               "s <> '' and not (cast(s as int) = 12)",
                                               "10 / id > 2",
                                               "try_cast(s as int) > 3",
                                               "chr(id::int) <> 'a'"};
  auto rules = RuleExpressions::bind(rule_texts, schema).value();
  const auto all = rules->evaluate(whole).value();
  for (size_t i = 0; i < rule_texts.size(); ++i) {
    auto condition = BooleanExpression::bind(rule_texts[i], schema).value();
    const Selected selected = condition->select(whole).value();
    std::vector<int32_t> rows;
    std::vector<RowFailure> failures;
    std::vector<int32_t> broken;
    std::vector<RowFailure> broken_failures;
    for (int32_t row = 0; row < 3000;) {  // the same rows in pieces of random size
      std::vector<int32_t> piece;
      for (uint64_t size = 1 + random.next_u64() % 40; size > 0 && row < 3000; --size) piece.push_back(row++);
      const Batch part = whole.with_selection(piece);
      const Selected some = condition->select(part).value();
      rows.insert(rows.end(), some.rows.begin(), some.rows.end());
      failures.insert(failures.end(), some.failures.begin(), some.failures.end());
      const auto outcome = rules->evaluate(part).value();
      broken.insert(broken.end(), outcome[i].rows.begin(), outcome[i].rows.end());
      broken_failures.insert(broken_failures.end(), outcome[i].failures.begin(), outcome[i].failures.end());
    }
    EXPECT_EQ(rows, selected.rows) << rule_texts[i];
    EXPECT_EQ(rows_of(failures), rows_of(selected.failures)) << rule_texts[i];
    EXPECT_EQ(broken, all[i].rows) << rule_texts[i];
    EXPECT_EQ(rows_of(broken_failures), rows_of(all[i].failures)) << rule_texts[i];
    for (size_t k = 0; k < failures.size(); ++k) EXPECT_EQ(failures[k].message, selected.failures[k].message);
  }
}

TEST(RowFailure, ABatchOfFailuresCostsWorkInProportion) {
  const SchemaPtr schema = texts_schema();
  std::vector<std::vector<Cell>> rows;
  for (int64_t i = 0; i < 3000; ++i) rows.push_back({i, "not a number"});
  auto condition = BooleanExpression::bind("cast(s as int) > 0", schema).value();
  const Selected selected = condition->select(make_batch(schema, rows)).value();
  EXPECT_EQ(selected.failures.size(), 3000U);
  EXPECT_THAT(selected.rows, IsEmpty());
}

// DuckDB's TRY() does not catch every error that a row can make.
TEST(RowFailure, ErrorsThatDuckDbCallsAnotherNameFailOnlyTheirRowsToo) {
  const SchemaPtr schema = texts_schema();
  std::vector<std::vector<Cell>> rows;
  for (int64_t i = 0; i < 5000; ++i)
    rows.push_back({i, i % 1000 == 999 ? "Nowhere/Town" : i % 1000 == 500 ? "1" : "UTC"});
  const Batch batch = make_batch(schema, rows);
  const std::string zoned = "timezone(s, timestamp '2020-01-01 00:00:00') is not null";
  const auto is_bad = [](const RowFailure& failure) {
    return failure.row % 1000 == 999 && failure.message.find("Unknown TimeZone 'Nowhere/Town'") != std::string::npos;
  };

  auto condition = BooleanExpression::bind("s = '1' or " + zoned, schema).value();
  const Selected selected = condition->select(batch).value();
  EXPECT_EQ(selected.rows.size(), 4995U);
  ASSERT_EQ(selected.failures.size(), 5U);
  EXPECT_TRUE(std::all_of(selected.failures.begin(), selected.failures.end(), is_bad)) << selected.failures[0].message;

  const std::vector<std::string> rule_texts = {"id % 1000 <> 999", "s = '1' or " + zoned,
                                               "try_cast(s as int) is null or cast(s as int) > 1"};
  const auto outcome = RuleExpressions::bind(rule_texts, schema).value()->evaluate(batch).value();
  EXPECT_EQ(outcome[0].rows.size(), 5U);
  EXPECT_THAT(outcome[0].failures, IsEmpty());
  EXPECT_THAT(outcome[1].rows, IsEmpty());
  ASSERT_EQ(outcome[1].failures.size(), 5U);
  EXPECT_TRUE(std::all_of(outcome[1].failures.begin(), outcome[1].failures.end(), is_bad));
  EXPECT_THAT(outcome[2].rows, ElementsAre(500, 1500, 2500, 3500, 4500));

  const std::vector<SelectItem> items = {
      {.sql = "id"},
      {.sql = "if(s = '1', null, timezone(s, timestamp '2020-01-01 00:00:00')) as at"},
      {.sql = "id * 2 as twice"}};
  const Projected projected = Projection::bind(items, schema).value()->apply(batch).value();
  ASSERT_EQ(projected.failures.size(), 5U);
  EXPECT_TRUE(std::all_of(projected.failures.begin(), projected.failures.end(), is_bad));
  const Batch out = projected.batch.compact();
  ASSERT_EQ(out.rows(), 4995);
  const auto ids = integers(out.column(0));
  const auto doubles = integers(out.column(2));
  for (size_t i = 0; i < 4995; ++i) ASSERT_EQ(*doubles[i], *ids[i] * 2);
}

TEST(RowFailure, MessagesAreBoundedAndOneLine) {
  const SchemaPtr schema = texts_schema();
  std::string text = "line\n";
  while (text.size() < 5000) text += "日本";
  auto condition = BooleanExpression::bind("cast(s as int) > 0", schema).value();
  const Selected selected = condition->select(make_batch(schema, {{int64_t{1}, text}})).value();
  ASSERT_EQ(selected.failures.size(), 1U);
  EXPECT_LE(selected.failures[0].message.size(), kFailureBytesMax);
  EXPECT_THAT(selected.failures[0].message, testing::Not(HasSubstr("\n")));
}

TEST(RowFailure, IntegerDivisionByZeroIsNull) {
  auto condition = BooleanExpression::bind("1 // id is null and 1 % id is null", texts_schema()).value();
  EXPECT_THAT(condition->select(some_texts())->rows, ElementsAre(0));
}

TEST(RowFailure, OverflowIsAFailureOfItsRow) {
  const SchemaPtr schema = texts_schema();
  const std::vector<SelectItem> items = {{.sql = "id + 1 as next"}};
  auto projection = Projection::bind(items, schema).value();
  auto projected = projection->apply(make_batch(schema, {{INT64_MAX, "a"}, {int64_t{1}, "b"}})).value();
  ASSERT_EQ(projected.failures.size(), 1U);
  EXPECT_EQ(projected.failures[0].row, 0);
  EXPECT_THAT(projected.failures[0].message, HasSubstr("Overflow"));
  EXPECT_THAT(integers(projected.batch.compact().column(0)), ElementsAre(2));
}

}  // namespace
}  // namespace weir::expression

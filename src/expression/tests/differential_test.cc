/// \file
/// Random expressions over random rows, here and in a DuckDB that is fed with literals: the answers must be the same.
#include <cstdlib>

#include <gtest/gtest.h>

#include "expression/tests/batch_fixture.h"
#include "expression/tests/random_expression.h"

namespace weir::expression {
namespace {

// "m" and "M" differ only in case, which SQL cannot tell apart.
SchemaPtr input() {
  std::vector<std::pair<std::string, TypePtr>> columns;
  for (auto& column : RandomExpression::columns()) {
    if (column.first != "M") columns.push_back(column);
  }
  return make_schema(columns);
}

/// More rounds on demand: WEIR_DIFFERENTIAL_ROUNDS=10000.
int rounds(int usual) {
  const char* wanted = std::getenv("WEIR_DIFFERENTIAL_ROUNDS");
  return wanted == nullptr ? usual : std::atoi(wanted);
}

class Differential : public testing::Test {
 protected:
  void SetUp() override {
    SeededRandom random(42);
    batch_ = random_batch(input(), 200, 4711).with_selection(random_selection(200, 80, random));
    ASSERT_TRUE(oracle_.succeeds("CREATE TABLE rows AS SELECT * FROM " + Oracle::values(batch_)));
    all_ = random_batch(input(), 200, 4711);
  }
  Oracle oracle_;
  Batch batch_;
  Batch all_;
};

TEST_F(Differential, ConditionsSelectTheSameRows) {
  RandomExpression expressions(1);
  int compared = 0;
  const int wanted = rounds(250);
  for (int round = 0; round < wanted; ++round) {
    const std::string sql = expressions.boolean(1 + round % 4);
    auto condition = BooleanExpression::bind(sql, input());
    if (!condition.ok()) {
      EXPECT_FALSE(oracle_.succeeds("SELECT " + sql + " FROM rows LIMIT 0"))
          << sql << ": " << condition.error().message();
      continue;
    }
    const auto selected = (*condition)->select(batch_);
    const auto broken = (*condition)->select_false(batch_);
    ASSERT_TRUE(selected.ok()) << sql << ": " << selected.error().to_string();
    ASSERT_TRUE(broken.ok()) << sql << ": " << broken.error().to_string();
    if (!oracle_.succeeds("SELECT " + sql + " FROM rows"))
      continue;  // some row has no value; or its optimizer evaluates what a guard keeps away
    ++compared;
    std::vector<int32_t> is_true;
    std::vector<int32_t> is_false;
    for (const auto& row : oracle_.query("SELECT row_, " + sql + " FROM rows ORDER BY row_")) {
      if (row[1] == "true") is_true.push_back(std::atoi(row[0]->c_str()));
      if (row[1] == "false") is_false.push_back(std::atoi(row[0]->c_str()));
    }
    ASSERT_EQ(selected->rows, is_true) << sql;
    ASSERT_EQ(broken->rows, is_false) << sql;
    EXPECT_TRUE(selected->failures.empty() && broken->failures.empty()) << sql;
  }
  EXPECT_GT(compared, wanted * 3 / 4);
}

TEST_F(Differential, SelectListsGiveTheSameValues) {
  RandomExpression expressions(2);
  int compared = 0;
  const int wanted = rounds(250);
  for (int round = 0; round < wanted; ++round) {
    const std::string sql = expressions.any(1 + round % 4);
    // As text, and as a value of its own type that is then written as a literal and turned into text by the other side.
    const std::vector<SelectItem> items = {{.sql = "cast(" + sql + " as varchar)", .name = "as_text"},
                                           {.sql = "if(true, " + sql + ", " + sql + ")", .name = "value"}};
    auto projection = Projection::bind(items, input());
    if (!projection.ok()) {
      EXPECT_FALSE(oracle_.succeeds("SELECT cast(" + sql + " as varchar) FROM rows LIMIT 0"))
          << sql << ": " << projection.error().message();
      continue;
    }
    auto projected = (*projection)->apply(batch_);
    ASSERT_TRUE(projected.ok()) << sql << ": " << projected.error().to_string();
    if (!oracle_.succeeds("SELECT " + sql + " FROM rows"))
      continue;  // some row has no value; or its optimizer evaluates what a guard keeps away
    ++compared;
    ASSERT_TRUE(projected->failures.empty()) << sql << ": " << projected->failures[0].message;
    const Batch out = projected->batch.compact();
    const auto expected = oracle_.query("SELECT " + sql + " AS x FROM rows ORDER BY row_");
    ASSERT_EQ(out.rows(), static_cast<int64_t>(expected.size()));
    const auto as_text = texts(out.column(0));
    std::string literals;
    for (size_t row = 0; row < expected.size(); ++row) {
      ASSERT_EQ(as_text[row], expected[row][0]) << sql << " row " << row;
      literals += (row == 0 ? "(" : ", (") + std::to_string(row) + ", " +
                  literal(out.column(1), static_cast<int64_t>(row)) + ")";
    }
    const auto again = oracle_.query("SELECT x FROM (VALUES " + literals + ") AS v(row_, x) ORDER BY row_");
    for (size_t row = 0; row < expected.size(); ++row)
      ASSERT_EQ(again[row][0], expected[row][0]) << sql << " row " << row;
  }
  EXPECT_GT(compared, wanted * 2 / 3);
}

TEST_F(Differential, ManyRulesTogetherSayWhatEachSaysAlone) {
  RandomExpression expressions(3);
  for (int round = 0; round < rounds(250) / 10; ++round) {
    std::vector<std::string> rules;
    while (rules.size() < 8) {
      std::string sql = expressions.boolean(3);
      if (BooleanExpression::bind(sql, input()).ok()) rules.push_back(std::move(sql));
    }
    auto bound = RuleExpressions::bind(rules, input());
    ASSERT_TRUE(bound.ok()) << bound.error().to_string();
    const auto outcome = (*bound)->evaluate(batch_);
    ASSERT_TRUE(outcome.ok()) << outcome.error().to_string();
    for (size_t i = 0; i < rules.size(); ++i) {
      const auto alone = BooleanExpression::bind(rules[i], input()).value()->select_false(batch_);
      EXPECT_EQ((*outcome)[i].rows, alone->rows) << rules[i];
      ASSERT_EQ((*outcome)[i].failures.size(), alone->failures.size()) << rules[i];
      for (size_t k = 0; k < alone->failures.size(); ++k)
        EXPECT_EQ((*outcome)[i].failures[k].message, alone->failures[k].message);
    }
  }
}

}  // namespace
}  // namespace weir::expression

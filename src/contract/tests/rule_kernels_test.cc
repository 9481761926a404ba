#include "contract/rule_kernels.h"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "contract/verdict.h"

namespace weir::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Contract read(std::string_view text) {
  config::Diagnostics diagnostics;
  auto contract = load("c.yaml", text, config::References::none(), diagnostics);
  EXPECT_TRUE(contract) << diagnostics.render();
  return *std::move(contract);
}

/// A contract with one column `x` and one rule on it.
Contract one_column(const std::string& type, const std::string& rule) {
  return read("contract: c\ncolumns:\n- {name: x, " + type + ", " + rule + "}\n");
}

template <typename Builder, typename Value>
ColumnPtr column_of(const TypePtr& type, const std::vector<std::optional<Value>>& values) {
  auto builder = make_column_builder(type);
  for (const auto& value : values) {
    if (value) {
      static_cast<Builder&>(*builder).append(*value);
    } else {
      builder->append_null();
    }
  }
  return builder->finish();
}

Batch batch_of(const Contract& contract, std::vector<ColumnPtr> columns) {
  const int64_t rows = columns[0]->length;
  return Batch(contract.schema, std::move(columns), rows, nullptr);
}

std::vector<int32_t> failing(const Contract& contract, const Batch& batch) {
  RuleOutcome outcome;
  RuleSet::make(contract).value().evaluate(batch, outcome);
  EXPECT_EQ(outcome.size(), 1U);
  return outcome.failing(0);
}

template <typename Builder, typename Value>
std::vector<int32_t> failing_values(const std::string& type, const std::string& rule,
                                    const std::vector<std::optional<Value>>& values) {
  const Contract contract = one_column(type, rule);
  return failing(contract, batch_of(contract, {column_of<Builder, Value>(contract.schema->field(0).type, values)}));
}

TEST(RuleKernels, NotNullFindsAbsentValues) {
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: long", "not_null: true",
                                                              {1, std::nullopt, 3, std::nullopt})),
              ElementsAre(1, 3));
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: long", "not_null: true", {1, 2})), IsEmpty());
}

TEST(RuleKernels, RangeIsInclusiveAndNullPasses) {
  EXPECT_THAT((failing_values<FixedBuilder<int32_t>, int32_t>("type: int", "range: {min: -1, max: 5}",
                                                              {-2, -1, 0, 5, 6, std::nullopt, INT32_MIN, INT32_MAX})),
              ElementsAre(0, 4, 6, 7));
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: long", "range: {min: 9223372036854775807}",
                                                              {INT64_MAX, INT64_MAX - 1})),
              ElementsAre(1));
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: long", "range: {max: -9223372036854775808}",
                                                              {INT64_MIN, 0})),
              ElementsAre(1));
}

TEST(RuleKernels, RangeOfFloatsRefusesNanAndComparesInTheColumnsPrecision) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT((failing_values<FixedBuilder<double>, double>("type: double", "range: {min: -90, max: 90.5}",
                                                            {nan, infinity, 90.5, -90.0, -90.1, -0.0})),
              ElementsAre(0, 1, 4));
  EXPECT_THAT((failing_values<FixedBuilder<double>, double>("type: double", "range: {min: 0}",
                                                            {nan, infinity, -0.0, -infinity})),
              ElementsAre(0, 3));
  EXPECT_THAT(
      (failing_values<FixedBuilder<float>, float>("type: float", "range: {min: 0.1, max: 0.1}", {0.1F, 0.1000001F})),
      ElementsAre(1));
}

TEST(RuleKernels, RangeOfDecimalsDatesAndTimesIsExact) {
  EXPECT_THAT((failing_values<FixedBuilder<Int128>, Int128>(
                  "type: \"decimal(38, 2)\"", "range: {min: 0.01, max: 999999999999999999999999999999999999.98}",
                  {Int128{0}, Int128{1}, power_of_ten(38) - 2, power_of_ten(38) - 1, -power_of_ten(38) + 1})),
              ElementsAre(0, 3, 4));
  EXPECT_THAT((failing_values<FixedBuilder<int32_t>, int32_t>("type: date", "range: {min: 1970-01-02, max: 1970-01-04}",
                                                              {0, 1, 3, 4})),
              ElementsAre(0, 3));
  EXPECT_THAT(
      (failing_values<FixedBuilder<int64_t>, int64_t>("type: time", "range: {max: 00:00:01}", {1'000'000, 1'000'001})),
      ElementsAre(1));
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: timestamptz",
                                                              "range: {min: \"1970-01-01T01:00:00+01:00\"}", {-1, 0})),
              ElementsAre(0));
  EXPECT_THAT((failing_values<FixedBuilder<int64_t>, int64_t>("type: timestamp",
                                                              "range: {min: 1970-01-01T00:00:00.000001}", {0, 1})),
              ElementsAre(0));
}

TEST(RuleKernels, AcceptedValuesOfEveryKind) {
  using Text = std::string_view;
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "accepted_values: [a, b, \"\"]",
                                                  {"a", "A", "", "ab", std::nullopt, "b"})),
              ElementsAre(1, 3));
  EXPECT_THAT((failing_values<FixedBuilder<int32_t>, int32_t>("type: int", "accepted_values: [1, -1]", {1, 0, -1})),
              ElementsAre(1));
  EXPECT_THAT((failing_values<FixedBuilder<int32_t>, int32_t>("type: date", "accepted_values: [1970-01-02]", {0, 1})),
              ElementsAre(0));
  EXPECT_THAT((failing_values<FixedBuilder<Int128>, Int128>("type: \"decimal(9, 2)\"", "accepted_values: [1.5, -2]",
                                                            {150, -200, 15})),
              ElementsAre(2));
  EXPECT_THAT(
      (failing_values<BooleanBuilder, bool>("type: boolean", "accepted_values: [true]", {true, false, std::nullopt})),
      ElementsAre(1));
  EXPECT_THAT((failing_values<FixedBytesBuilder, Text>(
                  "type: uuid", "accepted_values: [00000000-0000-0000-0000-000000000001]",
                  {Text("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), Text("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)})),
              ElementsAre(1));
}

TEST(RuleKernels, AcceptedTextsOfUpToEightBytesAndLonger) {
  using Text = std::string_view;
  const std::vector<std::optional<Text>> values = {"12345678", "1234567",     "123456789", Text("1234567\0", 8),
                                                   "",         Text("\0", 1), "a"};
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "accepted_values: [\"12345678\", \"\", a]", values)),
              ElementsAre(1, 2, 3, 5));
  EXPECT_THAT(
      (failing_values<BytesBuilder, Text>("type: string", "accepted_values: [\"1234567\", \"123456789\"]", values)),
      ElementsAre(0, 3, 4, 5, 6));
}

TEST(RuleKernels, AcceptedValuesHoldForSetsOfAnySize) {
  for (const int size : {1, 7, 8, 9, 64, 1000}) {
    std::string numbers;
    std::string texts;
    for (int i = 0; i < size; ++i) {
      numbers += (i > 0 ? ", " : "") + std::to_string(i * 7 - 100);
      texts += (i > 0 ? ", v" : "v") + std::to_string(i * 7);
    }
    std::vector<std::optional<int64_t>> values;
    std::vector<std::string> words;
    std::vector<int32_t> expected;
    for (int32_t i = 0; i < size * 7; ++i) {
      values.emplace_back(i - 100);
      words.push_back("v" + std::to_string(i));
      if (i % 7 != 0) expected.push_back(i);
    }
    EXPECT_EQ(
        (failing_values<FixedBuilder<int64_t>, int64_t>("type: long", "accepted_values: [" + numbers + "]", values)),
        expected);
    const std::vector<std::optional<std::string_view>> views(words.begin(), words.end());
    EXPECT_EQ(
        (failing_values<BytesBuilder, std::string_view>("type: string", "accepted_values: [" + texts + "]", views)),
        expected);
  }
}

TEST(RuleKernels, RegexMatchesAnywhereUnlessAnchored) {
  using Text = std::string_view;
  const std::vector<std::optional<Text>> values = {"ATL", "xATLx", "AT", "atl", std::nullopt, "", "ATL\n"};
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "regex: \"[A-Z]{3}\"", values)),
              ElementsAre(2, 3, 5));
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "regex: \"^[A-Z]{3}$\"", values)),
              ElementsAre(1, 2, 3, 5, 6));
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "regex: \"^.é$\"", {"aé", "日é", "é"})),
              ElementsAre(2));
}

TEST(RuleKernels, RegexStaysLinearOnPatternsThatBacktrackersDieOf) {
  const std::string text(100'000, 'a');
  EXPECT_THAT((failing_values<BytesBuilder, std::string_view>("type: string", "regex: \"^(a+)+(a|aa)+b$\"", {text})),
              ElementsAre(0));
}

TEST(RuleKernels, LengthCountsCharactersBytesAndElements) {
  using Text = std::string_view;
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "length: {min: 2, max: 3}",
                                                  {"a", "ab", "日本", "日本語", "日本語x", "", "😁😁😁😁", std::nullopt})),
              ElementsAre(0, 4, 5, 6));
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "length: {max: 1}", {"é", "éé"})), ElementsAre(1));
  // Texts of one, two and three words and a rest, with characters of 1 to 4 bytes across their borders.
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: string", "length: {min: 9, max: 9}",
                                                  {"123456789", "1234567é9", "ééééééééé", "€€€€€€€€€", "😀😀😀😀😀😀😀😀😀",
                                                   "12345678", "éééééééé", "€€€€€€€€€€", "😀😀😀😀😀😀😀😀"})),
              ElementsAre(5, 6, 7, 8));
  EXPECT_THAT((failing_values<BytesBuilder, Text>("type: binary", "length: {min: 2, max: 2}", {"é", "a"})),
              ElementsAre(1));
  const Contract contract = one_column("type: list, element: int", "length: {min: 1, max: 2}");
  auto builder = make_column_builder(contract.schema->field(0).type);
  auto& list = static_cast<RepeatedBuilder&>(*builder);
  for (const int count : {0, 1, 2, 3}) {
    for (int i = 0; i < count; ++i) static_cast<FixedBuilder<int32_t>&>(list.child(0)).append(i);
    list.close_row();
  }
  EXPECT_THAT(failing(contract, batch_of(contract, {builder->finish()})), ElementsAre(0, 3));
}

TEST(RuleKernels, LookIntoStructsAndTakeAbsentStructsAsAbsentValues) {
  for (const auto& [rule, expected] : std::vector<std::pair<std::string, std::vector<int32_t>>>{
           {"not_null: true", {1, 2}}, {"range: {min: 0}", {3}}}) {
    const Contract contract = read(
        "contract: c\ncolumns:\n- {name: geo, type: struct, fields: [{name: n, type: int}, {name: lat, type: double, " +
        rule + "}]}\n");
    auto builder = make_column_builder(contract.schema->field(0).type);
    auto& geo = static_cast<StructBuilder&>(*builder);
    const auto append = [&](std::optional<double> lat) {
      geo.child(0).append_null();
      if (lat) {
        static_cast<FixedBuilder<double>&>(geo.child(1)).append(*lat);
      } else {
        geo.child(1).append_null();
      }
      geo.close_row();
    };
    append(1.0);
    append(std::nullopt);
    geo.append_null();
    append(-1.0);
    EXPECT_EQ(failing(contract, batch_of(contract, {builder->finish()})), expected) << rule;
  }
}

TEST(RuleKernels, LookAtSelectedRowsOnly) {
  for (const std::string rule : {"not_null: true", "range: {min: 10}", "accepted_values: [10]"}) {
    const Contract contract = one_column("type: long", rule);
    const Batch batch =
        batch_of(contract, {column_of<FixedBuilder<int64_t>, int64_t>(contract.schema->field(0).type,
                                                                      {1, std::nullopt, 10, 3, std::nullopt})});
    const std::vector<int32_t> expected = rule == "not_null: true" ? std::vector<int32_t>{4} : std::vector<int32_t>{3};
    EXPECT_EQ(failing(contract, batch.with_selection({2, 3, 4})), expected) << rule;
    EXPECT_THAT(failing(contract, batch.with_selection({})), IsEmpty());
  }
}

/// Rows around the boundaries of the 64-row blocks, with and without nulls and selections, against a loop that anybody
/// can check.
TEST(RuleKernels, AgreeWithOneRowAtATime) {
  std::mt19937 random(42);
  for (int round = 0; round < 300; ++round) {
    const int rows = static_cast<int>(random() % 260);
    const unsigned null_percent = (round % 3) * 30;
    std::vector<std::optional<int64_t>> values;
    for (int i = 0; i < rows; ++i) {
      values.push_back(random() % 100 < null_percent ? std::nullopt
                                                     : std::optional<int64_t>(static_cast<int64_t>(random() % 50)));
    }
    std::vector<int32_t> selection;
    for (int32_t i = 0; i < rows; ++i) {
      if (round % 2 == 0 || random() % 2 == 0) selection.push_back(i);
    }
    const Contract contract = read(R"y(contract: c
columns: [{name: x, type: long, not_null: true, range: {min: 5, max: 40}, accepted_values: [1, 7, 8, 33]}]
)y");
    Batch batch =
        batch_of(contract, {column_of<FixedBuilder<int64_t>, int64_t>(contract.schema->field(0).type, values)});
    if (round % 2 == 1) batch = batch.with_selection(selection);
    std::vector<std::vector<int32_t>> expected(3);
    for (const int32_t row : selection) {
      const auto& value = values[static_cast<size_t>(row)];
      if (!value) expected[0].push_back(row);
      if (value && (*value < 5 || *value > 40)) expected[1].push_back(row);
      if (value && *value != 1 && *value != 7 && *value != 8 && *value != 33) expected[2].push_back(row);
    }
    RuleOutcome outcome;
    RuleSet::make(contract).value().evaluate(batch, outcome);
    for (size_t i = 0; i < 3; ++i) ASSERT_EQ(outcome.failing(i), expected[i]) << "round " << round << ", rule " << i;
  }
}

TEST(RuleSet, RefusesRulesThatDoNotFitTheSchema) {
  Contract contract = one_column("type: long", "not_null: true");
  contract.rules[0].column = "y";
  EXPECT_EQ(RuleSet::make(contract).error().kind(), ErrorKind::invalid_argument);
  contract.rules[0].column = "x";
  contract.rules[0].kind = RuleKind::regex;
  EXPECT_EQ(RuleSet::make(contract).error().kind(), ErrorKind::invalid_argument);
  contract.rules[0].column = "x.y";
  EXPECT_EQ(RuleSet::make(contract).error().kind(), ErrorKind::invalid_argument);
}

class VerdictTest : public ::testing::Test {
 protected:
  /// Five rows with the values 0 to 4.
  Verdict judge_values(std::string_view rules, const std::vector<int32_t>& sql_rows = {},
                       std::optional<std::vector<int32_t>> selection = std::nullopt) {
    const Contract contract = read("contract: c\ncolumns: [{name: x, type: long}]\nrules:\n" + std::string(rules));
    Batch batch = batch_of(
        contract, {column_of<FixedBuilder<int64_t>, int64_t>(contract.schema->field(0).type, {0, 1, 2, 3, 4})});
    if (selection) batch = batch.with_selection(*selection);
    const RuleSet set = RuleSet::make(contract).value();
    RuleOutcome outcome;
    set.evaluate(batch, outcome);
    for (const size_t i : set.sql_rules()) outcome.failing(i) = sql_rows;
    Verdict verdict;
    judge(set, batch, outcome, verdict);
    return verdict;
  }
};

TEST_F(VerdictTest, KeepsTheBatchWhenNothingOrOnlyWarningsFail) {
  const Verdict verdict = judge_values("- {column: x, range: {max: 2, action: warn}}\n- {column: x, not_null: true}\n");
  EXPECT_TRUE(verdict.all_kept);
  EXPECT_THAT(verdict.kept, IsEmpty());
  EXPECT_THAT(verdict.broken_rows, ElementsAre(2, 0));
}

TEST_F(VerdictTest, TakesTheGravestActionAndTheFirstRuleThatHasIt) {
  const Verdict verdict = judge_values(
      "- {name: w, column: x, range: {max: 0}, action: warn}\n- {name: d, column: x, range: {max: 1}, action: drop}\n"
      "- {name: r1, column: x, range: {max: 2}}\n- {name: r2, column: x, range: {max: 2}}\n");
  EXPECT_FALSE(verdict.all_kept);
  EXPECT_THAT(verdict.kept, ElementsAre(0, 1));
  EXPECT_EQ(verdict.dropped, 1);
  EXPECT_THAT(verdict.rejected, ElementsAre(Verdict::Broken{3, 2}, Verdict::Broken{4, 2}));
  EXPECT_THAT(verdict.broken_rows, ElementsAre(4, 3, 2, 2));
  EXPECT_FALSE(verdict.fatal);
}

TEST_F(VerdictTest, CountsTheRowsOfSqlRulesAndStopsOnFail) {
  const Verdict verdict =
      judge_values("- {name: s, sql: \"x < 3\", action: fail}\n- {name: r, column: x, range: {max: 3}}\n", {3, 4});
  EXPECT_EQ(verdict.fatal, (Verdict::Broken{3, 0}));
  EXPECT_THAT(verdict.broken_rows, ElementsAre(2, 1));
}

TEST_F(VerdictTest, LooksAtSelectedRowsOnly) {
  const Verdict verdict = judge_values("- {name: r, column: x, range: {max: 1}}\n", {}, std::vector<int32_t>{0, 3});
  EXPECT_THAT(verdict.kept, ElementsAre(0));
  EXPECT_THAT(verdict.rejected, ElementsAre(Verdict::Broken{3, 0}));
}

}  // namespace
}  // namespace weir::contract

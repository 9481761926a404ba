#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

const std::string kColumns =
    "columns:\n"
    "  - {name: id, type: int, required: true}\n"
    "  - {name: n, type: long}\n"
    "  - {name: city, type: string}\n"
    "  - {name: geo, type: struct, fields: [{name: lat, type: double}]}\n";

class ValidateTest : public OperatorTest {
 protected:
  /// Makes the operator under test with `rules` and gives it `lines`.
  Collected run(const std::string& rules, const Texts& lines, int64_t first = 0) {
    contract_ = contract_of(kColumns + (rules.empty() ? "" : "rules:\n" + rules));
    auto made = make_validate(contract_);
    EXPECT_TRUE(made.ok());
    validate_ = *std::move(made);
    return again(lines, first);
  }
  Collected again(const Texts& lines, int64_t first = 0) {
    Collected out;
    status_ = give(*validate_, decoded(contract_, lines, first), out);
    return out;
  }
  std::map<std::string, int64_t> counters() { return to_texts(validate_->take_counters()); }

  contract::Contract contract_;
  std::unique_ptr<Operator> validate_;
  Result<void> status_;
};

Texts numbers(const Collected& out) {
  Texts ids;
  for (const std::string& row : out.rows) ids.push_back(row.substr(0, row.find(' ')));
  return ids;
}

TEST_F(ValidateTest, WithoutRulesABatchGoesOnUntouched) {
  const Collected out = run("", {R"({"id": 1})", R"({"id": 2})"});
  EXPECT_THAT(numbers(out), ElementsAre("id=1", "id=2"));
  EXPECT_TRUE(out.batches[0].all_selected());
  EXPECT_EQ(validate_->output_schema(kMainOutput), contract_.schema);
  EXPECT_THAT(counters(), IsEmpty());
}

TEST_F(ValidateTest, ABatchThatBreaksNothingIsHandedOnAsItIs) {
  const Collected out = run("  - {column: n, range: {min: 0}}\n", {R"({"id": 1, "n": 0})", R"({"id": 2})"});
  EXPECT_TRUE(out.batches[0].all_selected());
  EXPECT_THAT(out.rejects, IsEmpty());
  EXPECT_THAT(counters(), IsEmpty());
}

TEST_F(ValidateTest, RejectMovesTheEventWithRuleColumnMessageAndBytes) {
  const Collected out = run("  - {name: positive, column: n, range: {min: 1}}\n",
                            {R"({"id": 1, "n": 5})", R"({"id": 2, "n": 0})", R"({"id": 3, "n": -7})"});
  EXPECT_THAT(numbers(out), ElementsAre("id=1"));
  EXPECT_THAT(out.rejects, ElementsAre("1 rule/positive n: n is 0, which is below the minimum of 1",
                                       "2 rule/positive n: n is -7, which is below the minimum of 1"));
  EXPECT_THAT(out.raw, ElementsAre(R"({"id": 2, "n": 0})", R"({"id": 3, "n": -7})"));
  EXPECT_THAT(counters(), UnorderedElementsAre(Pair("rule.positive.broken", 2)));
  EXPECT_THAT(counters(), IsEmpty()) << "a barrier starts to count anew";
}

TEST_F(ValidateTest, DropLeavesOutAndWarnKeepsAndBothCount) {
  const Collected out =
      run("  - {name: dropped, column: n, range: {max: 10}, action: drop}\n"
          "  - {name: warned, column: n, range: {max: 5}, action: warn}\n",
          {R"({"id": 1, "n": 1})", R"({"id": 2, "n": 6})", R"({"id": 3, "n": 11})"});
  EXPECT_THAT(numbers(out), ElementsAre("id=1", "id=2"));
  EXPECT_THAT(out.rejects, IsEmpty());
  EXPECT_THAT(counters(), UnorderedElementsAre(Pair("rule.dropped.broken", 1), Pair("rule.warned.broken", 2),
                                               Pair("rows.dropped", 1)));
}

TEST_F(ValidateTest, FailStopsAndNamesThePositionTheRuleAndTheValue) {
  const Collected out = run("  - {name: sane, column: n, range: {max: 10}, action: fail}\n",
                            {R"({"id": 1, "n": 1})", R"({"id": 2, "n": 11})"}, 40);
  ASSERT_FALSE(status_.ok());
  EXPECT_EQ(status_.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(status_.error().message(),
            "'in/a.ndjson', partition 0, offset 41 breaks rule 'sane', whose action is fail: n is 11, which is above "
            "the maximum of 10. Mend the event or the rule, or give the rule the action reject");
  EXPECT_THAT(out.rows, IsEmpty());
}

TEST_F(ValidateTest, MessagesSayWhatEachKindOfRuleWanted) {
  const Collected out =
      run("  - {name: a, column: n, not_null: true}\n"
          "  - {name: b, column: n, accepted_values: {values: [1, 2, 3, 4, 5, 6]}}\n"
          "  - {name: c, column: city, regex: \"^[A-Z]\"}\n"
          "  - {name: d, column: city, length: {min: 2, max: 3}}\n"
          "  - {name: e, column: geo.lat, range: {min: -90, max: 90}}\n",
          {R"({"id": 1})", R"({"id": 2, "n": 7})", R"({"id": 3, "n": 1, "city": "rome"})",
           R"({"id": 4, "n": 1, "city": "Rome"})", R"({"id": 5, "n": 1, "geo": {"lat": 91.5}})"});
  EXPECT_THAT(out.rejects,
              ElementsAre("0 rule/a n: n is null", "1 rule/b n: n is 7, which is not one of 1, 2, 3, 4, 5, ...",
                          "2 rule/c city: city is 'rome', which does not match ^[A-Z]",
                          "3 rule/d city: city is 'Rome', which has 4 characters; at most 3 are allowed",
                          "4 rule/e geo.lat: geo.lat is 91.5, which is outside the range from -90 to 90"));
  EXPECT_THAT(out.rows, IsEmpty());
}

TEST_F(ValidateTest, ValuesInMessagesAreCut) {
  const Collected out = run("  - {name: short, column: city, length: {max: 3}}\n",
                            {R"({"id": 1, "city": ")" + std::string(5000, 'x') + "\"}"});
  ASSERT_EQ(out.rejects.size(), 1U);
  EXPECT_LT(out.rejects[0].size(), 200U);
  EXPECT_THAT(out.rejects[0], HasSubstr("xxx..."));
}

TEST_F(ValidateTest, SqlRulesPassTrueAndNullAndSayWhyARowHasNoValue) {
  const Collected out =
      run("  - {name: ordered, sql: \"n < 10\"}\n  - {name: numeric, sql: \"cast(city as int) > 0\"}\n",
          {R"({"id": 1, "n": 1, "city": "5"})", R"({"id": 2})", R"({"id": 3, "n": 10})", R"({"id": 4, "city": "x"})"});
  EXPECT_THAT(numbers(out), ElementsAre("id=1", "id=2"));
  EXPECT_THAT(out.rejects,
              ElementsAre("2 rule/ordered : not true: n < 10", HasSubstr("3 rule/numeric : cannot be evaluated: ")));
  EXPECT_THAT(counters(), UnorderedElementsAre(Pair("rule.ordered.broken", 1), Pair("rule.numeric.broken", 1)));
}

TEST_F(ValidateTest, WhatWentWrongInOneBatchIsForgottenInTheNext) {
  run("  - {name: numeric, sql: \"cast(city as int) > 0\"}\n", {R"({"id": 1, "city": "x"})"});
  const Collected out = again({R"({"id": 2, "city": "0"})", R"({"id": 3, "city": "1"})"});
  EXPECT_THAT(out.rejects, ElementsAre("0 rule/numeric : not true: cast(city as int) > 0"));
  EXPECT_THAT(numbers(out), ElementsAre("id=3"));
  EXPECT_THAT(counters(), UnorderedElementsAre(Pair("rule.numeric.broken", 2)));
}

TEST_F(ValidateTest, TheGravestActionIsTakenAndEveryRuleCounts) {
  const Collected out =
      run("  - {name: w, column: n, range: {max: 1}, action: warn}\n"
          "  - {name: d, column: n, range: {max: 2}, action: drop}\n"
          "  - {name: r, column: n, range: {max: 3}}\n",
          {R"({"id": 1, "n": 4})", R"({"id": 2, "n": 3})", R"({"id": 3, "n": 2})"});
  EXPECT_THAT(numbers(out), ElementsAre("id=3"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("0 rule/r n")));
  EXPECT_THAT(counters(), UnorderedElementsAre(Pair("rule.w.broken", 3), Pair("rule.d.broken", 2),
                                               Pair("rule.r.broken", 1), Pair("rows.dropped", 1)));
}

TEST_F(ValidateTest, AWrongSqlRuleIsPlaced) {
  const auto contract =
      contract_of(kColumns + "rules:\n  - {name: a, sql: \"n > 0\"}\n  - {name: b, sql: \"n > 0 and nn > 0\"}\n");
  expression::TextPlace place;
  const auto made = make_validate(contract, &place);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(made.error().message(), HasSubstr("there is no column 'nn'"));
  EXPECT_EQ(place.item, 1U);
  EXPECT_EQ(place.offset, 10U);
}

TEST_F(ValidateTest, RejectsCarryTheEventTimeThatTheContractNames) {
  const contract::Contract timed = contract_of(
      "event_time: at\ncolumns:\n  - {name: at, type: timestamptz, format: epoch_ms}\n  - {name: n, type: long, range: "
      "{min: "
      "0}}\n");
  auto validate = make_validate(timed);
  ASSERT_TRUE(validate.ok());
  Collected out;
  const Batch rows = decoded(timed, {R"({"at": 5, "n": -1})", R"({"n": -2})", R"({"at": 7, "n": 1})"});
  ASSERT_TRUE((*validate)->process(0, rows, out).ok());
  EXPECT_THAT(out.event_times, ElementsAre(5'000, std::nullopt));
}

}  // namespace
}  // namespace weir::operators

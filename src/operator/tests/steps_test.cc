#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class StepsTest : public OperatorTest {
 protected:
  StepsTest()
      : contract_(contract_of("columns:\n  - {name: id, type: int, required: true}\n  - {name: n, type: long}\n"
                              "  - {name: t, type: string}\n")) {}

  Batch rows(const Texts& lines) { return decoded(contract_, lines); }

  Collected process(Operator& op, const Batch& batch) {
    Collected out;
    status_ = give(op, batch, out);
    return out;
  }

  std::unique_ptr<Operator> filter(const std::string& sql) {
    auto made = make_filter("keep", sql, contract_.schema);
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }
  std::unique_ptr<Operator> select(const Texts& items) {
    auto made = make_select("shape", items, contract_.schema);
    EXPECT_TRUE(made.ok());
    return *std::move(made);
  }

  contract::Contract contract_;
  Result<void> status_;
};

TEST_F(StepsTest, AFilterKeepsWhatIsTrueAndCountsTheRest) {
  const auto op = filter("n > 0");
  EXPECT_EQ(op->output_schema(kMainOutput), contract_.schema);
  Collected out =
      process(*op, rows({R"({"id": 1, "n": 1})", R"({"id": 2, "n": 0})", R"({"id": 3})", R"({"id": 4, "n": 9})"}));
  EXPECT_THAT(out.rows, ElementsAre("id=1 n=1 t=null", "id=4 n=9 t=null"));
  EXPECT_THAT(out.rejects, IsEmpty());
  process(*op, rows({R"({"id": 5, "n": -1})"}));
  EXPECT_THAT(to_texts(op->take_counters()), UnorderedElementsAre(Pair("filter.keep.removed", 3)));
  EXPECT_THAT(op->take_counters(), IsEmpty());
}

TEST_F(StepsTest, AFilterThatRemovesNothingHandsItsInputOn) {
  const auto op = filter("id > 0");
  const Batch batch = rows({R"({"id": 1})", R"({"id": 2})"});
  const Collected out = process(*op, batch);
  ASSERT_EQ(out.batches.size(), 1U);
  EXPECT_TRUE(out.batches[0].all_selected());
  EXPECT_EQ(out.batches[0].columns(), batch.columns());
}

TEST_F(StepsTest, AFilterLooksOnlyAtRowsThatStillCount) {
  const auto op = filter("id <> 2");
  const Batch batch = rows({R"({"id": 1})", R"({"id": 2})", R"({"id": 3})"}).with_selection({1, 2});
  Collected out = process(*op, batch);
  EXPECT_THAT(out.rows, ElementsAre("id=3 n=null t=null"));
  EXPECT_THAT(to_texts(op->take_counters()), UnorderedElementsAre(Pair("filter.keep.removed", 1)));
}

TEST_F(StepsTest, ARowForWhichTheConditionHasNoValueIsRejectedUnderTheStepsName) {
  const auto op = filter("cast(t as int) > 0");
  Collected out = process(*op, rows({R"({"id": 1, "t": "1"})", R"({"id": 2, "t": "x"})", R"({"id": 3, "t": "-1"})"}));
  EXPECT_THAT(out.rows, ElementsAre("id=1 n=null t='1'"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("1 expression/keep : ")));
  EXPECT_THAT(out.raw, ElementsAre(R"({"id": 2, "t": "x"})"));
  EXPECT_THAT(to_texts(op->take_counters()), UnorderedElementsAre(Pair("filter.keep.removed", 1)));
}

TEST_F(StepsTest, ASelectComputesRenamesAndLeavesOut) {
  const auto op = select({"* exclude (t)", "n * 2 as twice", "upper(t) as big"});
  EXPECT_THAT(op->output_schema(kMainOutput)->names(), ElementsAre("id", "n", "twice", "big"));
  const Collected out = process(*op, rows({R"({"id": 1, "n": 4, "t": "a"})", R"({"id": 2})"}));
  EXPECT_THAT(out.rows, ElementsAre("id=1 n=4 twice=8 big='A'", "id=2 n=null twice=null big=null"));
}

TEST_F(StepsTest, ARowForWhichASelectHasNoValueIsRejectedAndKeepsItsBytes) {
  const auto op = select({"id", "cast(t as int) as number"});
  const Collected out = process(*op, rows({R"({"id": 1, "t": "5"})", R"({"id": 2, "t": "x"})"}).with_selection({0, 1}));
  EXPECT_THAT(out.rows, ElementsAre("id=1 number=5"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("1 expression/shape : ")));
  EXPECT_THAT(out.raw, ElementsAre(R"({"id": 2, "t": "x"})"));
}

TEST_F(StepsTest, ARejectWhoseBytesAreGoneIsTheRowItselfAtThePositionOfItsEvent) {
  const auto op = select({"cast(t as int) as number"});
  const Collected out =
      process(*op, rows({R"({"id": 1, "t": "5"})", R"({"id": 2, "t": "x\""})"}).with_selection({0, 1}).without_raw());
  EXPECT_THAT(out.rows, ElementsAre("number=5"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("0 expression_row/shape : ")));
  EXPECT_THAT(out.raw, ElementsAre(R"({"id":2,"n":null,"t":"x\""})"));
}

TEST_F(StepsTest, WrongSqlIsPlacedInItsText) {
  expression::TextPlace place;
  auto wrong = make_filter("keep", "id > 0 and nope = 1", contract_.schema, &place);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(place.offset, 11U);
  wrong = make_select("shape", {"id", "upper(tt) as x"}, contract_.schema, &place);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(place.item, 1U);
  EXPECT_EQ(place.offset, 6U);
  EXPECT_FALSE(make_filter("keep", "id + 1", contract_.schema).ok()) << "a condition is a BOOLEAN";
}

}  // namespace
}  // namespace weir::operators

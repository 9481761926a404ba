#include "operator/tests/operator_fixture.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DecodeTest : public OperatorTest {
 protected:
  Collected run(const DecodeSpec& spec, const Texts& lines, std::string_view context = {}) {
    auto decode = make_decode(spec, contract_);
    EXPECT_TRUE(decode.ok());
    EXPECT_EQ((*decode)->output_schema(kMainOutput), contract_.schema);
    Collected out;
    status_ = give(**decode, batch_of(events(lines, 7, context)), out);
    return out;
  }

  contract::Contract contract_ = contract_of(
      "columns:\n  - {name: id, type: int, required: true}\n  - {name: at, type: long, from: $offset}\n"
      "  - {name: file, type: string, from: $topic}\n");
  Result<void> status_;
};

TEST_F(DecodeTest, EventsBecomeRowsAndTheOthersRejectsWithTheirBytes) {
  const Collected out = run({}, {R"({"id": 1})", R"({"id": "x"})", "", R"({"id": 2})"});
  EXPECT_THAT(out.rows, ElementsAre("id=1 at=7 file='in/a.ndjson'", "id=2 at=10 file='in/a.ndjson'"));
  EXPECT_THAT(out.rejects,
              ElementsAre("1 wrong_type id: expected int, got the text 'x'", "2 malformed : the event is empty"));
  EXPECT_THAT(out.raw, ElementsAre(R"({"id": "x"})", ""));
  ASSERT_EQ(out.batches.size(), 1U);
  EXPECT_THAT(out.batches[0].origins()->offset, ElementsAre(7, 10));
  EXPECT_NE(out.batches[0].raw(), nullptr);
}

TEST_F(DecodeTest, LimitsAreThoseOfTheSpec) {
  const DecodeSpec spec{.limits = {.depth = 1, .event_bytes = 15}};
  const Collected out = run(spec, {R"({"id":1})", R"({"id":1,"xy":[]})", R"({"id":1,"x":[]})"});
  EXPECT_THAT(out.rows, ElementsAre("id=1 at=7 file='in/a.ndjson'"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("1 too_large"), HasSubstr("2 too_deep")));
}

TEST_F(DecodeTest, CsvTakesItsHeaderFromTheBatchAndTheDelimiterFromTheSpec) {
  const Collected out =
      run({.format = codec::csv_format({.delimiter = ';'}, {.delimiter = ';'})}, {"x;5", "y;z"}, "other;id");
  EXPECT_THAT(out.rows, ElementsAre("id=5 at=7 file='in/a.ndjson'"));
  EXPECT_THAT(out.rejects, ElementsAre(HasSubstr("1 wrong_type id")));
}

TEST_F(DecodeTest, NotesForPeopleAreSaid) {
  Texts notes;
  const DecodeSpec spec{.format = codec::csv_format(), .say = [&](std::string_view note) { notes.emplace_back(note); }};
  run(spec, {"1,x"}, "id,extra");
  EXPECT_THAT(notes, ElementsAre(HasSubstr("the field 'extra' is not in the contract and is left out")));
}

TEST_F(DecodeTest, AnUnusableHeaderStopsBecauseNothingInTheFileHasAMeaning) {
  const Collected out = run({.format = codec::csv_format()}, {"1,2"}, "id,id");
  ASSERT_FALSE(status_.ok());
  EXPECT_EQ(status_.error().kind(), ErrorKind::corrupt);
  EXPECT_THAT(status_.error().message(), HasSubstr("'in/a.ndjson': the CSV header names column 'id' twice"));
  EXPECT_THAT(out.rows, IsEmpty());
}

TEST_F(DecodeTest, AContractThatTheFormatCannotCarryIsRefused) {
  const auto contract = contract_of("columns:\n  - {name: l, type: list, element: int}\n");
  EXPECT_TRUE(make_decode({}, contract).ok());
  const auto made = make_decode({.format = codec::csv_format()}, contract);
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind(), ErrorKind::unsupported);
}

}  // namespace
}  // namespace weir::operators

#include "inference/proposal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/sample_decoder.h"

namespace weir::inference {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The clock of a sample does not matter.
const Clock& any_clock() {
  return system_clock_source();
}

Sample sample_of(const std::string& bytes, SampleFormat format, char delimiter = ',') {
  const auto files = single_file("/data/events", bytes);
  auto sample = read_sample({.files = {"/data/events"}, .format = format_of(format, delimiter)}, *files, any_clock());
  EXPECT_TRUE(sample.ok()) << sample.error().message();
  return *std::move(sample);
}

std::string contract_of(const std::string& bytes, SampleFormat format, char delimiter = ',') {
  return contract_yaml(propose(observe(sample_of(bytes, format, delimiter), format, delimiter), format), "c", "a test");
}

/// How many of `bytes`' events the contract that is proposed for them rejects.
size_t rejects_of_own_proposal(const std::string& bytes, SampleFormat format, char delimiter = ',') {
  config::Diagnostics diagnostics;
  const std::string text = contract_of(bytes, format, delimiter);
  const auto contract = contract::load("c.yaml", text, {}, diagnostics);
  EXPECT_TRUE(contract.has_value()) << diagnostics.render() << text;
  if (!contract) return 0;
  const auto decoded = decode_sample(sample_of(bytes, format, delimiter), *contract, format, delimiter, 10);
  EXPECT_TRUE(decoded.ok()) << decoded.error().message();
  return decoded->rejects.size();
}

TEST(Proposal, TakesTheNarrowestTypeThatHoldsEveryJsonValue) {
  const std::string bytes =
      R"({"n":1,"d":1.25,"b":true,"t":"2026-01-31T10:00:00Z","l":"2026-01-31T10:00:00","day":"2026-01-31","s":"x",)"
      R"("u":"3f2504e0-4f89-11d3-9a0c-0305e82c3301","o":{"x":1,"y":null},"a":[1,2],"mixed":1,"big":18446744073709551615})"
      "\n"
      R"({"n":-20,"d":2.50,"b":false,"t":"2026-02-01T10:00:00+02:00","l":"2026-01-31T10:00:00.5","day":"2026-02-01","s":"",)"
      R"("u":"3f2504e0-4f89-11d3-9a0c-0305e82c3302","o":{"x":2,"y":"z"},"a":[],"mixed":"one","big":1})"
      "\n";
  const std::string text = contract_of(bytes, SampleFormat::json);
  for (const char* line :
       {"{name: n, type: \"long\"}", "{name: d, type: \"double\"}", "{name: b, type: \"boolean\"}",
        "{name: t, type: \"timestamptz\"}", "{name: l, type: \"timestamp\"}", "{name: day, type: \"date\"}",
        "{name: s, type: \"string\"}", "{name: u, type: \"uuid\"}", "{name: mixed, type: \"json\"}",
        "{name: big, type: \"decimal(38, 0)\"}", "{name: x, type: \"long\"}", "# null or absent in 50 %"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("required: true}")));
  EXPECT_EQ(rejects_of_own_proposal(bytes, SampleFormat::json), 0U);
}

TEST(Proposal, KeepsNumbersOfOneScaleExactAndLeadingZerosAsText) {
  const std::string bytes = "price,zip,amount\n1.10,00501,1\n22.20,10001,2\n333.30,20001,3\n";
  const std::string text = contract_of(bytes, SampleFormat::csv);
  EXPECT_THAT(text, HasSubstr("{name: price, type: \"decimal(9, 2)\"}"));
  EXPECT_THAT(text, HasSubstr("{name: zip, type: \"string\"}  # numbers with leading zeros"));
  EXPECT_THAT(text, HasSubstr("{name: amount, type: \"long\"}"));
  EXPECT_EQ(rejects_of_own_proposal(bytes, SampleFormat::csv), 0U);
}

TEST(Proposal, ADateThatMayBeReadTwoWaysStaysTextAndIsSaid) {
  EXPECT_THAT(contract_of("d\n03/04/2026\n05/06/2026\n", SampleFormat::csv),
              HasSubstr("type: \"string\"}  # looks like a date; is it day/month/year or month/day/year?"));
}

TEST(Proposal, NamesThatNoColumnMayHaveBecomeOthersAndTheFieldIsNamed) {
  const std::string bytes = R"({"id.orig_h":"a","ID":1,"id":2,"":3,"with \"quotes\"":4})"
                            "\n";
  const std::string text = contract_of(bytes, SampleFormat::json);
  EXPECT_THAT(text, HasSubstr("{name: id_orig_h, from: \"id.orig_h\", type: \"string\"}"));
  EXPECT_THAT(text, HasSubstr("{name: id_2, from: id, type: \"long\"}"));
  EXPECT_EQ(rejects_of_own_proposal(bytes, SampleFormat::json), 0U);
}

TEST(Proposal, CsvWithQuotesEmptyFieldsAndAnotherDelimiterIsDecoded) {
  const std::string bytes = "a;b;c\n1;\"x;\"\"y\"\"\";\n2;;true\n";
  EXPECT_EQ(rejects_of_own_proposal(bytes, SampleFormat::csv, ';'), 0U);
}

TEST(Proposal, LooseningEndsAtATypeThatTakesEverything) {
  Proposal proposal = propose(
      observe(sample_of("{\"a\":1,\"s\":{\"b\":\"2026-01-01\"}}\n", SampleFormat::json), SampleFormat::json, ','),
      SampleFormat::json);
  EXPECT_TRUE(loosen(proposal, "a", SampleFormat::json));
  EXPECT_EQ(proposal.columns[0].type, "double");
  EXPECT_TRUE(loosen(proposal, "a", SampleFormat::json));
  EXPECT_EQ(proposal.columns[0].type, "json");
  EXPECT_FALSE(loosen(proposal, "a", SampleFormat::json));
  EXPECT_TRUE(loosen(proposal, "s.b", SampleFormat::json));
  EXPECT_EQ(proposal.columns[1].fields[0].type, "string");
  EXPECT_FALSE(loosen(proposal, "no_such", SampleFormat::json));
}

TEST(Sample, LooksAtTheFirstEventToTellTheFormat) {
  const auto looks = [](const std::string& bytes) {
    return *look_at("/d/f", *single_file("/d/f", bytes), any_clock());
  };
  EXPECT_EQ(looks("\n{\"a\":1}\n").format, SampleFormat::json);
  EXPECT_EQ(looks("a;b\n1;2\n").format, SampleFormat::csv);
  EXPECT_EQ(looks("a;b\n1;2\n").delimiter, ';');
  EXPECT_EQ(looks("a\tb\n1\t2\n").delimiter, '\t');
  EXPECT_FALSE(look_at("/d/f", *single_file("/d/f", ""), any_clock()).ok());
  EXPECT_THAT(look_at("/d/f", *single_file("/d/f", "[{\"a\":1}]"), any_clock()).error().message(),
              HasSubstr("JSON array"));
}

TEST(Sample, EveryFileGetsItsShare) {
  std::string big;
  for (int i = 0; i < 50'000; ++i) big += "{\"a\":" + std::to_string(i) + "}\n";
  const auto files = single_file("/d/f", big);
  const auto sample = read_sample({.files = {"/d/f"}, .bytes_max = 100'000}, *files, any_clock());
  ASSERT_TRUE(sample.ok()) << sample.error().message();
  EXPECT_EQ(sample->files_cut, 1);
  EXPECT_GE(sample->bytes, 100'000);
  EXPECT_LT(sample->events, 50'000);
}

}  // namespace
}  // namespace weir::inference

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

DecoderSpec two_columns() {
  return {.schema = schema_of({optional_field("vbeln", primitive(TypeKind::string)),
                               optional_field("qty", primitive(TypeKind::int64))})};
}

/// two_columns() and one that takes the rest.
DecoderSpec with_rest() {
  DecoderSpec spec{.schema = schema_of({optional_field("a", primitive(TypeKind::int64)),
                                        optional_field("rest", primitive(TypeKind::string))})};
  TextFormat rest = origin_format(ColumnOrigin::unknown);
  rest.raw_json = true;
  spec.formats = {{}, rest};
  return spec;
}

TEST(UnknownFields, AnEventOfWhichNoFieldIsKnownIsRejected) {
  const Outcome outcome = decode_json(two_columns(), {R"({"VBELN":"0080","QTY":5})", R"({"x":1})", R"({"qty":1,"x":2})",
                                                      "{}", R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1})"});
  EXPECT_THAT(outcome.rows, ElementsAre("vbeln=null qty=1", "vbeln=null qty=null"));
  EXPECT_THAT(outcome.rejects,
              ElementsAre("0 no_known_field : none of the event's fields is in the contract: it has 'VBELN', 'QTY'; "
                          "'VBELN' and the contract's 'vbeln' differ only in case",
                          "1 no_known_field : none of the event's fields is in the contract: it has 'x'; the contract "
                          "has 'vbeln', 'qty'",
                          "4 no_known_field : none of the event's fields is in the contract: it has 'a', 'b', 'c', "
                          "'d', 'e', ...; the contract has 'vbeln', 'qty'"));
}

TEST(UnknownFields, ThatNoneIsKnownIsSaidBeforeThatOneIsMissing) {
  const DecoderSpec spec{.schema = schema_of({required_field("id", primitive(TypeKind::int64))})};
  EXPECT_THAT(decode_json(spec, {R"({"ID":1})", "{}"}).faults(), ElementsAre("no_known_field", "missing_required id"));
}

TEST(UnknownFields, AreCountedOnceAnEventOfThoseThatAreTaken) {
  DecoderSpec spec{
      .schema = schema_of(
          {required_field("a", primitive(TypeKind::int64)),
           optional_field("s", Type::list(optional_field(
                                   "element", Type::structure({optional_field("x", primitive(TypeKind::int64))}))))})};
  const Outcome outcome =
      decode_json(spec, {R"({"a":1,"u":1,"v":{"u":1}})", R"({"u":1,"a":2,"s":[{"x":1,"y":2},{"y":3}]})",
                         R"({"a":"bad","u":1})", R"({"u":1,"a":3,"s":[{"y":2,"x":"bad"}]})", R"({"a":4,"\u0075":2})"});
  EXPECT_THAT(outcome.unknown, ElementsAre(Pair("s.element.y", 1), Pair("u", 3), Pair("v", 1)));
}

TEST(UnknownFields, EachNameIsSaidOnceUpToALimit) {
  const auto decoder = make_json_decoder(two_columns());
  const auto notes = [&](const std::vector<std::string>& events) {
    return decode_with(**decoder, raw_batch(events)).decoded.notes;
  };
  EXPECT_THAT(notes({R"({"qty":1,"x":1})", R"({"qty":1,"x":1})"}),
              ElementsAre("the field 'x' is not in the contract and is left out"));
  EXPECT_THAT(notes({R"({"qty":1,"x":1})"}), IsEmpty());
  std::vector<std::string> events;
  for (int i = 0; i < 300; ++i) events.push_back("{\"qty\":1,\"k" + std::to_string(i) + "\":1}");
  const std::vector<std::string> said = notes(events);
  EXPECT_EQ(said.size(), kUnknownNamesMax);
  EXPECT_THAT(said.back(), HasSubstr("more than 100 fields"));
  const UnknownCounts counts = (*decoder)->take_unknown_counts();
  EXPECT_EQ(counts.size(), kUnknownNamesMax + 1);
  EXPECT_EQ(counts.find(kOtherUnknownFields)->second, 201);
}

TEST(UnknownFields, CanBeIgnoredOrRefused) {
  DecoderSpec spec = two_columns();
  spec.unknown_fields = UnknownFields::ignore;
  Outcome outcome = decode_json(spec, {R"({"qty":1,"x":1})"});
  EXPECT_THAT(outcome.decoded.notes, IsEmpty());
  EXPECT_THAT(outcome.unknown, ElementsAre(Pair("x", 1)));
  spec.unknown_fields = UnknownFields::reject;
  outcome = decode_json(spec, {R"({"qty":1,"x":1})", R"({"qty":1})", R"({"x":1,"qty":1})"});
  EXPECT_THAT(outcome.rows, ElementsAre("vbeln=null qty=1"));
  EXPECT_THAT(outcome.rejects,
              ElementsAre("0 unknown_field : the field 'x' is not in the contract, which refuses unknown fields",
                          "2 unknown_field : the field 'x' is not in the contract, which refuses unknown fields"));
}

TEST(UnknownFields, CanBeKeptInAColumn) {
  const Outcome outcome = decode_json(
      with_rest(), {R"({"a":1})", R"({"a":1,"x":{"y":[1, 2]},"z" : "q\"é" })", R"({"B":true,"c":null,"d":-1.50})",
                    R"({"a":"bad","x":1})", R"({"a":1,"k\n":1})", "{}", R"({"a":1,"x":1,"x":2})"});
  EXPECT_THAT(outcome.rows, ElementsAre("a=1 rest=null", R"(a=1 rest='{"x":{"y":[1, 2]},"z":"q\"é"}')",
                                        R"(a=null rest='{"B":true,"c":null,"d":-1.50}')", R"(a=1 rest='{"k\n":1}')",
                                        "a=null rest=null"));
  EXPECT_THAT(outcome.faults(), ElementsAre("wrong_type a", "duplicate_key"));
  EXPECT_THAT(outcome.unknown, IsEmpty());
}

TEST(UnknownFields, ARowAfterOneThatFailedLateHasItsOwn) {
  const Outcome outcome = decode_json(with_rest(), {R"({"x":1,"a":"bad"})", R"({"y":2,"a":1})"});
  EXPECT_THAT(outcome.rows, ElementsAre(R"(a=1 rest='{"y":2}')"));
}

TEST(Paths, LeadToValuesInsideOfObjectsAndLists) {
  DecoderSpec spec{.schema = schema_of({optional_field("lat", primitive(TypeKind::float64)),
                                        optional_field("lon", primitive(TypeKind::float64)),
                                        required_field("first", primitive(TypeKind::string)),
                                        optional_field("third", primitive(TypeKind::string)),
                                        optional_field("plain", primitive(TypeKind::int64))})};
  spec.formats = {path_format({{.name = "geo"}, {.name = "lat"}}),
                  path_format({{.name = "geo"}, {.name = "lon"}}),
                  path_format({{.name = "tags"}, {.index = 0}, {.name = "v"}}),
                  path_format({{.name = "tags"}, {.index = 2}, {.name = "v"}}),
                  {}};
  const Outcome outcome =
      decode_json(spec, {R"({"geo":{"lat":1.5,"x":0,"lon":2},"tags":[{"v":"a"},7,{"w":1,"v":"c"},{}],"plain":3})",
                         R"({"tags":[{"v":"a"}],"geo":null})", R"({"tags":[{"v":"a"},{},null],"geo":[1]})",
                         R"({"geo":{"lat":1},"tags":[]})", R"({"geo":{"lat":"x"},"tags":[{"v":"a"}]})",
                         R"({"tags":[{"v":"a"},{"v":1}],"geo":{}})", R"({"tags":7,"geo":{}})"});
  EXPECT_THAT(outcome.rows, ElementsAre("lat=1.5 lon=2 first='a' third='c' plain=3",
                                        "lat=null lon=null first='a' third=null plain=null",
                                        "lat=null lon=null first='a' third=null plain=null",
                                        "lat=null lon=null first='a' third=null plain=null"));
  EXPECT_THAT(outcome.faults(), ElementsAre("missing_required first", "wrong_type lat", "missing_required first"));
  EXPECT_THAT(outcome.unknown, IsEmpty()) << "a path picks what it wants";
}

TEST(Paths, OneValueIsReadByOneColumn) {
  DecoderSpec spec{.schema = schema_of({optional_field("a", primitive(TypeKind::string)),
                                        optional_field("b", primitive(TypeKind::string))})};
  const auto error = [&](TextFormat a, TextFormat b) {
    spec.formats = {std::move(a), std::move(b)};
    const auto made = make_json_decoder(spec);
    return made.ok() ? "none" : made.error().message();
  };
  EXPECT_EQ(error({}, path_format({{.name = "a"}, {.name = "x"}})), "column 'b': another column is read from 'a' too");
  EXPECT_EQ(error(path_format({{.name = "b"}, {.name = "x"}}), {}),
            "column 'b': 'b' is read in parts by other columns");
  EXPECT_EQ(error(path_format({{.name = "o"}, {.name = "x"}}), path_format({{.name = "o"}, {.name = "x"}})),
            "column 'b': another column is read from '$.o.x' too");
  EXPECT_EQ(error(path_format({{.name = "o"}, {.name = "x"}}), path_format({{.name = "o"}, {.index = 1}})),
            "column 'b': 'o' is read in parts by other columns");
}

TEST(Paths, DefaultsStandForWhatIsNotThere) {
  DecoderSpec spec{.schema = schema_of({optional_field("n", primitive(TypeKind::int64))})};
  spec.formats = {path_format({{.name = "o"}, {.name = "n"}})};
  spec.formats[0].default_json = "7";
  EXPECT_THAT(decode_json(spec, {R"({"o":{"n":1}})", R"({"o":{}})", R"({"o":{"n":null}})", R"({"o":5})", "{}"}).rows,
              ElementsAre("n=1", "n=7", "n=null", "n=7", "n=7"));
}

}  // namespace
}  // namespace weir::codec

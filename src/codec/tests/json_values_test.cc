#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

/// Decodes `values`, each as the field "v" of an event, into one optional column; what a row shows, or the class of its
/// reject.
Texts decode_values(TypePtr type, const TextFormat& format, const Texts& values) {
  DecoderSpec spec{.schema = schema_of({optional_field("v", std::move(type))})};
  spec.formats = {format};
  Texts events;
  for (const std::string& value : values) events.push_back("{\"v\":" + value + "}");
  const Outcome outcome = decode_json(spec, events);
  Texts shown(values.size());
  const auto& rows = outcome.decoded.batch.origins()->raw_index;
  for (size_t i = 0; i < rows.size(); ++i) shown[rows[i]] = outcome.rows[i].substr(2);
  for (const Reject& reject : outcome.decoded.rejects)
    shown[reject.raw_index] = std::string(to_string(reject.reject_class));
  return shown;
}

Texts decode_values(TypePtr type, const Texts& values) {
  return decode_values(std::move(type), {}, values);
}
Texts decode_values(TypeKind kind, const Texts& values) {
  return decode_values(primitive(kind), values);
}

TEST(JsonValues, LongsAreExactTo64Bits) {
  EXPECT_THAT(decode_values(TypeKind::int64, {"0", "-0", "-1", "9007199254740993", "9223372036854775807",
                                              "-9223372036854775808", "123456789012345678"}),
              ElementsAre("0", "0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808",
                          "123456789012345678"));
  EXPECT_THAT(decode_values(TypeKind::int64, {"9223372036854775808", "-9223372036854775809", std::string(10'000, '9'),
                                              "18446744073709551616"}),
              testing::Each("out_of_range"));
}

TEST(JsonValues, IntegersTakeNoFractionExponentStringOrBoolean) {
  EXPECT_THAT(decode_values(TypeKind::int64, {"1.0", "1e3", "1E0", "0.5", "\"1\"", "true", "{}", "[]", "[1]"}),
              testing::Each("wrong_type"));
  EXPECT_THAT(decode_values(TypeKind::int32, {"1.0", "1e3", "\"1\"", "false"}), testing::Each("wrong_type"));
}

TEST(JsonValues, IntsHave32Bits) {
  EXPECT_THAT(decode_values(TypeKind::int32,
                            {"2147483647", "-2147483648", "2147483648", "-2147483649", "99999999999999999999"}),
              ElementsAre("2147483647", "-2147483648", "out_of_range", "out_of_range", "out_of_range"));
}

TEST(JsonValues, MalformedNumbersAreMalformedForEveryType) {
  const Texts bad = {"01",       "-01",       "1.",    ".5",    "+1",    "-",   "1e",  "1e+", "0x10", "NaN",
                     "Infinity", "-Infinity", "1_000", "1.5.5", "1e5e5", "--1", "nul", "tru", "True", "1a"};
  for (const TypeKind kind :
       {TypeKind::int32, TypeKind::int64, TypeKind::float32, TypeKind::float64, TypeKind::string, TypeKind::boolean}) {
    EXPECT_THAT(decode_values(kind, bad), testing::Each("malformed")) << to_string(kind);
  }
  EXPECT_THAT(decode_values(Type::decimal(9, 2), bad), testing::Each("malformed"));
}

TEST(JsonValues, DoublesAreTheNearestValue) {
  EXPECT_THAT(decode_values(TypeKind::float64,
                            {"0.1", "-0", "-0.0", "1e22", "1.7976931348623157e308", "5e-324", "0.30000000000000004",
                             "9007199254740993", "123456789.123456789", "2.2250738585072014E-308", "1e-400", "3"}),
              ElementsAre("0.1", "-0", "-0", "1e+22", "1.7976931348623157e+308", "5e-324", "0.30000000000000004",
                          "9007199254740992", "123456789.12345679", "2.2250738585072014e-308", "0", "3"));
}

TEST(JsonValues, DoublesWithTenThousandDigitsAreReadOrRejected) {
  const std::string zeros(10'000, '0');
  EXPECT_THAT(
      decode_values(TypeKind::float64, {"1" + zeros, "0." + zeros + "1", "1" + zeros + "e-10000", "1." + zeros}),
      ElementsAre("out_of_range", "0", "1", "1"));
}

TEST(JsonValues, FloatingValuesOutOfRangeAreRejected) {
  EXPECT_THAT(decode_values(TypeKind::float64, {"1e400", "-1e400", "1.8e308", "1e99999999999999999999"}),
              testing::Each("out_of_range"));
  EXPECT_THAT(decode_values(TypeKind::float32, {"1e39", "-3.5e38"}), testing::Each("out_of_range"));
  EXPECT_THAT(decode_values(TypeKind::float64, {"1e-99999999999999999999", "-1e-400"}), ElementsAre("0", "-0"));
}

TEST(JsonValues, FloatsRoundOnce) {
  // Through double this would round to 1.00000012 (the halfway case after a first rounding).
  EXPECT_THAT(decode_values(TypeKind::float32,
                            {"1.00000005960464477539062501", "0.1", "16777217", "3.4028235e38", "1e-50", "-0"}),
              ElementsAre("1.0000001", "0.1", "16777216", "3.4028235e+38", "0", "-0"));
}

TEST(JsonValues, DecimalsAreExact) {
  EXPECT_THAT(
      decode_values(Type::decimal(9, 2),
                    {"12.50", "-0.01", "0", "1e3", "1.25e1", "\"12.5\"", "9999999.99", "-9999999.99", "12.500", "-0"}),
      ElementsAre("12.50", "-0.01", "0.00", "1000.00", "12.50", "12.50", "9999999.99", "-9999999.99", "12.50", "0.00"));
  EXPECT_THAT(decode_values(Type::decimal(38, 0),
                            {std::string(38, '9'), "-" + std::string(38, '9'), std::string(39, '9'), "1e37", "1e38"}),
              ElementsAre(std::string(38, '9'), "-" + std::string(38, '9'), "out_of_range", "1" + std::string(37, '0'),
                          "out_of_range"));
  EXPECT_THAT(decode_values(Type::decimal(38, 38), {"0." + std::string(38, '1'), "0.1", "1"}),
              ElementsAre("0." + std::string(38, '1'), "0.1" + std::string(37, '0'), "out_of_range"));
}

TEST(JsonValues, DecimalsNeverRound) {
  EXPECT_THAT(decode_values(Type::decimal(9, 2),
                            {"1.005", "10000000", "\"1.005\"", "\"abc\"", "\"\"", "\" 1\"", "\"1e\"", "true"}),
              ElementsAre("inexact", "out_of_range", "inexact", "bad_format", "bad_format", "bad_format", "bad_format",
                          "wrong_type"));
}

TEST(JsonValues, BooleansAreTrueAndFalseOnly) {
  EXPECT_THAT(decode_values(TypeKind::boolean, {"true", "false", "null", "1", "0", "\"true\"", "tRue"}),
              ElementsAre("true", "false", "null", "wrong_type", "wrong_type", "wrong_type", "malformed"));
}

TEST(JsonValues, StringsKeepEveryCharacter) {
  EXPECT_THAT(
      decode_values(TypeKind::string, {R"("")", R"("a\"b\\c\/d\b\f\n\r\t")", R"("\u0041\u00e9\u20ac\ud83d\ude00")",
                                       "\"\xc3\xa9\xf0\x9f\x98\x80\"", R"("\uFFFF\uFEFF")"}),
      ElementsAre("''", "'a\"b\\c/d\b\f\n\r\t'", "'A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'",
                  "'\xc3\xa9\xf0\x9f\x98\x80'", "'\xef\xbf\xbf\xef\xbb\xbf'"));
  const std::string with_nul = decode_values(TypeKind::string, {R"("a\u0000b")"})[0];
  EXPECT_EQ(with_nul, std::string("'a\0b'", 5));
}

TEST(JsonValues, StringsOfEveryLengthSurviveBlockEdges) {
  Texts values;
  Texts expected;
  for (size_t size = 0; size < 70; ++size) {
    for (const std::string& piece : {std::string("x"), std::string("\xc3\xa9"), std::string("\\n")}) {
      values.push_back("\"" + std::string(size, 'a') + piece + "b\"");
      expected.push_back("'" + std::string(size, 'a') + (piece == "\\n" ? "\n" : piece) + "b'");
    }
  }
  EXPECT_EQ(decode_values(TypeKind::string, values), expected);
}

TEST(JsonValues, BadStringsAreRejected) {
  EXPECT_THAT(decode_values(TypeKind::string, {R"("\x41")", R"("\u12")", R"("\ud800")", R"("\udc00")",
                                               R"("\ud800\ud800")", R"("\ud83dx")", R"("\u00zz")", "\"a\nb\"",
                                               "\"a\tb\"", std::string("\"a\0b\"", 5), "\"\\\"", R"("\ud83d\n")"}),
              testing::Each("malformed"));
  EXPECT_THAT(decode_values(TypeKind::string,
                            {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xe2\x82\"", "\"\xf4\x90\x80\x80\"",
                             "\"\x80\"", "\"\xf8\x88\x80\x80\x80\"", "\"" + std::string(40, 'a') + "\xc3\""}),
              testing::Each("invalid_utf8"));
}

TEST(JsonValues, NumbersAreNoStrings) {
  EXPECT_THAT(decode_values(TypeKind::string, {"1", "1.5", "true", "{}", "[]"}), testing::Each("wrong_type"));
}

TEST(JsonValues, DatesAndTimesAreText) {
  EXPECT_THAT(decode_values(TypeKind::date,
                            {"\"2017-11-16\"", "\"1969-12-31\"", "\"0001-01-01\"", "\"9999-12-31\"", "\"2016-02-29\""}),
              ElementsAre("2017-11-16", "1969-12-31", "0001-01-01", "9999-12-31", "2016-02-29"));
  EXPECT_THAT(decode_values(TypeKind::date, {"\"2017-02-29\"", "\"2017-13-01\"", "\"2017-00-10\"", "\"0000-12-31\""}),
              testing::Each("out_of_range"));
  EXPECT_THAT(decode_values(TypeKind::date, {"\"2017-2-9\"", "\"20170209\"", "\"\"", "\"2017-11-16T00:00:00\"",
                                             "\"+2017-11-16\"", "\"292277-01-01\""}),
              testing::Each("bad_format"));
  EXPECT_THAT(decode_values(TypeKind::date, {"17000", "true"}), testing::Each("wrong_type"));
  EXPECT_THAT(decode_values(TypeKind::time, {"\"22:31:08\"", "\"22:31:08.5\"", "\"24:00:00\"", "\"23:59:60\"",
                                             "\"22:31\"", "\"22:31:08.1234567\""}),
              ElementsAre("22:31:08", "22:31:08.500000", "out_of_range", "out_of_range", "bad_format", "inexact"));
}

TEST(JsonValues, InstantsNeedAnOffsetAndLocalTimesMustHaveNone) {
  EXPECT_THAT(decode_values(TypeKind::timestamptz, {"\"2017-11-16T22:31:08Z\"", "\"2017-11-16T22:31:08.123456Z\"",
                                                    "\"2017-11-16t22:31:08+01:00\"", "\"1969-12-31T23:59:59.9z\"",
                                                    "\"2017-11-16 22:31:08-00:30\""}),
              ElementsAre("2017-11-16T22:31:08Z", "2017-11-16T22:31:08.123456Z", "2017-11-16T21:31:08Z",
                          "1969-12-31T23:59:59.900000Z", "2017-11-16T23:01:08Z"));
  EXPECT_THAT(
      decode_values(TypeKind::timestamptz, {"\"2017-11-16T22:31:08\"", "\"2017-11-16\"", "\"2017-11-16T22:31:08+1\"",
                                            "\"2017-11-16T22:31:08ZZ\"", "\"now\""}),
      testing::Each("bad_format"));
  EXPECT_THAT(decode_values(TypeKind::timestamp, {"\"2017-11-16T22:31:08\"", "\"2017-11-16T22:31:08Z\"",
                                                  "\"2017-11-16T22:31:60\"", "\"2017-11-16T22:31:08.1234567\""}),
              ElementsAre("2017-11-16T22:31:08", "bad_format", "out_of_range", "inexact"));
  EXPECT_THAT(decode_values(TypeKind::timestamptz, {"1510871468", "\"2017-11-16T22:31:08.123456789Z\"",
                                                    "\"2016-12-31T23:59:60Z\"", "\"2017-02-30T00:00:00Z\""}),
              ElementsAre("wrong_type", "inexact", "out_of_range", "out_of_range"));
}

TEST(JsonValues, EpochNumbersAreExactToTheMicrosecond) {
  const TypePtr instant = primitive(TypeKind::timestamptz);
  EXPECT_THAT(decode_values(instant, time_format(TimestampFormat::epoch_seconds),
                            {"0", "1510871468", "1510871468.5", "1510871468.123456", "-1", "1.5e9", "-0.000001"}),
              ElementsAre("1970-01-01T00:00:00Z", "2017-11-16T22:31:08Z", "2017-11-16T22:31:08.500000Z",
                          "2017-11-16T22:31:08.123456Z", "1969-12-31T23:59:59Z", "2017-07-14T02:40:00Z",
                          "1969-12-31T23:59:59.999999Z"));
  EXPECT_THAT(decode_values(instant, time_format(TimestampFormat::epoch_millis),
                            {"1510871468123", "1510871468123.456", "253402300799999", "-62135596800000"}),
              ElementsAre("2017-11-16T22:31:08.123000Z", "2017-11-16T22:31:08.123456Z", "9999-12-31T23:59:59.999000Z",
                          "0001-01-01T00:00:00Z"));
  EXPECT_THAT(
      decode_values(primitive(TypeKind::timestamp), time_format(TimestampFormat::epoch_micros),
                    {"1510871468123456", "1", "1.0", "1.5"}),
      ElementsAre("2017-11-16T22:31:08.123456", "1970-01-01T00:00:00.000001", "1970-01-01T00:00:00.000001", "inexact"));
}

TEST(JsonValues, EpochNumbersInTheWrongUnitAreOutOfRange) {
  const TypePtr instant = primitive(TypeKind::timestamptz);
  EXPECT_THAT(decode_values(instant, time_format(TimestampFormat::epoch_seconds),
                            {"1510871468123", "253402300800", "-62167219201", "1e40", "9223372036854775807",
                             "99999999999999999999"}),
              testing::Each("out_of_range"));
  EXPECT_THAT(
      decode_values(instant, time_format(TimestampFormat::epoch_millis), {"253402300800000", "1510871468123456"}),
      testing::Each("out_of_range"));
  EXPECT_THAT(decode_values(instant, time_format(TimestampFormat::epoch_seconds),
                            {"1510871468.1234567", "\"1510871468\"", "true"}),
              ElementsAre("inexact", "wrong_type", "wrong_type"));
}

TEST(JsonValues, UuidsAndBytes) {
  EXPECT_THAT(
      decode_values(TypeKind::uuid, {"\"F79C3E09-677C-4BBD-A479-3F349CB785E7\"", "\"f79c3e09677c4bbda4793f349cb785e7\"",
                                     "\"\"", "\"g79c3e09-677c-4bbd-a479-3f349cb785e7\""}),
      ElementsAre("f79c3e09-677c-4bbd-a479-3f349cb785e7", "bad_format", "bad_format", "bad_format"));
  const TextFormat hex = format_with([](TextFormat& format) { format.binary = BinaryFormat::hex; });
  EXPECT_THAT(decode_values(TypeKind::binary, {"\"\"", "\"AAEC\"", "\"AA==\"", "\"AA=\"", "\"A A=\"", "\"AB==\"", "5"}),
              ElementsAre("", "000102", "00", "bad_format", "bad_format", "bad_format", "wrong_type"));
  EXPECT_THAT(decode_values(primitive(TypeKind::binary), hex, {"\"00fF\"", "\"0\"", "\"xx\""}),
              ElementsAre("00ff", "bad_format", "bad_format"));
  EXPECT_THAT(decode_values(Type::fixed(3), {"\"AAEC\"", "\"AA==\"", "\"AAECAw==\""}),
              ElementsAre("000102", "bad_format", "bad_format"));
  EXPECT_THAT(decode_values(Type::fixed(2), hex, {"\"0001\"", "\"00\""}), ElementsAre("0001", "bad_format"));
}

// Room for a string is made by its own size then, not by that of the event.
TEST(JsonValues, StringsOfALargeEventAreWhole) {
  const DecoderSpec spec{.schema = schema_of({optional_field("s", primitive(TypeKind::string))})};
  std::vector<std::string> events;
  std::vector<std::string> expected;
  for (size_t size = 0; size <= 70; ++size) {
    const std::string text(size, 'x');
    const std::string rest = R"(","z":")" + std::string(10'000, 'z') + R"("})";
    events.push_back(R"({"s":")" + text + rest);
    expected.push_back("s='" + text + "'");
    events.push_back(R"({"s":")" + text + R"(\n)" + text + "\xc3\xa9" + rest);
    expected.push_back("s='" + text + "\n" + text + "\xc3\xa9'");
  }
  EXPECT_EQ(decode_json(spec, events).rows, expected);
  const Outcome bad = decode_json(
      spec, {R"({"s":"\ud800","z":")" + std::string(10'000, 'z') + R"("})", R"({"s":")" + std::string(10'000, 'z')});
  EXPECT_THAT(bad.faults(), ElementsAre("malformed s", "malformed"));
}

TEST(JsonValues, RawJsonKeepsTheTextOfAnyValue) {
  EXPECT_THAT(decode_values(primitive(TypeKind::string), raw_json_format(),
                            {"1.50", "\"a\\u0041\"", "{ \"a\" : [1, 2 ] }", "[]  ", "true", "null",
                             "[{\"a\":1,\"a\":2}]", "[1,]", "[\"\\ud800\"]"}),
              ElementsAre("'1.50'", "'\"a\\u0041\"'", "'{ \"a\" : [1, 2 ] }'", "'[]'", "'true'", "null",
                          "duplicate_key", "malformed", "malformed"));
}

TEST(JsonValues, MessagesSayWhatWasExpectedAndFound) {
  DecoderSpec spec{
      .schema = schema_of({required_field("n", primitive(TypeKind::int64)), optional_field("d", Type::decimal(9, 2))})};
  const Outcome outcome =
      decode_json(spec, {R"({"n":"abc"})", R"({"n":null})", R"({})", R"({"n":1,"d":1.005})",
                         R"({"n":")" + std::string(1000, 'x') + R"("})", "{\"n\":\"\\u0001\xc3\xa9\"}"});
  EXPECT_THAT(
      outcome.rejects,
      ElementsAre("0 wrong_type n: expected long, got the text 'abc'",
                  "1 missing_required n: the value is null, but the column is required",
                  "2 missing_required n: the event has no such field, but the column is required",
                  "3 inexact d: expected decimal(9, 2), got 1.005, which has more than 2 digits after the point",
                  HasSubstr("xxx...'"), "5 wrong_type n: expected long, got the text '\\x01\xc3\xa9'"));
}

}  // namespace
}  // namespace weir::codec

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/tests/decode_fixture.h"

namespace weir::codec {
namespace {

using testing::ElementsAre;

/// What each JSON value becomes in a column of `type`, or the class of its reject.
std::vector<std::string> decode_as(const TypePtr& type, const TextFormat& format,
                                   const std::vector<std::string>& values) {
  DecoderSpec spec{.schema = schema_of({optional_field("v", type)})};
  spec.formats = {format};
  std::vector<std::string> results;
  for (const std::string& value : values) {
    const Outcome outcome = decode_json(spec, {"{\"v\":" + value + "}"});
    results.push_back(outcome.rows.empty() ? std::string(to_string(outcome.decoded.rejects.at(0).reject_class))
                                           : outcome.rows[0].substr(2));
  }
  return results;
}

TextFormat pattern_format(std::string pattern) {
  TextFormat format = time_format(TimestampFormat::pattern);
  format.pattern = std::move(pattern);
  return format;
}

TEST(TextFormats, TimesAreReadByPattern) {
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), pattern_format("%d/%m/%Y %H:%M"),
                        {"\"26/11/2017 22:31\"", "\"31/02/2017 22:31\"", "\"2017-11-26T22:31:00\"", "5", "null"}),
              ElementsAre("2017-11-26T22:31:00", "out_of_range", "bad_format", "wrong_type", "null"));
  EXPECT_THAT(decode_as(primitive(TypeKind::date), pattern_format("%d.%m.%Y"), {"\"26.11.2017\""}),
              ElementsAre("2017-11-26"));
  EXPECT_THAT(decode_as(primitive(TypeKind::time), pattern_format("%I:%M %p"), {"\"10:31 PM\""}),
              ElementsAre("22:31:00"));
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), pattern_format("%d/%b/%Y:%H:%M:%S %z"),
                        {"\"10/Oct/2000:13:55:36 -0700\""}),
              ElementsAre("2000-10-10T20:55:36Z"));
  TextFormat berlin = pattern_format("%F %R");
  berlin.offset_minutes = 60;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), berlin, {"\"2017-11-26 00:31\"", "\"0001-01-01 00:30\""}),
              ElementsAre("2017-11-25T23:31:00Z", "out_of_range"));
}

TEST(TextFormats, WhatIsFinerThanAMicrosecondIsCutOnlyWhereTheColumnSaysSo) {
  TextFormat cut = time_format(TimestampFormat::rfc3339);
  const std::vector<std::string> texts = {"\"2017-11-26T22:31:08.123456789Z\"",
                                          "\"2017-11-26T22:31:08.9999999+01:00\""};
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), cut, texts), ElementsAre("inexact", "inexact"));
  cut.truncate_finer = true;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), cut, texts),
              ElementsAre("2017-11-26T22:31:08.123456Z", "2017-11-26T21:31:08.999999Z"));
  cut.timestamp = TimestampFormat::epoch_nanos;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), cut,
                        {"1511735468123456789", "-1", "-1000", "1.5", "253402300800000000000", "\"1\""}),
              ElementsAre("2017-11-26T22:31:08.123456Z", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z",
                          "inexact", "out_of_range", "wrong_type"));
  cut.truncate_finer = false;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), cut, {"1511735468123456000", "1511735468123456001"}),
              ElementsAre("2017-11-26T22:31:08.123456", "inexact"));
  cut.timestamp = TimestampFormat::epoch_seconds;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), cut, {"1.1234567"}), ElementsAre("inexact"));
  cut.truncate_finer = true;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), cut, {"1.1234567", "-1.1234567", "1.1234567e0"}),
              ElementsAre("1970-01-01T00:00:01.123456", "1969-12-31T23:59:58.876543", "inexact"));
  cut.timestamp = TimestampFormat::epoch_micros;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), cut, {"1.5", "-1.5"}),
              ElementsAre("1970-01-01T00:00:00.000001", "1969-12-31T23:59:59.999998"));
  TextFormat pattern = pattern_format("%F %T.%f");
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), pattern, {"\"2017-11-26 22:31:08.1234567\""}),
              ElementsAre("inexact"));
  pattern.truncate_finer = true;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamp), pattern, {"\"2017-11-26 22:31:08.1234567\""}),
              ElementsAre("2017-11-26T22:31:08.123456"));
}

TEST(TextFormats, DatesMayBeDaysSince1970) {
  EXPECT_THAT(decode_as(primitive(TypeKind::date), time_format(TimestampFormat::epoch_days),
                        {"0", "17496", "-719162", "-719163", "2932897", "1.5", "\"2017-11-26\""}),
              ElementsAre("1970-01-01", "2017-11-26", "0001-01-01", "out_of_range", "out_of_range", "wrong_type",
                          "wrong_type"));
}

TEST(TextFormats, NumbersMayStandInQuotesWhereTheColumnSaysSo) {
  TextFormat text;
  EXPECT_THAT(decode_as(primitive(TypeKind::int64), text, {"\"12\""}), ElementsAre("wrong_type"));
  text.accept_text = true;
  EXPECT_THAT(
      decode_as(primitive(TypeKind::int64), text, {"12", "\"12\"", "\"-3\"", "\"1.5\"", "\"twelve\"", "\"\"", "null"}),
      ElementsAre("12", "12", "-3", "wrong_type", "wrong_type", "wrong_type", "null"));
  EXPECT_THAT(decode_as(primitive(TypeKind::float64), text, {"\"1e3\"", "1.5"}), ElementsAre("1000", "1.5"));
  EXPECT_THAT(decode_as(Type::decimal(9, 2), text, {"\"1.50\""}), ElementsAre("1.50"));
  text.timestamp = TimestampFormat::epoch_millis;
  EXPECT_THAT(decode_as(primitive(TypeKind::timestamptz), text, {"\"1510871468123\""}),
              ElementsAre("2017-11-16T22:31:08.123000Z"));
}

TEST(TextFormats, ACommaMayStandForTheDecimalPoint) {
  TextFormat comma;
  comma.decimal_comma = true;
  EXPECT_THAT(
      decode_as(Type::decimal(9, 2), comma, {"\"1234,50\"", "\"12\"", "1.5", "\"1.234\"", "\"1.234,50\"", "\"1,2,3\""}),
      ElementsAre("1234.50", "12.00", "1.50", "wrong_type", "wrong_type", "wrong_type"));
  DecoderSpec spec{.schema = schema_of(
                       {optional_field("a", primitive(TypeKind::float64)), optional_field("b", Type::decimal(9, 2))})};
  spec.formats = {comma, comma};
  const auto decoder = make_csv_decoder(spec, {.delimiter = ';'});
  const Outcome outcome = decode_with(**decoder, raw_batch({"1,5;2,25", "1;2", "1.5;2", "-0,5;x"}, "a;b"));
  EXPECT_THAT(outcome.rows, ElementsAre("a=1.5 b=2.25", "a=1 b=2.00"));
  EXPECT_THAT(outcome.faults(), ElementsAre("wrong_type a", "wrong_type b"));
}

}  // namespace
}  // namespace weir::codec

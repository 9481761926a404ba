#include "base/time_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::HasSubstr;

/// "2017-11-26T22:31:08 +60", or what went wrong.
std::string read(std::string_view pattern, std::string_view text) {
  const auto compiled = TimePattern::compile(pattern);
  if (!compiled.ok()) return compiled.error().message();
  PatternTime time;
  switch (compiled->parse(text, time)) {
    case TimeParse::malformed: return "malformed";
    case TimeParse::out_of_range: return "out of range";
    case TimeParse::ok: break;
  }
  return format_datetime(time.days * kMicrosPerDay + time.micros) +
         (time.offset_minutes != 0 ? " " + std::to_string(time.offset_minutes) : "") + (time.is_cut ? " cut" : "");
}

TEST(TimePattern, ReadsWhatPeopleWrite) {
  EXPECT_EQ(read("%d/%m/%Y %H:%M", "26/11/2017 22:31"), "2017-11-26T22:31:00");
  EXPECT_EQ(read("%d/%m/%Y %H:%M", "6/1/2017  2:05"), "2017-01-06T02:05:00");
  EXPECT_EQ(read("%m/%d/%y %I:%M %p", "12/01/10 12:26 am"), "2010-12-01T00:26:00");
  EXPECT_EQ(read("%m/%d/%y %I:%M %p", "12/01/69 12:26 PM"), "1969-12-01T12:26:00");
  EXPECT_EQ(read("%Y%m%d%H%M%S", "20171126223108"), "2017-11-26T22:31:08");
  EXPECT_EQ(read("%a, %d %b %Y %H:%M:%S %Z", "Sun, 26 Nov 2017 22:31:08 GMT"), "2017-11-26T22:31:08");
  EXPECT_EQ(read("%A %e %B %Y", "sunday  6 MAY 2017"), "2017-05-06T00:00:00");
  EXPECT_EQ(read("[%d/%b/%Y:%H:%M:%S %z]", "[10/Oct/2000:13:55:36 -0700]"), "2000-10-10T13:55:36 -420");
  EXPECT_EQ(read("%F %T.%f", "2017-11-26 22:31:08.123456789"), "2017-11-26T22:31:08.123456 cut");
  EXPECT_EQ(read("%F %T,%f", "2017-11-26 22:31:08,5"), "2017-11-26T22:31:08.500000");
  EXPECT_EQ(read("%Y.%j", "2016.366"), "2016-12-31T00:00:00");
  EXPECT_EQ(read("%R", "22:31"), "1970-01-01T22:31:00");
  EXPECT_EQ(read("100%% %F", "100% 2017-11-26"), "2017-11-26T00:00:00");
}

TEST(TimePattern, OffsetsHaveFourShapes) {
  for (const char* text :
       {"2017-11-26 22:31Z", "2017-11-26 22:31+00", "2017-11-26 22:31+0000", "2017-11-26 22:31-00:00"})
    EXPECT_EQ(read("%F %R%z", text), "2017-11-26T22:31:00") << text;
  EXPECT_EQ(read("%F %R%z", "2017-11-26 22:31+05:45"), "2017-11-26T22:31:00 345");
  EXPECT_EQ(read("%F %R%z", "2017-11-26 22:31+5"), "malformed");
  EXPECT_EQ(read("%F %R%z", "2017-11-26 22:31+01:"), "malformed");
  EXPECT_EQ(read("%F %R%z", "2017-11-26 22:31+24:00"), "malformed");
}

TEST(TimePattern, WhatDoesNotExistIsOutOfRange) {
  for (const char* text : {"29/02/2017 00:00", "31/04/2017 00:00", "00/01/2017 00:00", "01/13/2017 00:00",
                           "01/00/2017 00:00", "01/01/2017 24:00", "01/01/2017 23:60", "01/01/0000 00:00"})
    EXPECT_EQ(read("%d/%m/%Y %H:%M", text), "out of range") << text;
  EXPECT_EQ(read("%I %p %F", "13 PM 2017-01-01"), "out of range");
  EXPECT_EQ(read("%Y %j", "2017 366"), "out of range");
  EXPECT_EQ(read("%Y %j", "2017 000"), "out of range");
  EXPECT_EQ(read("%F %R%z", "9999-12-31 23:59-01:00"), "out of range");
  EXPECT_EQ(read("%F %R%z", "0001-01-01 00:00+01:00"), "out of range");
}

TEST(TimePattern, AllOfTheTextMustFit) {
  for (const char* text : {"", "26/11/2017", "26/11/2017 22:31 ", "26-11-2017 22:31", "26/11/17 22:31",
                           "x26/11/2017 22:31", "26/11/2017T22:31", "126/11/2017 22:31"})
    EXPECT_EQ(read("%d/%m/%Y %H:%M", text), "malformed") << text;
}

TEST(TimePattern, PatternsThatMakeNoTimeAreRefused) {
  EXPECT_THAT(read("%d/%m", ""), HasSubstr("no whole date"));
  EXPECT_THAT(read("%M:%S", ""), HasSubstr("no hour"));
  EXPECT_THAT(read("%F %I:%M", ""), HasSubstr("needs %p"));
  EXPECT_THAT(read("%F %H %p", ""), HasSubstr("needs %p"));
  EXPECT_THAT(read("%F %Y", ""), HasSubstr("twice"));
  EXPECT_THAT(read("%F %j", ""), HasSubstr("day of the year"));
  EXPECT_THAT(read("%q", ""), HasSubstr("there is no '%q'"));
  EXPECT_THAT(read("%Y-%m-%d %", ""), HasSubstr("single '%'"));
  EXPECT_THAT(read("today", ""), HasSubstr("neither a date nor a time"));
  EXPECT_THAT(read("%F %H:%M.%f", ""), HasSubstr("needs %S"));
}

TEST(TimePattern, TheExampleIsReadByThePattern) {
  for (const char* pattern :
       {"%d/%m/%Y %H:%M", "%a, %d %b %y %I:%M:%S.%f %p %z", "%A %B %e %Y", "%F %T%Z", "%Y-%j", "%D %R"}) {
    const auto compiled = TimePattern::compile(pattern);
    ASSERT_TRUE(compiled.ok()) << pattern;
    PatternTime time;
    EXPECT_EQ(compiled->parse(compiled->example(), time), TimeParse::ok) << compiled->example();
  }
}

}  // namespace
}  // namespace weir

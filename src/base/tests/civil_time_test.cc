#include "base/civil_time.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

int32_t days(std::string_view text) {
  int32_t value = -1;
  EXPECT_EQ(parse_date(text, value), TimeParse::ok) << text;
  return value;
}

int64_t instant(std::string_view text) {
  int64_t value = -1;
  EXPECT_EQ(parse_instant(text, value), TimeParse::ok) << text;
  return value;
}

TimeParse date_outcome(std::string_view text) {
  int32_t value = 0;
  return parse_date(text, value);
}

TimeParse time_outcome(std::string_view text) {
  int64_t value = 0;
  return parse_time(text, value);
}

TimeParse instant_outcome(std::string_view text) {
  int64_t value = 0;
  return parse_instant(text, value);
}

TEST(CivilTime, DaysCountFrom1970) {
  EXPECT_EQ(days("1970-01-01"), 0);
  EXPECT_EQ(days("1969-12-31"), -1);
  EXPECT_EQ(days("2017-11-16"), 17486);
  EXPECT_EQ(days("0001-01-01"), -719'162);
  EXPECT_EQ(days("9999-12-31"), kDayEnd - 1);
  EXPECT_EQ(days("9999-12-31"), 2'932'896);
}

TEST(CivilTime, EveryDayOfTenThousandYearsGoesThereAndBack) {
  CivilDate expected{-9999, 1, 1};
  for (int32_t day = days_from_civil(expected); day <= days_from_civil({9999, 12, 31}); ++day) {
    const CivilDate date = civil_from_days(day);
    ASSERT_EQ(days_from_civil(date), day);
    const bool next_day = date.year == expected.year && date.month == expected.month && date.day == expected.day;
    const bool next_month = date.day == 1 && ((date.year == expected.year && date.month == expected.month + 1) ||
                                              (date.year == expected.year + 1 && date.month == 1));
    ASSERT_TRUE(next_day || next_month) << day;
    expected = {date.year, date.month, date.day + 1};
  }
}

TEST(CivilTime, FebruaryHasItsDays) {
  EXPECT_EQ(date_outcome("2016-02-29"), TimeParse::ok);
  EXPECT_EQ(date_outcome("2000-02-29"), TimeParse::ok);
  EXPECT_EQ(date_outcome("1900-02-29"), TimeParse::out_of_range);
  EXPECT_EQ(date_outcome("2017-02-29"), TimeParse::out_of_range);
}

TEST(CivilTime, DatesHaveOneShape) {
  for (const char* text : {"", "2017-1-16", "2017-11-1", "17-11-16", "12017-11-16", "2017/11/16", "2017-11-16 ",
                           " 2017-11-16", "2017-11-16T", "-017-11-16", "2017-11-1x"}) {
    EXPECT_EQ(date_outcome(text), TimeParse::malformed) << text;
  }
  for (const char* text : {"2017-00-01", "2017-13-01", "2017-01-00", "2017-01-32", "2017-04-31"})
    EXPECT_EQ(date_outcome(text), TimeParse::out_of_range) << text;
}

TEST(CivilTime, TimesHaveAtMostSixFractionDigits) {
  int64_t micros = 0;
  EXPECT_EQ(parse_time("22:31:08.123456", micros), TimeParse::ok);
  EXPECT_EQ(micros, 81'068'123'456);
  EXPECT_EQ(parse_time("00:00:00.5", micros), TimeParse::ok);
  EXPECT_EQ(micros, 500'000);
  EXPECT_EQ(parse_time("23:59:59", micros), TimeParse::ok);
  EXPECT_EQ(micros, kMicrosPerDay - kMicrosPerSecond);
  for (const char* text : {"22:31", "22:31:8", "22:31:08.", "22:31:08.1234567", "22:31:08Z", "2:31:08", "22-31-08", ""})
    EXPECT_EQ(time_outcome(text), TimeParse::malformed) << text;
  for (const char* text : {"24:00:00", "22:60:00", "22:31:60"})
    EXPECT_EQ(time_outcome(text), TimeParse::out_of_range) << text;
}

TEST(CivilTime, InstantsAreShiftedByTheirOffset) {
  EXPECT_EQ(instant("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(instant("2017-11-16T22:31:08.000001Z"), 1'510'871'468'000'001);
  EXPECT_EQ(instant("2017-11-16T23:31:08+01:00"), instant("2017-11-16T22:31:08Z"));
  EXPECT_EQ(instant("2017-11-16 22:01:08-00:30"), instant("2017-11-16T22:31:08z"));
  EXPECT_EQ(instant("1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(instant("0001-01-01t00:00:00Z"), -719'162 * kMicrosPerDay);
}

TEST(CivilTime, OffsetsMayLackTheColonAndTheMinutes) {
  EXPECT_EQ(instant("2017-11-16T23:31:08+0100"), instant("2017-11-16T22:31:08Z"));
  EXPECT_EQ(instant("2017-11-16T22:01:08-0030"), instant("2017-11-16T22:31:08Z"));
  EXPECT_EQ(instant("2017-11-16T23:31:08.5+01"), instant("2017-11-16T22:31:08.5Z"));
}

TEST(CivilTime, ZerosAfterTheSixthFractionDigitLoseNothing) {
  EXPECT_EQ(instant("2020-01-01T00:00:00.1234560Z"), instant("2020-01-01T00:00:00.123456Z"));
  EXPECT_EQ(instant("2020-01-01T00:00:00.123456000+01:00"), instant("2020-01-01T00:00:00.123456+01:00"));
  EXPECT_EQ(instant("2020-01-01T00:00:00.000000000000Z"), instant("2020-01-01T00:00:00Z"));
  for (const char* text :
       {"2020-01-01T00:00:00.1234567Z", "2020-01-01T00:00:00.1234560001Z", "2020-01-01T00:00:00.0000000"})
    EXPECT_EQ(instant_outcome(text), TimeParse::malformed) << text;
}

TEST(CivilTime, AnOffsetDoesNotLeadOutOfTheYears) {
  EXPECT_EQ(instant("0001-01-01T00:00:00Z"), kInstantMin);
  EXPECT_EQ(instant("9999-12-31T23:59:59.999999Z"), kInstantEnd - 1);
  EXPECT_EQ(instant("0001-01-01T01:00:00+01:00"), kInstantMin);
  EXPECT_EQ(instant_outcome("0001-01-01T00:59:59.999999+01:00"), TimeParse::out_of_range);
  EXPECT_EQ(instant_outcome("9999-12-31T23:59:59-01:00"), TimeParse::out_of_range);
  EXPECT_EQ(kInstantMin, days_from_civil({1, 1, 1}) * kMicrosPerDay);
  EXPECT_EQ(kInstantEnd, days_from_civil({10'000, 1, 1}) * kMicrosPerDay);
}

TEST(CivilTime, InstantsNeedAnOffsetLocalTimesMustHaveNone) {
  for (const char* text :
       {"2017-11-16T22:31:08", "2017-11-16T22:31:08+1", "2017-11-16T22:31:08+01:", "2017-11-16T22:31:08+010",
        "2017-11-16T22:31:08 Z", "2017-11-16_22:31:08Z", "2017-11-16T22:31Z", "2017-11-16T22:31:08ZZ"}) {
    EXPECT_EQ(instant_outcome(text), TimeParse::malformed) << text;
  }
  EXPECT_EQ(instant_outcome("2017-11-16T22:31:08+24:00"), TimeParse::out_of_range);
  EXPECT_EQ(instant_outcome("2016-12-31T23:59:60Z"), TimeParse::out_of_range);
  int64_t micros = 0;
  EXPECT_EQ(parse_local_datetime("2017-11-16T22:31:08.5", micros), TimeParse::ok);
  EXPECT_EQ(micros, 1'510'871'468'500'000);
  EXPECT_EQ(parse_local_datetime("2017-11-16T22:31:08Z", micros), TimeParse::malformed);
}

TEST(CivilTime, FormatsAreReadBack) {
  EXPECT_EQ(format_date(17486), "2017-11-16");
  EXPECT_EQ(format_date(-719'528), "0000-01-01");
  EXPECT_EQ(format_time(81'068'123'456), "22:31:08.123456");
  EXPECT_EQ(format_time(0), "00:00:00");
  EXPECT_EQ(format_datetime(-1), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(format_datetime(1'510'871'468'000'000), "2017-11-16T22:31:08");
  for (int64_t micros : {int64_t{-62'135'596'800'000'000}, int64_t{-1}, int64_t{0}, int64_t{253'402'300'799'999'999}}) {
    EXPECT_EQ(instant(format_datetime(micros) + "Z"), micros);
  }
}

}  // namespace
}  // namespace weir

/// \file
/// Days, times and instants to and from text: proleptic Gregorian calendar, no time zone database, no leap seconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
/// The days of the years 0001 to 9999, the end not included: what every reader of a table has (Python has no year 0).
inline constexpr int32_t kDayMin = -719'162;
inline constexpr int32_t kDayEnd = 2'932'897;
/// The instants of those days, the end not included.
inline constexpr int64_t kInstantMin = kDayMin * kMicrosPerDay;
inline constexpr int64_t kInstantEnd = kDayEnd * kMicrosPerDay;

inline constexpr int64_t kMicrosPerMilli = 1000;

/// True when a count of milliseconds since 1970 lies in the years 1 to 9999.
constexpr bool is_storable_ms(int64_t ms) {
  return ms >= kInstantMin / kMicrosPerMilli && ms < kInstantEnd / kMicrosPerMilli;
}

/// The quotient rounded down, so that times before 1970 fall into the right day. `b` > 0.
constexpr int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

struct CivilDate {
  int32_t year;
  int32_t month;  ///< 1..12
  int32_t day;    ///< 1..31
};

/// Days since 1970-01-01. Valid for every year of int32 that Weir accepts (-9999..9999).
int32_t days_from_civil(CivilDate date);
CivilDate civil_from_days(int32_t days);

/// What became of parsing a time: ok, or which rule was broken, so that rejects carry a stable reason.
enum class TimeParse { ok, malformed, out_of_range };

/// "2017-11-16": exactly four-digit year 0001..9999, existing day.
TimeParse parse_date(std::string_view text, int32_t& days);

/// "22:31:08" or "22:31:08.123456": microseconds of the day; fraction digits after the sixth must be zeros, else the
/// text is malformed (they would be lost).
TimeParse parse_time(std::string_view text, int64_t& micros);

/// RFC 3339 instant, "2017-11-16T22:31:08.123456Z" or with "+01:00", "+0100", "+01"; ' ' and lower-case 't', 'z' are
/// accepted in place of 'T', 'Z'. Microseconds since the epoch, in kInstantMin .. kInstantEnd with the offset taken
/// off, else out_of_range. An offset is required. Second 60 is out of range.
TimeParse parse_instant(std::string_view text, int64_t& micros);

/// As parse_instant, but without an offset: a local date and time.
TimeParse parse_local_datetime(std::string_view text, int64_t& micros);

std::string format_date(int32_t days);
/// "22:31:08.123456", without trailing zero microseconds ("22:31:08").
std::string format_time(int64_t micros);
/// "2017-11-16T22:31:08.123456", fraction only when not zero; no offset.
std::string format_datetime(int64_t micros);

}  // namespace weir

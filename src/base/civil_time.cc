#include "base/civil_time.h"

#include <cstdio>

namespace weir {
namespace {

/// Takes characters off the front of a text; every taker returns false when the text does not have what it wants.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  bool digits(int count, int32_t& value) {
    if (end_ - p_ < count) return false;
    value = 0;
    for (int i = 0; i < count; ++i) {
      const unsigned digit = static_cast<unsigned char>(p_[i]) - '0';
      if (digit > 9) return false;
      value = value * 10 + static_cast<int32_t>(digit);
    }
    p_ += count;
    return true;
  }
  bool one(char c) {
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  bool one_of(char a, char b, char c) { return one(a) || one(b) || one(c); }
  bool at_end() const { return p_ == end_; }
  bool next_is_digit() const { return p_ != end_ && *p_ >= '0' && *p_ <= '9'; }

 private:
  const char* p_;
  const char* end_;
};

bool is_leap(int32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int32_t days_in_month(int32_t year, int32_t month) {
  static constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

TimeParse scan_date(Scanner& in, int32_t& days) {
  CivilDate date{};
  if (!in.digits(4, date.year) || !in.one('-') || !in.digits(2, date.month) || !in.one('-') || !in.digits(2, date.day))
    return TimeParse::malformed;
  if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > days_in_month(date.year, date.month))
    return TimeParse::out_of_range;
  days = days_from_civil(date);
  return TimeParse::ok;
}

bool scan_fraction(Scanner& in, int64_t& micros) {
  int64_t scale = 100'000;
  int32_t digit = 0;
  if (!in.next_is_digit()) return false;
  while (in.next_is_digit()) {
    in.digits(1, digit);
    if (scale == 0 && digit != 0) return false;
    micros += digit * scale;
    scale /= 10;
  }
  return true;
}

TimeParse scan_time(Scanner& in, int64_t& micros) {
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  if (!in.digits(2, hour) || !in.one(':') || !in.digits(2, minute) || !in.one(':') || !in.digits(2, second))
    return TimeParse::malformed;
  if (hour > 23 || minute > 59 || second > 59) return TimeParse::out_of_range;
  micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
  if (in.one('.') && !scan_fraction(in, micros)) return TimeParse::malformed;
  return TimeParse::ok;
}

TimeParse scan_offset(Scanner& in, int64_t& micros) {
  if (in.one('Z') || in.one('z')) return TimeParse::ok;
  const bool east = in.one('+');
  if (!east && !in.one('-')) return TimeParse::malformed;
  int32_t hour = 0;
  int32_t minute = 0;
  if (!in.digits(2, hour)) return TimeParse::malformed;
  // "+0100" and "+01" are ISO 8601's; "+01:00" is RFC 3339's.
  if ((in.one(':') || in.next_is_digit()) && !in.digits(2, minute)) return TimeParse::malformed;
  if (hour > 23 || minute > 59) return TimeParse::out_of_range;
  const int64_t offset = (hour * 60 + minute) * 60 * kMicrosPerSecond;
  micros += east ? -offset : offset;
  return micros >= kInstantMin && micros < kInstantEnd ? TimeParse::ok : TimeParse::out_of_range;
}

TimeParse scan_datetime(Scanner& in, int64_t& micros) {
  int32_t days = 0;
  int64_t of_day = 0;
  if (const TimeParse outcome = scan_date(in, days); outcome != TimeParse::ok) return outcome;
  if (!in.one_of('T', ' ', 't')) return TimeParse::malformed;
  if (const TimeParse outcome = scan_time(in, of_day); outcome != TimeParse::ok) return outcome;
  micros = days * kMicrosPerDay + of_day;
  return TimeParse::ok;
}

TimeParse at_end(const Scanner& in, TimeParse outcome) {
  return outcome == TimeParse::ok && !in.at_end() ? TimeParse::malformed : outcome;
}

}  // namespace

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int32_t days_from_civil(CivilDate date) {
  const int32_t y = date.year - (date.month <= 2 ? 1 : 0);
  const int32_t era = (y >= 0 ? y : y - 399) / 400;
  const int32_t year_of_era = y - era * 400;
  const int32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_from_days(int32_t days) {
  const int64_t z = static_cast<int64_t>(days) + 719'468;
  const int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const auto day_of_era = static_cast<int32_t>(z - era * 146'097);
  const int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int32_t shifted_month = (5 * day_of_year + 2) / 153;
  const int32_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const int32_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
  return {static_cast<int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month, day};
}

TimeParse parse_date(std::string_view text, int32_t& days) {
  Scanner in(text);
  const TimeParse outcome = scan_date(in, days);
  return at_end(in, outcome);
}

TimeParse parse_time(std::string_view text, int64_t& micros) {
  Scanner in(text);
  const TimeParse outcome = scan_time(in, micros);
  return at_end(in, outcome);
}

TimeParse parse_instant(std::string_view text, int64_t& micros) {
  Scanner in(text);
  TimeParse outcome = scan_datetime(in, micros);
  if (outcome == TimeParse::ok) outcome = scan_offset(in, micros);
  return at_end(in, outcome);
}

TimeParse parse_local_datetime(std::string_view text, int64_t& micros) {
  Scanner in(text);
  const TimeParse outcome = scan_datetime(in, micros);
  return at_end(in, outcome);
}

std::string format_date(int32_t days) {
  const CivilDate date = civil_from_days(days);
  char text[32];
  const int n = std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return std::string(text, static_cast<size_t>(n));
}

std::string format_time(int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  const int64_t fraction = micros % kMicrosPerSecond;
  char text[40];
  int n = std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(seconds / 3600),
                        static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  if (fraction != 0)
    n += std::snprintf(text + n, sizeof text - static_cast<size_t>(n), ".%06d", static_cast<int>(fraction));
  return std::string(text, static_cast<size_t>(n));
}

std::string format_datetime(int64_t micros) {
  const int64_t of_day = (micros % kMicrosPerDay + kMicrosPerDay) % kMicrosPerDay;
  return format_date(static_cast<int32_t>(floor_divide(micros, kMicrosPerDay))) + "T" + format_time(of_day);
}

}  // namespace weir

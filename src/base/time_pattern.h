/// \file
/// Dates and times in a shape that a pattern describes: a subset of strptime, with English names whatever the locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/civil_time.h"
#include "base/result.h"

namespace weir {

/// What a pattern can read.
struct TimePatternParts {
  bool date = false;    ///< a whole date: year, month and day, or year and day of the year
  bool time = false;    ///< an hour at least
  bool offset = false;  ///< %z or %Z
};

/// What was read. Days and microseconds are local where there is an offset: instant = days, micros - offset.
struct PatternTime {
  int32_t days = 0;            ///< since 1970-01-01; 0 without a date
  int64_t micros = 0;          ///< of the day
  bool is_cut = false;         ///< digits after the sixth of a fraction were not zeros, and are not in `micros`
  int32_t offset_minutes = 0;  ///< east of UTC
};

/// A compiled pattern. Immutable, thread-safe.
///
/// Directives: %Y (four digits), %y (69 to 99: 19.., 00 to 68: 20..), %m %d %e %H %I %M %S (one or two digits), %j, %p,
/// %b %B %h (a month's name, short or long), %a %A (a weekday's name, read and not compared), %f (1 to 9 digits of a
/// second's fraction), %z (Z, +01, +0100, +01:00), %Z (UTC, GMT or Z), %F %T %R %D as in strptime, %%. A blank stands
/// for one or more blanks; everything else for itself. Names are read without regard to case.
class TimePattern {
 public:
  /// Errors: invalid_argument for a directive that is unknown or contradicts another (two years, %p without %I, %H with
  /// %I, a month without a year ...), and for a pattern without any.
  static Result<TimePattern> compile(std::string_view pattern);

  const TimePatternParts& parts() const { return parts_; }

  /// Reads all of `text`. malformed: not as the pattern is; out_of_range: a date or time that does not exist, or an
  /// instant outside of the years 1 to 9999.
  TimeParse parse(std::string_view text, PatternTime& time) const;

  /// A moment written as the pattern has it, for messages ("31/12/2017 22:31").
  const std::string& example() const { return example_; }

 private:
  struct Item {
    char directive;  ///< 0: `literal`; ' ': blanks
    char literal = 0;
  };
  Result<void> check();

  std::vector<Item> items_;
  TimePatternParts parts_;
  std::string example_;
};

}  // namespace weir

#include "base/time_pattern.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};
constexpr size_t kShortName = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_with_word(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

/// The directives that one stands for.
std::string_view expand(char directive) {
  switch (directive) {
    case 'F': return "%Y-%m-%d";
    case 'T': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'D': return "%m/%d/%y";
    default: return {};
  }
}

std::string_view example_of(char directive) {
  switch (directive) {
    case 'Y': return "2017";
    case 'y': return "17";
    case 'm': return "11";
    case 'd':
    case 'e': return "26";
    case 'H': return "22";
    case 'I': return "10";
    case 'M': return "31";
    case 'S': return "08";
    case 'f': return "123456";
    case 'j': return "330";
    case 'p': return "PM";
    case 'b':
    case 'h': return "Nov";
    case 'B': return "November";
    case 'a': return "Sun";
    case 'A': return "Sunday";
    case 'z': return "+01:00";
    case 'Z': return "UTC";
    default: return "%";
  }
}

/// What the text has said so far; -1: nothing.
struct Fields {
  int32_t year = -1;
  int32_t month = -1;
  int32_t day = -1;
  int32_t day_of_year = -1;
  int32_t hour = -1;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t half = -1;  ///< 0 AM, 1 PM
  int64_t fraction_us = 0;
};

/// Takes what directives want off the front of a text; false when it is not there.
class PatternScanner {
 public:
  explicit PatternScanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool blanks() {
    const size_t end = std::min(rest_.find_first_not_of(" \t"), rest_.size());
    rest_.remove_prefix(end);
    return end > 0;
  }
  bool number(size_t digits_min, size_t digits_max, int32_t& value) {
    size_t count = 0;
    value = 0;
    for (; count < digits_max && count < rest_.size() && is_digit(rest_[count]); ++count)
      value = value * 10 + (rest_[count] - '0');
    rest_.remove_prefix(count);
    return count >= digits_min;
  }
  template <size_t N>
  bool name(const std::array<std::string_view, N>& names, int32_t& index) {
    for (size_t i = 0; i < N; ++i) {
      const size_t size = starts_with_word(rest_, names[i])                         ? names[i].size()
                          : starts_with_word(rest_, names[i].substr(0, kShortName)) ? kShortName
                                                                                    : 0;
      if (size == 0) continue;
      rest_.remove_prefix(size);
      index = static_cast<int32_t>(i);
      return true;
    }
    return false;
  }
  bool word(std::string_view lower) {
    if (!starts_with_word(rest_, lower)) return false;
    rest_.remove_prefix(lower.size());
    return true;
  }
  bool fraction(int64_t& micros, bool& is_cut) {
    size_t count = 0;
    int64_t scale = 100'000;
    for (; count < 9 && count < rest_.size() && is_digit(rest_[count]); ++count) {
      const int64_t digit = rest_[count] - '0';
      micros += digit * scale;
      is_cut = is_cut || (scale == 0 && digit != 0);
      scale /= 10;
    }
    rest_.remove_prefix(count);
    return count > 0;
  }
  /// "Z", "+01", "+0100", "+01:00".
  bool offset(int32_t& minutes) {
    if (word("z")) return true;
    const bool west = literal('-');
    if (!west && !literal('+')) return false;
    int32_t hour = 0;
    int32_t minute = 0;
    if (!number(2, 2, hour)) return false;
    if (literal(':') ? !number(2, 2, minute) : (!rest_.empty() && is_digit(rest_.front()) && !number(2, 2, minute)))
      return false;
    if (hour > 23 || minute > 59) return false;
    minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return true;
  }

 private:
  std::string_view rest_;
};

bool take(PatternScanner& in, char directive, Fields& fields, PatternTime& time) {
  int32_t unused = 0;
  switch (directive) {
    case 'Y': return in.number(4, 4, fields.year);
    case 'y':
      if (!in.number(2, 2, fields.year)) return false;
      fields.year += fields.year < 69 ? 2000 : 1900;
      return true;
    case 'm': return in.number(1, 2, fields.month);
    case 'b': return in.name(kMonths, fields.month) && ++fields.month > 0;
    case 'e': in.blanks(); return in.number(1, 2, fields.day);
    case 'd': return in.number(1, 2, fields.day);
    case 'j': return in.number(1, 3, fields.day_of_year);
    case 'H':
    case 'I': return in.number(1, 2, fields.hour);
    case 'M': return in.number(1, 2, fields.minute);
    case 'S': return in.number(1, 2, fields.second);
    case 'f': return in.fraction(fields.fraction_us, time.is_cut);
    case 'a': return in.name(kDays, unused);
    case 'p': fields.half = in.word("am") ? 0 : in.word("pm") ? 1 : -1; return fields.half >= 0;
    case 'z': return in.offset(time.offset_minutes);
    default: return in.word("utc") || in.word("gmt") || in.word("z");
  }
}

TimeParse put_together(const Fields& fields, const TimePatternParts& parts, PatternTime& time) {
  int32_t hour = std::max(fields.hour, 0);
  if (fields.half >= 0) {
    if (hour < 1 || hour > 12) return TimeParse::out_of_range;
    hour = hour % 12 + fields.half * 12;
  }
  if (hour > 23 || fields.minute > 59 || fields.second > 59) return TimeParse::out_of_range;
  time.micros = ((hour * 60 + fields.minute) * 60 + fields.second) * kMicrosPerSecond + fields.fraction_us;
  if (!parts.date) return TimeParse::ok;
  const bool by_day_of_year = fields.day_of_year >= 0;
  const CivilDate date{
      .year = fields.year, .month = by_day_of_year ? 1 : fields.month, .day = by_day_of_year ? 1 : fields.day};
  if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1) return TimeParse::out_of_range;
  time.days = days_from_civil(date) + (by_day_of_year ? fields.day_of_year - 1 : 0);
  const CivilDate back = civil_from_days(time.days);  // a day that does not exist comes back as another
  const bool exists = by_day_of_year ? fields.day_of_year > 0 && back.year == date.year
                                     : back.month == date.month && back.day == date.day;
  if (!exists) return TimeParse::out_of_range;
  const int64_t instant =
      time.days * kMicrosPerDay + time.micros - time.offset_minutes * int64_t{60} * kMicrosPerSecond;
  return instant >= kInstantMin && instant < kInstantEnd ? TimeParse::ok : TimeParse::out_of_range;
}

Error wrong(std::string_view what) {
  return Error(ErrorKind::invalid_argument, std::string(what));
}

}  // namespace

Result<TimePattern> TimePattern::compile(std::string_view pattern) {
  constexpr std::string_view kKnown = "YymdeHIMSfjpbBhaAzZFTRD%";
  TimePattern compiled;
  std::string text(pattern);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') {
      if (compiled.items_.empty() || compiled.items_.back().directive != ' ')
        compiled.items_.push_back({.directive = ' '});
      continue;
    }
    if (text[i] != '%') {
      compiled.items_.push_back({.directive = '\0', .literal = text[i]});
      continue;
    }
    const char directive = i + 1 < text.size() ? text[i + 1] : '\0';
    if (directive == '\0') return wrong("the pattern ends in a single '%'");
    if (kKnown.find(directive) == std::string_view::npos) {
      return wrong(
          std::string("there is no '%") + directive +
          "' in a pattern; there are %Y %y %m %d %e %j %b %B %a %A %H %I %p %M %S %f %z %Z %F %T %R %D and %%");
    }
    if (const std::string_view more = expand(directive); !more.empty()) {
      text.replace(i, 2, more);
      --i;
      continue;
    }
    ++i;
    const char plain = directive == 'B' || directive == 'h' ? 'b' : directive == 'A' ? 'a' : directive;
    if (directive == '%')
      compiled.items_.push_back({.directive = '\0', .literal = '%'});
    else
      compiled.items_.push_back({.directive = plain});
  }
  WEIR_TRY(compiled.check());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%')
      compiled.example_ += example_of(text[++i]);
    else
      compiled.example_ += text[i];
  }
  return compiled;
}

/// That the directives make up whole dates and times, each part said once.
Result<void> TimePattern::check() {
  const auto count = [&](std::string_view directives) {
    return std::count_if(items_.begin(), items_.end(), [&](const Item& item) {
      return item.directive != '\0' && directives.find(item.directive) != std::string_view::npos;
    });
  };
  for (const std::string_view same : {"Yy", "mb", "de", "j", "HI", "M", "S", "f", "p", "zZ"}) {
    if (count(same) > 1) return wrong("the pattern reads the same part twice: %" + std::string(1, same.back()));
  }
  const bool year = count("Yy") > 0;
  const bool month_and_day = count("mb") > 0 && count("de") > 0;
  parts_ = {.date = year && (month_and_day || count("j") > 0), .time = count("HI") > 0, .offset = count("zZ") > 0};
  if (!parts_.date && count("Yymbdeja") > 0)
    return wrong("the pattern has no whole date: year (%Y), month (%m or %b) and day (%d), or year and %j");
  if (count("j") > 0 && count("mbde") > 0) return wrong("%j is the day of the year; remove %j, or month and day");
  if (!parts_.time && count("MSfp") > 0)
    return wrong("the pattern has minutes or seconds but no hour (%H, or %I and %p)");
  if (count("I") != count("p")) return wrong("%I (hour 1 to 12) needs %p (AM or PM), and %p needs %I");
  if (count("f") > 0 && count("S") == 0) return wrong("%f is the fraction of a second and needs %S");
  if (!parts_.date && !parts_.time) return wrong("the pattern reads neither a date nor a time");
  return {};
}

TimeParse TimePattern::parse(std::string_view text, PatternTime& time) const {
  PatternScanner in(text);
  Fields fields;
  time = {};
  for (const Item& item : items_) {
    const bool is_there = item.directive == '\0'  ? in.literal(item.literal)
                          : item.directive == ' ' ? in.blanks()
                                                  : take(in, item.directive, fields, time);
    if (!is_there) return TimeParse::malformed;
  }
  return in.at_end() ? put_together(fields, parts_, time) : TimeParse::malformed;
}

}  // namespace weir

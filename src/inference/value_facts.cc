#include "inference/value_facts.h"

#include <algorithm>

#include "base/civil_time.h"

namespace weir::inference {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

/// "3/4/2026", "03.04.2026 12:00": a day and a month that nobody can tell apart, or that need a pattern.
bool is_ambiguous_date(std::string_view text) {
  size_t at = 0;
  for (int part = 0; part < 2; ++part) {
    const size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    if (at == begin || at - begin > 2 || at == text.size()) return false;
    if (text[at] != '/' && text[at] != '.' && text[at] != '-') return false;
    ++at;
  }
  const size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at - begin == 4 || at - begin == 2;
}

}  // namespace

ValueFacts* ValueFacts::member(std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.name == name; });
  if (found != members.end()) return found->facts.get();
  if (members.size() >= kMembersMax) return nullptr;
  members.push_back({.name = std::string(name), .facts = std::make_unique<ValueFacts>()});
  return members.back().facts.get();
}

void ValueFacts::add_number(std::string_view literal) {
  if (!literal.empty() && (literal[0] == '-' || literal[0] == '+')) literal.remove_prefix(1);
  const size_t exponent = literal.find_first_of("eE");
  const std::string_view mantissa = literal.substr(0, exponent);
  const size_t point = mantissa.find('.');
  const auto digits = static_cast<int>(std::min(mantissa.size(), point));
  digits_max = std::max(digits_max, digits);
  if (exponent == std::string_view::npos && point == std::string_view::npos) {
    ++integers;
    beyond_long = beyond_long || digits > 19 || (digits == 19 && mantissa > "9223372036854775807");
    has_leading_zero = has_leading_zero || (digits > 1 && mantissa[0] == '0');
    return;
  }
  ++reals;
  has_leading_zero = has_leading_zero || (digits > 1 && mantissa[0] == '0');
  has_exponent = has_exponent || exponent != std::string_view::npos;
  const int scale = point == std::string_view::npos ? 0 : static_cast<int>(mantissa.size() - point) - 1;
  scale_min = scale_min < 0 ? scale : std::min(scale_min, scale);
  scale_max = std::max(scale_max, scale);
}

void ValueFacts::add_text(std::string_view text) {
  ++texts;
  if (text.empty()) ++empty_texts;
  int32_t days = 0;
  int64_t micros = 0;
  if (text.size() == 10 && parse_date(text, days) == TimeParse::ok)
    ++dates;
  else if (text.size() >= 20 && parse_instant(text, micros) == TimeParse::ok)
    ++instants;
  else if (text.size() >= 16 && parse_local_datetime(text, micros) == TimeParse::ok)
    ++local_times;
  else if (is_uuid(text))
    ++uuids;
  else if (is_ambiguous_date(text))
    ++ambiguous_dates;
}

}  // namespace weir::inference

#include <charconv>
#include <limits>

#include "codec/text/number_text_internal.h"

namespace weir::codec {
namespace {

size_t count_digits(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  return n;
}

/// Drops a well-formed integer part, "-" included; false when there is none.
bool take_integer_part(std::string_view& text) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const size_t digits = count_digits(text);
  if (digits == 0 || (digits > 1 && text.front() == '0')) return false;
  text.remove_prefix(digits);
  return true;
}

/// True when the number `text`, which is not zero, is smaller than one: the decimal place of its first non-zero digit
/// is below the point.
bool is_tiny(std::string_view text) {
  const size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (digits.front() == '+') digits.remove_prefix(1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (parsed.ec != std::errc()) return digits.front() == '-';
  }
  const size_t first = mantissa.find_first_of("123456789");
  const size_t point = mantissa.find('.');
  if (first == std::string_view::npos) return true;
  const auto units = static_cast<int64_t>(point == std::string_view::npos ? mantissa.size() : point);
  const auto place = units - static_cast<int64_t>(first);
  return exponent < -place;
}

template <typename T>
NumberParse parse_floating(std::string_view text, T& value) {
  if (!is_json_number(text)) return NumberParse::malformed;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc()) {
    if (value > std::numeric_limits<T>::max() || value < std::numeric_limits<T>::lowest())
      return NumberParse::out_of_range;
    return NumberParse::ok;
  }
  if (!is_tiny(text)) return NumberParse::out_of_range;
  value = text.front() == '-' ? -T{0} : T{0};
  return NumberParse::ok;
}

template <typename T>
NumberParse parse_integer(std::string_view text, T& value) {
  std::string_view rest = text;
  if (!take_integer_part(rest)) return NumberParse::malformed;
  if (!rest.empty()) return is_json_number(text) ? NumberParse::not_integer : NumberParse::malformed;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() ? NumberParse::ok : NumberParse::out_of_range;
}

}  // namespace

bool is_json_number(std::string_view text) {
  if (!take_integer_part(text)) return false;
  if (!text.empty() && text.front() == '.') {
    const size_t digits = count_digits(text.substr(1));
    if (digits == 0) return false;
    text.remove_prefix(1 + digits);
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    const size_t digits = count_digits(text);
    if (digits == 0) return false;
    text.remove_prefix(digits);
  }
  return text.empty();
}

NumberParse parse_int64(std::string_view text, int64_t& value) {
  return parse_integer(text, value);
}
NumberParse parse_int32(std::string_view text, int32_t& value) {
  return parse_integer(text, value);
}
NumberParse parse_float64(std::string_view text, double& value) {
  return parse_floating(text, value);
}
NumberParse parse_float32(std::string_view text, float& value) {
  return parse_floating(text, value);
}

}  // namespace weir::codec

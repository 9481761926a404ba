#include "base/decimal.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

constexpr std::array<Int128, kDecimalPrecisionMax + 1> make_powers() {
  std::array<Int128, kDecimalPrecisionMax + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}

constexpr auto kPowers = make_powers();
constexpr int64_t kExponentMax = 100'000;  // far above any decimal; keeps the sum of exponents from overflowing

/// The pieces of a JSON number: sign, digits before and after the point, exponent.
struct NumberText {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int64_t exponent = 0;
};

std::string_view take_digits(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_exponent(std::string_view& text, int64_t& exponent) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const std::string_view digits = take_digits(text);
  if (digits.empty()) return false;
  for (const char c : digits) exponent = std::min(kExponentMax, exponent * 10 + (c - '0'));
  if (negative) exponent = -exponent;
  return true;
}

bool split_number(std::string_view text, NumberText& number) {
  number.negative = take(text, '-');
  number.integer = take_digits(text);
  if (number.integer.empty() || (number.integer.size() > 1 && number.integer.front() == '0')) return false;
  if (take(text, '.')) {
    number.fraction = take_digits(text);
    if (number.fraction.empty()) return false;
  }
  if ((take(text, 'e') || take(text, 'E')) && !take_exponent(text, number.exponent)) return false;
  return text.empty();
}

}  // namespace

Int128 power_of_ten(int exponent) {
  return kPowers[static_cast<size_t>(exponent)];
}

DecimalParse parse_decimal(std::string_view text, int precision, int scale, Int128& unscaled) {
  NumberText number;
  if (!split_number(text, number)) return DecimalParse::malformed;
  const auto digit_count = static_cast<int64_t>(number.integer.size() + number.fraction.size());
  // The digit at index i stands for 10^(place - i); after scaling, places below 0 must be zero.
  const int64_t first_place = static_cast<int64_t>(number.integer.size()) - 1 + number.exponent + scale;
  UInt128 value = 0;
  for (int64_t i = 0; i < digit_count; ++i) {
    const auto at = static_cast<size_t>(i);
    const char c = at < number.integer.size() ? number.integer[at] : number.fraction[at - number.integer.size()];
    if (c == '0') continue;
    const int64_t place = first_place - i;
    if (place < 0) return DecimalParse::inexact;
    if (place >= precision) return DecimalParse::out_of_range;
    value += static_cast<UInt128>(c - '0') * static_cast<UInt128>(kPowers[static_cast<size_t>(place)]);
  }
  unscaled = number.negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  return DecimalParse::ok;
}

std::string format_decimal(Int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  UInt128 rest = negative ? -static_cast<UInt128>(unscaled) : static_cast<UInt128>(unscaled);
  std::string reversed;
  int place = 0;
  do {
    if (place == scale && scale > 0) reversed.push_back('.');
    reversed.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
    ++place;
  } while (rest != 0 || place <= scale);
  if (negative) reversed.push_back('-');
  return std::string(reversed.rbegin(), reversed.rend());
}

}  // namespace weir

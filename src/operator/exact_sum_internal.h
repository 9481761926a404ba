/// \file
/// The exact sum of doubles: the same whatever the order in which they come, rounded once at the end.
///
/// A fixed-point number of 2,176 bits in two's complement whose lowest bit is the smallest double, 2^-1074: every
/// finite double is a whole multiple of that, and 2^63 of the largest still fit. So addition is integer addition.
/// (Kulisch's long accumulator; Neal, "Fast exact summation using small and large superaccumulators", 2015.)
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace weir::operators {

struct ExactSum {
  static constexpr int kDigits = 34;

  uint64_t digits[kDigits];  ///< lowest first
  uint64_t specials;         ///< which of +infinity, -infinity and NaN were added

  void add(double value);
  /// The sum, rounded half to even; infinities and NaN as the sum of what was added in any order.
  double rounded() const;

 private:
  static constexpr uint64_t kPlusInfinity = 1;
  static constexpr uint64_t kMinusInfinity = 2;
  static constexpr uint64_t kNaN = 4;

  void add_at(int digit, uint64_t low, uint64_t high) {
    unsigned long long carry = __builtin_add_overflow(digits[digit], low, &digits[digit]);
    const bool first = __builtin_add_overflow(digits[digit + 1], high, &digits[digit + 1]);
    const bool second = __builtin_add_overflow(digits[digit + 1], carry, &digits[digit + 1]);
    carry = first || second;
    for (int i = digit + 2; carry != 0 && i < kDigits; ++i) carry = ++digits[i] == 0;
  }
  void subtract_at(int digit, uint64_t low, uint64_t high) {
    unsigned long long borrow = __builtin_sub_overflow(digits[digit], low, &digits[digit]);
    const bool first = __builtin_sub_overflow(digits[digit + 1], high, &digits[digit + 1]);
    const bool second = __builtin_sub_overflow(digits[digit + 1], borrow, &digits[digit + 1]);
    borrow = first || second;
    for (int i = digit + 2; borrow != 0 && i < kDigits; ++i) borrow = digits[i]-- == 0;
  }
};
static_assert(sizeof(ExactSum) == 35 * 8);

inline void ExactSum::add(double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  const auto exponent = static_cast<int>((bits >> 52) & 0x7ff);
  uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  const bool is_negative = (bits >> 63) != 0;
  if (exponent == 0x7ff) {
    specials |= fraction != 0 ? kNaN : (is_negative ? kMinusInfinity : kPlusInfinity);
    return;
  }
  if (exponent != 0) fraction |= uint64_t{1} << 52;
  const int shift = exponent == 0 ? 0 : exponent - 1;
  const int place = shift & 63;
  const uint64_t low = fraction << place;
  const uint64_t high = place == 0 ? 0 : fraction >> (64 - place);
  if (is_negative) {
    subtract_at(shift >> 6, low, high);
  } else {
    add_at(shift >> 6, low, high);
  }
}

inline double ExactSum::rounded() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if ((specials & kNaN) != 0 || specials == (kPlusInfinity | kMinusInfinity)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (specials != 0) return specials == kPlusInfinity ? kInfinity : -kInfinity;
  const bool is_negative = (digits[kDigits - 1] >> 63) != 0;
  uint64_t magnitude[kDigits];
  uint64_t carry = is_negative ? 1 : 0;
  for (int i = 0; i < kDigits; ++i) {
    const uint64_t digit = is_negative ? ~digits[i] : digits[i];
    magnitude[i] = digit + carry;
    carry = carry != 0 && magnitude[i] == 0 ? 1 : 0;
  }
  int top = kDigits - 1;
  while (top >= 0 && magnitude[top] == 0) --top;
  if (top < 0) return 0;
  // The highest 64 bits, and whether anything follows.
  const int zeros = std::countl_zero(magnitude[top]);
  uint64_t head = magnitude[top] << zeros;
  bool is_inexact = false;
  int below = top - 1;
  if (below >= 0) {
    if (zeros != 0) head |= magnitude[below] >> (64 - zeros);
    is_inexact = (magnitude[below] << zeros) != 0;
    for (--below; below >= 0 && !is_inexact; --below) is_inexact = magnitude[below] != 0;
  }
  // The sum is head x 2^exponent. Nothing lies below 2^-1074, so small sums are exact and come out as such.
  const int exponent = top * 64 - zeros - 1074;
  uint64_t kept = head >> 11;
  const uint64_t rest = head & 0x7ff;
  if (rest > 0x400 || (rest == 0x400 && (is_inexact || (kept & 1) != 0))) ++kept;
  const double rounded = std::ldexp(static_cast<double>(kept), exponent + 11);
  return is_negative ? -rounded : rounded;
}

}  // namespace weir::operators

/// \file
/// Steps of the speculative reader that look at single bytes: strings by 16, digits by 8. All of them may load up to 64
/// bytes after what they are given; none steps over a byte that cannot belong to what it scans.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include <emmintrin.h>

namespace weir::codec {

/// A run of string bytes that need no care, up to a quote, backslash or control character.
struct PlainRun {
  const char* end;  ///< the byte that ends the run; null when the limit came first
  bool is_ascii;
};

/// Bits of the bytes that end a plain run.
inline uint32_t run_stops(__m128i bytes) {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
}

/// Scans from `p`. Gives up (null end) once `limit` is passed.
inline PlainRun scan_run(const char* p, const char* limit) {
  uint32_t high = 0;
  while (true) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const uint32_t stops = run_stops(bytes);
    const auto signs = static_cast<uint32_t>(_mm_movemask_epi8(bytes));
    if (stops != 0) return {p + std::countr_zero(stops), (high | (signs & (stops ^ (stops - 1)))) == 0};
    high |= signs;
    p += 16;
    if (p > limit) return {nullptr, false};
  }
}

/// As scan_run, and copies the run to `out`, where there must be room up to `limit` and 16 bytes more.
inline PlainRun copy_run(const char* p, const char* limit, uint8_t* out) {
  uint32_t high = 0;
  while (true) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
    const uint32_t stops = run_stops(bytes);
    const auto signs = static_cast<uint32_t>(_mm_movemask_epi8(bytes));
    if (stops != 0) return {p + std::countr_zero(stops), (high | (signs & (stops ^ (stops - 1)))) == 0};
    high |= signs;
    p += 16;
    out += 16;
    if (p > limit) return {nullptr, false};
  }
}

/// True when the 32 bytes at `p` and `text` agree where `mask` has a bit.
inline bool matches(const char* p, const char* text, uint32_t mask) {
  const auto load = [](const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); };
  const auto low = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(p), load(text))));
  if (mask <= 0xffff) return (low & mask) == mask;
  const auto high = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(p + 16), load(text + 16))));
  return ((low | high << 16) & mask) == mask;
}

/// A hash of the `size` bytes at `p` without a branch for short keys. Anybody can make keys that collide: only for
/// tables that stay small.
inline uint64_t padded_key_hash(const char* p, size_t size) {
  alignas(16) static constexpr uint8_t kKeep[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const __m128i keep = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kKeep + 16 - (size < 16 ? size : 16)));
  const __m128i head = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), keep);
  const auto low = static_cast<uint64_t>(_mm_cvtsi128_si64(head));
  auto high = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(head, head)));
  if (size > 16) [[unlikely]] {
    uint64_t tail = 0;
    std::memcpy(&tail, p + size - 8, 8);
    high ^= tail * 0xff51afd7ed558ccdULL;
  }
  const uint64_t mixed = ((low ^ size) * 0x9e3779b97f4a7c15ULL) ^ (high * 0xd6e8feb86659fd93ULL);
  return mixed ^ (mixed >> 32);
}

inline const char* skip_blanks(const char* p) {
  while (static_cast<uint8_t>(*p) <= ' ') {
    if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t') break;
    ++p;
  }
  return p;
}

inline bool is_digit(char c) {
  return static_cast<uint8_t>(c - '0') <= 9;
}

/// Up to eight decimal digits at the front of some text.
struct Digits {
  uint32_t count;
  uint32_t value;
};

inline Digits take_digits(const char* p) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, p, 8);
  bytes ^= 0x3030303030303030ULL;
  // A byte above 9 carries into its own top bit; the lowest such byte is found before any carry from it can matter.
  const uint64_t others = (bytes | (bytes + 0x7676767676767676ULL)) & 0x8080808080808080ULL;
  const auto count = others == 0 ? 8U : static_cast<uint32_t>(std::countr_zero(others)) / 8;
  if (count == 0) return {0, 0};
  bytes <<= 8 * (8 - count);
  bytes = bytes * 10 + (bytes >> 8);
  constexpr uint64_t kPairs = 0x000000ff000000ffULL;
  const uint64_t value =
      ((bytes & kPairs) * 0x000f424000000064ULL + ((bytes >> 16) & kPairs) * 0x0000271000000001ULL) >> 32;
  return {count, static_cast<uint32_t>(value)};
}

inline constexpr uint64_t kPowersOfTen[] = {1ULL,
                                            10ULL,
                                            100ULL,
                                            1000ULL,
                                            10000ULL,
                                            100000ULL,
                                            1000000ULL,
                                            10000000ULL,
                                            100000000ULL,
                                            1000000000ULL,
                                            10000000000ULL,
                                            100000000000ULL,
                                            1000000000000ULL,
                                            10000000000000ULL,
                                            100000000000000ULL,
                                            1000000000000000ULL,
                                            10000000000000000ULL,
                                            100000000000000000ULL,
                                            1000000000000000000ULL};

/// A number of at most 18 digits without exponent: (negative ? -1 : 1) * unscaled / 10^fraction_digits.
struct SmallNumber {
  const char* end;  ///< null when the text is anything else
  uint64_t unscaled;
  uint32_t digits;           ///< at most 18
  uint32_t fraction_digits;  ///< 0 also when there is no point; see has_point
  bool negative;
  bool has_point;
};

/// Takes digits until something else comes; false above 18 in all.
inline bool take_run(const char*& p, uint64_t& value, uint32_t& digits) {
  while (true) {
    const Digits piece = take_digits(p);
    digits += piece.count;
    if (digits > 18) return false;
    value = value * kPowersOfTen[piece.count] + piece.value;
    p += piece.count;
    if (piece.count < 8) return true;
  }
}

/// Scans a JSON number; what follows it is for the caller to judge.
inline SmallNumber scan_small_number(const char* p) {
  SmallNumber number{nullptr, 0, 0, 0, *p == '-', false};
  if (number.negative) ++p;
  const char* const first = p;
  if (!take_run(p, number.unscaled, number.digits) || number.digits == 0) return number;
  if (*first == '0' && number.digits > 1) return number;
  if (*p == '.') {
    number.has_point = true;
    const uint32_t before = number.digits;
    ++p;
    if (!take_run(p, number.unscaled, number.digits) || number.digits == before) return number;
    number.fraction_digits = number.digits - before;
  }
  if (*p == 'e' || *p == 'E') return number;
  number.end = p;
  return number;
}

/// The end of the JSON number at `p`, null when there is none.
inline const char* skip_number(const char* p) {
  if (*p == '-') ++p;
  const char* const first = p;
  while (is_digit(*p)) ++p;
  if (p == first || (*first == '0' && p > first + 1)) return nullptr;
  if (*p == '.') {
    if (!is_digit(*++p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    if (*p == '+' || *p == '-') ++p;
    if (!is_digit(*p)) return nullptr;
    while (is_digit(*p)) ++p;
  }
  return p;
}

}  // namespace weir::codec

/// \file
/// The first of two characters in bytes that need no padding.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include <emmintrin.h>

namespace weir::codec {

/// Index of the first `a` or `b` at or after `from`, or npos.
inline size_t find_either(std::string_view bytes, size_t from, char a, char b) {
  const __m128i all_a = _mm_set1_epi8(a);
  const __m128i all_b = _mm_set1_epi8(b);
  size_t i = from;
  for (; i + 16 <= bytes.size(); i += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + i));
    const auto found = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, all_a), _mm_cmpeq_epi8(block, all_b))));
    if (found != 0) return i + static_cast<size_t>(std::countr_zero(found));
  }
  for (; i < bytes.size(); ++i) {
    if (bytes[i] == a || bytes[i] == b) return i;
  }
  return std::string_view::npos;
}

}  // namespace weir::codec

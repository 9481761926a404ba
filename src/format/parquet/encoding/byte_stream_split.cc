#include "format/parquet/encoding/byte_stream_split.h"

#include <emmintrin.h>

namespace weir::parquet {
namespace {

/// Eight numbers of eight bytes: a matrix of bytes, turned over.
void split_eight(const uint8_t* from, size_t stride, uint8_t* to) {
  const auto load = [&](size_t i) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + 8 * i)); };
  const auto store = [&](__m128i two, size_t byte) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + byte * stride), two);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + (byte + 1) * stride), _mm_srli_si128(two, 8));
  };
  const __m128i pair0 = _mm_unpacklo_epi8(load(0), load(1));
  const __m128i pair1 = _mm_unpacklo_epi8(load(2), load(3));
  const __m128i pair2 = _mm_unpacklo_epi8(load(4), load(5));
  const __m128i pair3 = _mm_unpacklo_epi8(load(6), load(7));
  const __m128i low0 = _mm_unpacklo_epi16(pair0, pair1);
  const __m128i high0 = _mm_unpackhi_epi16(pair0, pair1);
  const __m128i low1 = _mm_unpacklo_epi16(pair2, pair3);
  const __m128i high1 = _mm_unpackhi_epi16(pair2, pair3);
  store(_mm_unpacklo_epi32(low0, low1), 0);
  store(_mm_unpackhi_epi32(low0, low1), 2);
  store(_mm_unpacklo_epi32(high0, high1), 4);
  store(_mm_unpackhi_epi32(high0, high1), 6);
}

}  // namespace

void split_bytes(const uint8_t* from, size_t count, size_t width, uint8_t* to) {
  size_t i = 0;
  if (width == 8) {
    for (; i + 8 <= count; i += 8) split_eight(from + i * 8, count, to + i);
  }
  for (; i < count; ++i) {
    for (size_t byte = 0; byte < width; ++byte) to[byte * count + i] = from[i * width + byte];
  }
}

void join_bytes(const uint8_t* from, size_t count, size_t width, uint8_t* to) {
  for (size_t byte = 0; byte < width; ++byte) {
    for (size_t i = 0; i < count; ++i) to[i * width + byte] = from[byte * count + i];
  }
}

}  // namespace weir::parquet

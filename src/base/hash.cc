#include "base/hash.h"

#include <array>

#include <immintrin.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace weir {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

uint32_t crc_bytewise(const uint8_t* bytes, size_t size, uint32_t c) {
  for (size_t i = 0; i < size; ++i) c = kCrcTable[(c ^ bytes[i]) & 0xff] ^ (c >> 8);
  return c;
}

/// Folds 64 bytes at a time by carry-less multiplication (Gopal et al., "Fast CRC Computation for Generic Polynomials
/// Using PCLMULQDQ Instruction", Intel 2009; constants of the reflected IEEE polynomial). `size` is a multiple of 16
/// and at least 64.
__attribute__((target("pclmul,sse4.1"))) uint32_t crc_folded(const uint8_t* bytes, size_t size, uint32_t c) {
  const auto load = [&](size_t at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at)); };
  const __m128i by_four = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by_one = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i to_64 = _mm_set_epi64x(0, 0x0163cd6124);
  const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
  const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);

  __m128i lane[4] = {_mm_xor_si128(load(0), _mm_cvtsi32_si128(static_cast<int>(c))), load(16), load(32), load(48)};
  size_t at = 64;
  for (; at + 64 <= size; at += 64) {
    for (size_t i = 0; i < 4; ++i) {
      const __m128i low = _mm_clmulepi64_si128(lane[i], by_four, 0x00);
      const __m128i high = _mm_clmulepi64_si128(lane[i], by_four, 0x11);
      lane[i] = _mm_xor_si128(_mm_xor_si128(low, high), load(at + 16 * i));
    }
  }
  const auto fold = [&](__m128i folded, __m128i next) __attribute__((target("pclmul,sse4.1"))) {
    const __m128i low = _mm_clmulepi64_si128(folded, by_one, 0x00);
    const __m128i high = _mm_clmulepi64_si128(folded, by_one, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
  };
  __m128i folded = fold(fold(fold(lane[0], lane[1]), lane[2]), lane[3]);
  for (; at < size; at += 16) folded = fold(folded, load(at));

  folded = _mm_xor_si128(_mm_srli_si128(folded, 8), _mm_clmulepi64_si128(folded, by_one, 0x10));
  folded =
      _mm_xor_si128(_mm_srli_si128(folded, 4), _mm_clmulepi64_si128(_mm_and_si128(folded, low_words), to_64, 0x00));
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(folded, low_words), barrett, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), barrett, 0x00);
  return static_cast<uint32_t>(_mm_extract_epi32(_mm_xor_si128(folded, quotient), 1));
}

}  // namespace

uint64_t hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void hash64_each(const char* bytes, std::span<const uint32_t> ends, std::span<uint64_t> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = XXH3_64bits(bytes + ends[i], ends[i + 1] - ends[i]);
}

uint32_t crc32(std::string_view bytes) {
  static const bool can_fold = __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const size_t folded = can_fold && bytes.size() >= 64 ? bytes.size() & ~size_t{15} : 0;
  uint32_t c = 0xffffffffU;
  if (folded != 0) c = crc_folded(data, folded, c);
  return crc_bytewise(data + folded, bytes.size() - folded, c) ^ 0xffffffffU;
}

struct ContentHash::State {
  XXH3_state_t xxh3;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(&state_->xxh3);
}
ContentHash::ContentHash(const ContentHash& other) : state_(std::make_unique<State>(*other.state_)) {}
ContentHash& ContentHash::operator=(const ContentHash& other) {
  if (this != &other) *state_ = *other.state_;
  return *this;
}
ContentHash::~ContentHash() = default;

void ContentHash::update(std::string_view bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

Hash128 ContentHash::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh3);
  return {.low = hash.low64, .high = hash.high64};
}

}  // namespace weir

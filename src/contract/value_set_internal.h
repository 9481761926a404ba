/// \file
/// Sets of accepted values, made once and asked for every row.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/hash.h"

namespace weir::contract {

inline constexpr size_t kLinearSetMax = 8;  ///< up to here comparing with each value beats hashing

/// Whole numbers of 32, 64 or 128 bits.
template <typename T>
class NumberSet {
 public:
  explicit NumberSet(const std::vector<T>& values) {
    if (values.size() <= kLinearSetMax) {
      // Padded with the first value, so that the loop has a fixed length.
      few_.assign(kLinearSetMax, values[0]);
      std::copy(values.begin(), values.end(), few_.begin());
      return;
    }
    slots_.resize(std::bit_ceil(values.size() * 4));
    used_.resize(slots_.size());
    for (const T value : values) {
      size_t at = slot_of(value);
      while (used_[at]) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = value;
      used_[at] = 1;
    }
  }

  bool contains(T value) const {
    if (!few_.empty()) {
      bool found = false;
      for (size_t i = 0; i < kLinearSetMax; ++i) found |= few_[i] == value;
      return found;
    }
    for (size_t at = slot_of(value); used_[at]; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == value) return true;
    }
    return false;
  }

 private:
  size_t slot_of(T value) const {
    uint64_t word = static_cast<uint64_t>(value);
    if constexpr (sizeof(T) == 16)
      word ^= static_cast<uint64_t>(static_cast<UInt128>(value) >> 64) * 0xC2B2AE3D27D4EB4FULL;
    word *= 0x9E3779B97F4A7C15ULL;
    return (word >> 32) & (slots_.size() - 1);
  }

  std::vector<T> few_;
  std::vector<T> slots_;
  std::vector<uint8_t> used_;
};

/// Texts. Few and short ones are compared as words, all at once; others are hashed.
class TextSet {
 public:
  explicit TextSet(std::vector<std::string> values) : values_(std::move(values)) {
    const bool short_ones = std::all_of(values_.begin(), values_.end(),
                                        [](const std::string& value) { return value.size() <= kWordTextMax; });
    if (values_.size() <= kLinearSetMax && short_ones) {
      words_.assign(kLinearSetMax, word_of(values_[0]));
      std::transform(values_.begin(), values_.end(), words_.begin(), word_of);
      return;
    }
    slots_.resize(std::bit_ceil(values_.size() * 4));
    for (size_t i = 0; i < values_.size(); ++i) {
      const uint64_t hash = hash64(values_[i]);
      size_t at = hash & (slots_.size() - 1);
      while (slots_[at].index != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(i) + 1};
    }
  }

  /// `readable_end`: the end of the bytes around `value` that may be read.
  bool contains(std::string_view value, const char* readable_end) const {
    if (!words_.empty()) {
      if (value.size() > kWordTextMax) return false;
      const uint64_t word =
          static_cast<size_t>(readable_end - value.data()) >= sizeof(uint64_t) ? wide_word_of(value) : word_of(value);
      bool found = false;
      for (size_t i = 0; i < kLinearSetMax; ++i) found |= words_[i] == word;
      return found;
    }
    const uint64_t hash = hash64(value);
    for (size_t at = hash & (slots_.size() - 1); slots_[at].index != 0; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == static_cast<uint32_t>(hash >> 32) && values_[slots_[at].index - 1] == value) return true;
    }
    return false;
  }

 private:
  static constexpr size_t kWordTextMax = sizeof(uint64_t) - 1;

  /// The text's bytes and, in the highest byte, its size.
  static uint64_t word_of(std::string_view text) {
    uint64_t word = 0;
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    return word | static_cast<uint64_t>(text.size()) << 56;
  }
  /// The same by one load of eight bytes.
  static uint64_t wide_word_of(std::string_view text) {
    uint64_t word;
    std::memcpy(&word, text.data(), sizeof(word));
    return (word & ((uint64_t{1} << (8 * text.size())) - 1)) | static_cast<uint64_t>(text.size()) << 56;
  }

  struct Slot {
    uint32_t hash = 0;
    uint32_t index = 0;  ///< into values_, from 1; 0 = free
  };
  std::vector<std::string> values_;
  std::vector<uint64_t> words_;
  std::vector<Slot> slots_;
};

}  // namespace weir::contract

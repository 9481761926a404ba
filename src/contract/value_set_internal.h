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
    if constexpr (sizeof(T) == 16) word ^= static_cast<uint64_t>(static_cast<UInt128>(value) >> 64) * 0xC2B2AE3D27D4EB4FULL;
    word *= 0x9E3779B97F4A7C15ULL;
    return (word >> 32) & (slots_.size() - 1);
  }

  std::vector<T> few_;
  std::vector<T> slots_;
  std::vector<uint8_t> used_;
};

/// Texts.
class TextSet {
 public:
  explicit TextSet(std::vector<std::string> values) : values_(std::move(values)) {
    if (values_.size() <= kLinearSetMax) return;
    slots_.resize(std::bit_ceil(values_.size() * 4));
    for (size_t i = 0; i < values_.size(); ++i) {
      const uint64_t hash = hash64(values_[i]);
      size_t at = hash & (slots_.size() - 1);
      while (slots_[at].index != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(i) + 1};
    }
  }

  bool contains(std::string_view value) const {
    if (slots_.empty()) {
      for (const std::string& one : values_) {
        if (one.size() == value.size() && std::memcmp(one.data(), value.data(), value.size()) == 0) return true;
      }
      return false;
    }
    const uint64_t hash = hash64(value);
    for (size_t at = hash & (slots_.size() - 1); slots_[at].index != 0; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == static_cast<uint32_t>(hash >> 32) && values_[slots_[at].index - 1] == value) return true;
    }
    return false;
  }

 private:
  struct Slot {
    uint32_t hash = 0;
    uint32_t index = 0;  ///< into values_, from 1; 0 = free
  };
  std::vector<std::string> values_;
  std::vector<Slot> slots_;
};

}  // namespace weir::contract

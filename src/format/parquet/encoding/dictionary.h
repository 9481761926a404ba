/// \file
/// Dictionaries of a column chunk: distinct values in the order in which they came, and the index of each.
///
/// Open addressing in a table of a power of two. Values compare by their bits: zeros of both
/// signs and all NaNs are values of their own.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/hash.h"
#include "format/parquet/encoding/growing_array.h"

namespace weir::parquet {

/// Small tables stay a quarter full, since a second look costs a branch that is not foreseen; large ones half full.
inline bool is_crowded(size_t size, size_t slots) {
  constexpr size_t kSmallSlots = 8192;
  return size * (slots < kSmallSlots ? 4 : 2) > slots;
}

/// Values of 4 or 8 bytes.
template <typename Bits>
class NumberDictionary {
 public:
  size_t size() const { return values_.size(); }
  size_t value_bytes() const { return values_.size() * sizeof(Bits); }
  int64_t memory_bytes() const {
    return values_.memory_bytes() + static_cast<int64_t>(slots_.capacity() * sizeof(uint32_t));
  }
  const Bits* values() { return values_.data(); }
  Bits value(uint32_t index) { return values_[index]; }

  void clear() { keep(0); }
  /// Forgets all but the first `size` values. No add() follows unless `size` is 0.
  void keep(size_t size) {
    values_.truncate(size);
    slots_.clear();
  }
  /// Forgets all values and gives their room back.
  void reset() {
    values_.reset();
    slots_ = std::vector<uint32_t>();  // `= {}` would keep its room
  }

  /// Writes the index of each value to `indexes`.
  void add(std::span<const Bits> values, uint32_t* indexes) {
    if (slots_.empty()) rehash(kFirstSlots);
    for (const Bits value : values) *indexes++ = add(value);
  }

 private:
  static constexpr size_t kFirstSlots = 64;

  static uint64_t hash(Bits value) {
    auto mixed = static_cast<uint64_t>(value);
    mixed ^= mixed >> 32;  // numbers that differ in their upper bits only, as floats do
    return mixed * 0x9e3779b97f4a7c15U;
  }

  uint32_t add(Bits value) {
    size_t at = hash(value) >> shift_;
    const uint32_t* const slots = slots_.data();
    const size_t mask = slots_.size() - 1;
    while (true) {
      const uint32_t slot = slots[at];
      if (slot == 0) break;
      if (values_[slot - 1] == value) return slot - 1;
      at = (at + 1) & mask;
    }
    values_.push_back(value);
    const auto size = static_cast<uint32_t>(values_.size());
    slots_[at] = size;
    if (is_crowded(size, slots_.size())) rehash(slots_.size() * 2);
    return size - 1;
  }

  [[gnu::noinline]] void rehash(size_t slots) {
    slots_.assign(slots, 0);
    shift_ = 64 - std::countr_zero(slots);
    for (uint32_t i = 0; i < values_.size(); ++i) {
      size_t at = hash(values_[i]) >> shift_;
      while (slots_[at] != 0) at = (at + 1) & (slots - 1);
      slots_[at] = i + 1;
    }
  }

  GrowingArray<Bits> values_;
  std::vector<uint32_t> slots_;  ///< index + 1; 0: free
  int shift_ = 0;
};

/// Byte strings. They are kept as a dictionary page holds them: each with its length in front unless all have one
/// length.
class BytesDictionary {
 public:
  /// `width`: the length of every value, or 0 when they differ.
  explicit BytesDictionary(size_t width) : width_(width) {}

  size_t size() const { return ends_.size(); }
  size_t value_bytes() const { return bytes_.size(); }
  int64_t memory_bytes() const {
    return bytes_.memory_bytes() + ends_.memory_bytes() + static_cast<int64_t>(slots_.capacity() * sizeof(Slot));
  }
  /// The dictionary page.
  std::span<const uint8_t> page() { return {bytes_.data(), bytes_.size()}; }
  std::string_view value(uint32_t index) {
    const uint32_t begin = (index == 0 ? 0 : ends_[index - 1]) + prefix();
    return {reinterpret_cast<const char*>(bytes_.data()) + begin, ends_[index] - begin};
  }

  void clear() { keep(0); }
  /// Forgets all but the first `size` values. No add() follows unless `size` is 0.
  void keep(size_t size) {
    bytes_.truncate(size == 0 ? 0 : ends_[size - 1]);
    ends_.truncate(size);
    slots_.clear();
  }
  /// Forgets all values and gives their room back.
  void reset() {
    bytes_.reset();
    ends_.reset();
    slots_ = std::vector<Slot>();
  }

  /// The index of `value`, which is added if it is new. `end`: up to where bytes may be read.
  uint32_t add(std::string_view value, const char* end) {
    if (slots_.empty()) rehash(kFirstSlots);
    const uint64_t key = key_of(value, end);
    const auto size = static_cast<uint32_t>(value.size());
    const Slot* const slots = slots_.data();
    const size_t mask = slots_.size() - 1;
    size_t at = place(key, size);
    while (true) {
      const Slot& slot = slots[at];
      if (slot.index == 0) return insert(value, key, at);
      if (slot.key == key && slot.size == size && (size <= 8 || equal(slot.index - 1, value))) return slot.index - 1;
      at = (at + 1) & mask;
    }
  }

 private:
  /// `key`: of a value of up to 8 bytes the bytes themselves, so that they need not be looked at; else a hash.
  struct Slot {
    uint64_t key = 0;
    uint32_t size = 0;
    uint32_t index = 0;  ///< + 1; 0: free
  };
  static constexpr size_t kFirstSlots = 64;
  static constexpr uint64_t kFirst = 0x9e3779b97f4a7c15U;
  static constexpr uint64_t kSecond = 0xd6e8feb86659fd93U;

  uint32_t prefix() const { return width_ == 0 ? sizeof(uint32_t) : 0; }

  static uint64_t mix(uint64_t a, uint64_t b) {
    const UInt128 product = static_cast<UInt128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static uint64_t load(const char* from, size_t size) {
    uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
  }
  static uint64_t key_of(std::string_view value, const char* end) {
    const size_t size = value.size();
    if (size > 16) return hash64(value);
    if (size > 8) return mix(load(value.data(), 8) ^ kFirst, load(value.data() + size - 8, 8) ^ kSecond);
    if (end - value.data() < 8) return size == 0 ? 0 : load(value.data(), size);
    return size == 8 ? load(value.data(), 8) : load(value.data(), 8) & ((uint64_t{1} << (8 * size)) - 1);
  }
  size_t place(uint64_t key, uint32_t size) const { return mix(key ^ kFirst, kSecond ^ size) >> shift_; }

  /// Of values longer than 8 bytes.
  bool equal(uint32_t index, std::string_view value) {
    const std::string_view known = this->value(index);
    const size_t size = value.size();
    if (size > 16) return known == value;
    return load(known.data(), 8) == load(value.data(), 8) &&
           load(known.data() + size - 8, 8) == load(value.data() + size - 8, 8);
  }

  [[gnu::noinline]] uint32_t insert(std::string_view value, uint64_t key, size_t at) {
    const auto value_size = static_cast<uint32_t>(value.size());
    if (width_ == 0) bytes_.append(reinterpret_cast<const uint8_t*>(&value_size), sizeof value_size);
    bytes_.append(reinterpret_cast<const uint8_t*>(value.data()), value.size());
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
    const auto size = static_cast<uint32_t>(ends_.size());
    slots_[at] = {key, value_size, size};
    if (is_crowded(size, slots_.size())) rehash(slots_.size() * 2);
    return size - 1;
  }

  [[gnu::noinline]] void rehash(size_t count) {
    std::vector<Slot> old(count);
    old.swap(slots_);
    shift_ = 64 - std::countr_zero(count);
    for (const Slot& slot : old) {
      if (slot.index == 0) continue;
      size_t at = place(slot.key, slot.size);
      while (slots_[at].index != 0) at = (at + 1) & (count - 1);
      slots_[at] = slot;
    }
  }

  size_t width_;
  GrowingArray<uint8_t> bytes_;
  GrowingArray<uint32_t> ends_;
  std::vector<Slot> slots_;
  int shift_ = 0;
};

}  // namespace weir::parquet

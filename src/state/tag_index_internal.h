/// \file
/// The hash index of one key group: 32 bits of each key's hash and where its record lies, by open addressing.
///
/// The place of an entry follows from its tag alone, so the index grows, and closes gaps behind what is erased, without
/// a look at a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "state/record_pages_internal.h"

namespace weir::state {

class TagIndex {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t memory_bytes() const { return static_cast<int64_t>(entries_.capacity() * sizeof(uint64_t)); }

  /// Bytes that one more entry may add to memory_bytes().
  int64_t growth() const {
    return is_full() ? static_cast<int64_t>(grown_capacity() * sizeof(uint64_t)) - memory_bytes() : 0;
  }

  void prefetch(uint32_t tag) const {
    if (!entries_.empty()) __builtin_prefetch(&entries_[home(tag)]);
  }

  /// The first record with `tag` for which `is_it(ref)` holds, or 0.
  template <typename IsIt>
  RecordRef find(uint32_t tag, IsIt is_it) const {
    if (entries_.empty()) return 0;
    const size_t mask = entries_.size() - 1;
    const uint64_t* entries = entries_.data();
    for (size_t i = home(tag);; i = (i + 1) & mask) {
      const uint64_t entry = entries[i];
      if (entry == 0) return 0;
      if (entry >> 32 == tag && is_it(static_cast<RecordRef>(entry))) return static_cast<RecordRef>(entry);
    }
  }
  /// The first record with `tag`, or 0.
  RecordRef find_first(uint32_t tag) const {
    return find(tag, [](RecordRef) { return true; });
  }

  void insert(uint32_t tag, RecordRef ref) {
    if (is_full()) grow();
    put(entries_, (uint64_t{tag} << 32) | ref);
    ++size_;
  }

  /// The entry is there.
  void erase(uint32_t tag, RecordRef ref) {
    const size_t mask = entries_.size() - 1;
    size_t hole = place_of(tag, ref);
    // Backward shift: whatever may stand nearer to its home moves there, and no gravestone is left.
    for (size_t i = (hole + 1) & mask; entries_[i] != 0; i = (i + 1) & mask) {
      const size_t wanted = home(static_cast<uint32_t>(entries_[i] >> 32));
      if (((i - wanted) & mask) >= ((i - hole) & mask)) entries_[std::exchange(hole, i)] = entries_[i];
    }
    entries_[hole] = 0;
    --size_;
  }

  /// The entry is there; its record has moved.
  void replace(uint32_t tag, RecordRef from, RecordRef to) {
    entries_[place_of(tag, from)] = (uint64_t{tag} << 32) | to;
  }

  /// Gives memory back when most of it stands empty.
  void shrink() {
    if (entries_.size() <= kCapacityMin || size_ * 8 > entries_.size()) return;
    size_t capacity = kCapacityMin;
    while (size_ * 3 > capacity) capacity *= 2;
    rehash(size_ == 0 ? 0 : capacity);
  }

  template <typename Visit>
  void each(Visit visit) const {
    for (const uint64_t entry : entries_) {
      if (entry != 0) visit(static_cast<RecordRef>(entry));
    }
  }

 private:
  static constexpr size_t kCapacityMin = 8;

  size_t home(uint32_t tag) const { return tag >> shift_; }
  bool is_full() const { return (size_ + 1) * 10 > entries_.size() * 7; }
  size_t grown_capacity() const { return entries_.empty() ? kCapacityMin : entries_.size() * 2; }

  size_t place_of(uint32_t tag, RecordRef ref) const {
    const uint64_t wanted = (uint64_t{tag} << 32) | ref;
    size_t i = home(tag);
    while (entries_[i] != wanted) i = (i + 1) & (entries_.size() - 1);
    return i;
  }
  void put(std::vector<uint64_t>& entries, uint64_t entry) const {
    size_t i = home(static_cast<uint32_t>(entry >> 32));
    while (entries[i] != 0) i = (i + 1) & (entries.size() - 1);
    entries[i] = entry;
  }
  void grow() { rehash(grown_capacity()); }
  void rehash(size_t capacity) {
    std::vector<uint64_t> entries(capacity, 0);
    shift_ = 32;
    for (size_t c = capacity; c > 1; c /= 2) --shift_;
    for (const uint64_t entry : entries_) {
      if (entry != 0) put(entries, entry);
    }
    entries_ = std::move(entries);
  }

  std::vector<uint64_t> entries_;  ///< tag << 32 | ref; 0: free. A power of two, or none
  size_t size_ = 0;
  unsigned shift_ = 32;  ///< the home of a tag is its highest bits
};

}  // namespace weir::state

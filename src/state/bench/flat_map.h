/// \file
/// The reference for keyed state: the fastest map that we know how to write for eight-byte keys and values. One array,
/// open addressing, fixed size, no freezing, no expiry, no variable keys.
#pragma once

#include <cstdint>
#include <vector>

namespace weir::state::bench {

class FlatMap {
 public:
  /// Room for `keys` keys at a load of at most 0.6.
  explicit FlatMap(uint64_t keys) {
    size_t capacity = 16;
    while (static_cast<double>(capacity) * 0.6 < static_cast<double>(keys)) capacity *= 2;
    slots_.resize(capacity);
  }

  void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)], 1); }

  /// `key` is not 0.
  uint64_t& operator()(uint64_t hash, uint64_t key) {
    for (size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.key == key) return slot.value;
      if (slot.key == 0) {
        slot.key = key;
        return slot.value;
      }
    }
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint64_t value = 0;
  };
  std::vector<Slot> slots_;
};

}  // namespace weir::state::bench

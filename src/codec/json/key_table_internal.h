/// \file
/// Names of an object's fields to their indexes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/key_hash_internal.h"

namespace weir::codec {

/// A fixed set of names with open addressing. The names come from a contract, so nobody can make them collide on
/// purpose.
class KeyTable {
 public:
  KeyTable() = default;
  /// `names` are distinct.
  explicit KeyTable(std::vector<std::string> names);

  /// Index of `name`, or -1.
  int find(std::string_view name) const {
    if (names_.empty()) return -1;
    for (size_t slot = key_hash(name) & mask_;; slot = (slot + 1) & mask_) {
      const int32_t index = slots_[slot];
      if (index < 0 || names_[static_cast<size_t>(index)] == name) return index;
    }
  }
  const std::string& name(size_t i) const { return names_[i]; }
  size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::vector<int32_t> slots_;
  size_t mask_ = 0;
};

}  // namespace weir::codec

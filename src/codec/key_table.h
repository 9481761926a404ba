/// \file
/// Names of an object's fields to their indexes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::codec {

/// A fixed set of names with open addressing. The names come from a contract, so nobody can make them collide on purpose.
class KeyTable {
 public:
  KeyTable() = default;
  /// `names` are distinct.
  explicit KeyTable(std::vector<std::string> names);

  /// Index of `name`, or -1.
  int find(std::string_view name) const {
    if (names_.empty()) return -1;
    for (size_t slot = hash(name) & mask_;; slot = (slot + 1) & mask_) {
      const int32_t index = slots_[slot];
      if (index < 0 || names_[static_cast<size_t>(index)] == name) return index;
    }
  }
  const std::string& name(size_t i) const { return names_[i]; }
  size_t size() const { return names_.size(); }

 private:
  static size_t hash(std::string_view name) {
    uint64_t head = 0;
    uint64_t tail = 0;
    if (name.size() >= 8) {
      std::memcpy(&head, name.data(), 8);
      std::memcpy(&tail, name.data() + name.size() - 8, 8);
    } else {
      for (const char c : name) head = head << 8 | static_cast<uint8_t>(c);
    }
    uint64_t mixed = (head ^ (tail * 0x9e3779b97f4a7c15ULL) ^ name.size()) * 0xd6e8feb86659fd93ULL;
    return mixed ^ (mixed >> 32);
  }

  std::vector<std::string> names_;
  std::vector<int32_t> slots_;
  size_t mask_ = 0;
};

}  // namespace weir::codec

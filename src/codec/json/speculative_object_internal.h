/// \file
/// What the speculative reader knows of one object of the schema: its keys, known and learned, and which key tends to
/// follow which.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/column_node_internal.h"
#include "codec/json/json_scan_internal.h"

namespace weir::codec {

inline constexpr size_t kPredictedKeyBytesMax = 32;

struct SpeculativeKey {
  char text[kPredictedKeyBytesMax] = {};  ///< "key": with quotes and colon
  uint32_t mask = 0;                      ///< one bit for each byte of text; 0 when the key is too long to be predicted
  uint32_t size = 0;                      ///< of text
  uint32_t next = 0;                      ///< index of the key that came after this one last time
  const ColumnNode* node = nullptr;       ///< null for fields that the schema does not know
  uint64_t seen = 0;                      ///< serial of the object in which it was last seen
};

class SpeculativeObject {
 public:
  /// Learned keys above this number are only checked for duplicates.
  static constexpr size_t kLearnedMax = 128;
  static constexpr uint32_t kStart = 0;  ///< stands before the first key
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit SpeculativeObject(const ColumnNode& node);

  SpeculativeKey& operator[](uint32_t i) { return keys_[i]; }
  std::string_view name(uint32_t i) const { return names_[i]; }
  uint32_t size() const { return static_cast<uint32_t>(keys_.size()); }
  /// Fields that the schema knows; their keys have the indexes 1 to known().
  uint32_t known() const { return known_; }

  /// Index of `key`, or kNone. The key stands between quotes in an event, with 64 readable bytes after it.
  uint32_t find(std::string_view key) const {
    const size_t mask = slots_.size() - 1;
    for (size_t slot = padded_key_hash(key.data(), key.size()) & mask;; slot = (slot + 1) & mask) {
      const uint32_t index = slots_[slot];
      if (index == 0) return kNone;
      if (is_key(index, key)) return index;
    }
  }
  /// Counts an event with a learned key, and takes one back.
  int64_t& events_with(uint32_t i) { return unknown_events_[i - known_ - 1]; }
  /// Adds an unknown key, which has no escapes and is UTF-8; kNone when there is no more room.
  uint32_t learn(std::string_view key);

 private:
  bool is_key(uint32_t index, std::string_view key) const {
    const SpeculativeKey& entry = keys_[index];
    // Without the colon, which blanks may precede.
    return entry.mask != 0 ? matches(key.data() - 1, entry.text, entry.mask >> 1) : names_[index] == key;
  }
  uint32_t add(std::string_view key, const ColumnNode* node);

  std::vector<SpeculativeKey> keys_;                                            ///< never reallocated
  std::vector<std::string> names_;                                              ///< parallel to keys_
  std::vector<int64_t> unknown_events_ = std::vector<int64_t>(kLearnedMax, 0);  ///< by learned key
  std::vector<uint32_t> slots_;  ///< open addressing; 0 = empty, which kStart is not looked for
  uint32_t known_ = 0;
};

}  // namespace weir::codec

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "codec/json/speculative_object_internal.h"

namespace weir::codec {

SpeculativeObject::SpeculativeObject(const ColumnNode& node) {
  const size_t count_max = 1 + node.children.size() + kLearnedMax;
  keys_.reserve(count_max);
  names_.reserve(count_max);
  slots_.assign(std::bit_ceil(count_max * 2), 0);
  keys_.emplace_back();
  names_.emplace_back();
  for (size_t i = 0; i < node.children.size(); ++i) {
    add(node.keys.name(i), &node.children[i]);
    ++known_;
  }
  for (uint32_t i = 0; i <= known_; ++i) keys_[i].next = i < known_ ? i + 1 : 0;
}

uint32_t SpeculativeObject::learn(std::string_view key) {
  if (keys_.size() - 1 - known_ >= kLearnedMax) return kNone;
  return add(key, nullptr);
}

uint32_t SpeculativeObject::add(std::string_view key, const ColumnNode* node) {
  WEIR_CHECK(keys_.size() < keys_.capacity());
  const auto index = static_cast<uint32_t>(keys_.size());
  SpeculativeKey entry;
  entry.node = node;
  if (key.size() + 3 <= kPredictedKeyBytesMax) {
    entry.text[0] = '"';
    std::copy(key.begin(), key.end(), entry.text + 1);
    entry.text[key.size() + 1] = '"';
    entry.text[key.size() + 2] = ':';
    entry.size = static_cast<uint32_t>(key.size() + 3);
    entry.mask = entry.size == 32 ? UINT32_MAX : (1U << entry.size) - 1;
  }
  keys_.push_back(entry);
  names_.emplace_back(key);
  const std::string padded = names_.back() + std::string(16, '\0');
  size_t slot = padded_key_hash(padded.data(), key.size()) & (slots_.size() - 1);
  while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = index;
  return index;
}

}  // namespace weir::codec

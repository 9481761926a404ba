#include <algorithm>
#include <array>
#include <cstddef>

#include "codec/json/key_hash_internal.h"
#include "codec/json/key_set_internal.h"

namespace weir::codec {
namespace {

constexpr size_t kSmall = 64;

/// Finds a key that is there twice among at most kSmall, null when there is none. Keys made to collide cost kSmall
/// comparisons each, no more.
const std::string_view* find_in_table(const std::string_view* keys, size_t count) {
  std::array<uint8_t, kSmall * 2> slots{};  // 1 + index of the key
  for (size_t i = 0; i < count; ++i) {
    size_t slot = key_hash(keys[i]) % slots.size();
    while (slots[slot] != 0) {
      if (keys[slots[slot] - 1] == keys[i]) return &keys[i];
      slot = (slot + 1) % slots.size();
    }
    slots[slot] = static_cast<uint8_t>(i + 1);
  }
  return nullptr;
}

}  // namespace

bool KeySet::close(size_t mark, std::string_view& duplicate) {
  const std::string_view* found = nullptr;
  std::string_view* const begin = keys_.data() + mark;
  const size_t count = keys_.size() - mark;
  if (count == 2) {
    if (begin[0] == begin[1]) found = begin;
  } else if (count > kSmall) {
    std::sort(begin, begin + count);
    std::string_view* const twice = std::adjacent_find(begin, begin + count);
    if (twice != begin + count) found = twice;
  } else if (count > 2) {
    found = find_in_table(begin, count);
  }
  if (found != nullptr) duplicate = *found;
  keys_.resize(mark);
  return found == nullptr;
}

}  // namespace weir::codec

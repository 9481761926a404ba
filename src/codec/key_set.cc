#include "codec/key_set.h"

#include <algorithm>

namespace weir::codec {
namespace {

constexpr ptrdiff_t kSmall = 16;  // below, comparing all pairs is faster than sorting

}  // namespace

bool KeySet::close(size_t mark, std::string_view& duplicate) {
  const auto begin = keys_.begin() + static_cast<ptrdiff_t>(mark);
  const auto end = keys_.end();
  auto found = end;
  if (end - begin > kSmall) {
    std::sort(begin, end);
    found = std::adjacent_find(begin, end);
  } else {
    for (auto key = begin; key != end && found == end; ++key) {
      if (std::find(begin, key, *key) != key) found = key;
    }
  }
  const bool unique = found == end;
  if (!unique) duplicate = *found;
  keys_.erase(begin, end);
  return unique;
}

}  // namespace weir::codec

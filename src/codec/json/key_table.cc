#include <bit>
#include <utility>

#include "codec/json/key_table_internal.h"

namespace weir::codec {

KeyTable::KeyTable(std::vector<std::string> names) : names_(std::move(names)) {
  slots_.assign(std::bit_ceil(names_.size() * 2 + 1), -1);
  mask_ = slots_.size() - 1;
  for (size_t i = 0; i < names_.size(); ++i) {
    size_t slot = key_hash(names_[i]) & mask_;
    while (slots_[slot] >= 0) slot = (slot + 1) & mask_;
    slots_[slot] = static_cast<int32_t>(i);
  }
}

}  // namespace weir::codec

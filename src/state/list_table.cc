#include "state/list_table.h"

namespace weir::state {
namespace {

constexpr int64_t kNodeBytes = 112;  ///< two strings in a node of a map

int64_t cost(std::string_view name, std::string_view value) {
  return kNodeBytes + static_cast<int64_t>(name.size() + value.size());
}

}  // namespace

const std::string* ListTable::find(std::string_view name) const {
  const auto at = items_.find(name);
  return at == items_.end() ? nullptr : &at->second;
}

Result<void> ListTable::put(std::string_view name, std::string_view value) {
  const auto at = items_.find(name);
  const int64_t more = cost(name, value) - (at == items_.end() ? 0 : cost(name, at->second));
  if (memory_bytes_ + more > kBytesMax) {
    return Error(ErrorKind::resource_exhausted, "state list '" + spec_.name + "' would have " +
                                                    std::to_string(memory_bytes_ + more) + " bytes; its limit is " +
                                                    std::to_string(kBytesMax));
  }
  memory_bytes_ += more;
  if (at != items_.end()) {
    at->second = value;
  } else {
    items_.emplace(name, value);
  }
  return {};
}

void ListTable::erase(std::string_view name) {
  const auto at = items_.find(name);
  if (at == items_.end()) return;
  memory_bytes_ -= cost(at->first, at->second);
  items_.erase(at);
}

}  // namespace weir::state

/// \file
/// Keys of the JSON objects being read, to find one that is named twice.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace weir::codec {

/// A stack: an object adds its keys after those of the objects around it and takes them away at its end. Many keys are
/// compared by sorting, few by a small table, so that no choice of keys makes it slow.
class KeySet {
 public:
  void clear() { keys_.clear(); }
  size_t mark() const { return keys_.size(); }
  void add(std::string_view key) { keys_.push_back(key); }
  /// The keys added since `mark`, in their order.
  std::span<const std::string_view> since(size_t mark) const { return std::span(keys_).subspan(mark); }
  /// Takes away the keys added since `mark`; false, with one of them in `duplicate`, when two are equal.
  bool close(size_t mark, std::string_view& duplicate);

 private:
  std::vector<std::string_view> keys_;
};

}  // namespace weir::codec

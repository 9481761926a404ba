/// \file
/// A small map from field id to a value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace weir::iceberg {

/// A vector sorted by id: an entry of a manifest has five of these, and a manifest ten thousand entries.
template <typename T>
class IdMap {
 public:
  using Entry = std::pair<int32_t, T>;

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  void reserve(size_t size) { entries_.reserve(size); }

  /// Takes over `entries`, sorting them when they are not; of equal ids the last counts.
  static IdMap from_entries(std::vector<Entry> entries) {
    const auto by_id = [](const Entry& a, const Entry& b) { return a.first < b.first; };
    const auto not_ascending = [](const Entry& a, const Entry& b) { return a.first >= b.first; };
    IdMap map;
    map.entries_ = std::move(entries);
    if (std::adjacent_find(map.begin(), map.end(), not_ascending) == map.end()) return map;
    std::stable_sort(map.entries_.begin(), map.entries_.end(), by_id);
    const auto same_id = [](const Entry& a, const Entry& b) { return a.first == b.first; };
    const auto first = std::unique(map.entries_.rbegin(), map.entries_.rend(), same_id);
    map.entries_.erase(map.entries_.begin(), first.base());
    return map;
  }

  /// The value of `id`, or null.
  const T* find(int32_t id) const {
    const auto at = place(id);
    return at != entries_.end() && at->first == id ? &at->second : nullptr;
  }
  /// Sets the value of `id`. Cheap when ids come in ascending order.
  void set(int32_t id, T value) {
    if (entries_.empty() || entries_.back().first < id) {
      entries_.emplace_back(id, std::move(value));
      return;
    }
    const auto at = entries_.begin() + (place(id) - entries_.begin());
    if (at->first == id) {
      at->second = std::move(value);
    } else {
      entries_.emplace(at, id, std::move(value));
    }
  }

  friend bool operator==(const IdMap&, const IdMap&) = default;

 private:
  auto place(int32_t id) const {
    return std::lower_bound(entries_.begin(), entries_.end(), id,
                            [](const Entry& entry, int32_t wanted) { return entry.first < wanted; });
  }
  std::vector<Entry> entries_;
};

}  // namespace weir::iceberg

#include "event/finished_partitions.h"

#include <algorithm>
#include <iterator>

namespace weir {
namespace {

size_t digit(uint64_t name_hash, int shift) {
  return (name_hash >> shift) & 15;
}

auto place_in(const std::vector<FinishedPartition>& entries, uint64_t name_hash) {
  return std::lower_bound(entries.begin(), entries.end(), name_hash,
                          [](const FinishedPartition& entry, uint64_t hash) { return entry.name_hash < hash; });
}

/// How many of the first of `entries` have the same digit. `entries` is not empty.
size_t run_of(std::span<const FinishedPartition> entries, int shift) {
  const size_t wanted = digit(entries.front().name_hash, shift);
  size_t count = 1;
  while (count < entries.size() && digit(entries[count].name_hash, shift) == wanted) ++count;
  return count;
}

}  // namespace

uint64_t name_hash(std::string_view name) {
  return hash64(name);
}

const FinishedPartition* FinishedPartitions::find(uint64_t name_hash) const {
  const Node* node = root_.get();
  for (int shift = kTopShift; node != nullptr && !node->is_leaf(); shift -= 4)
    node = node->children[digit(name_hash, shift)].get();
  if (node == nullptr) return nullptr;
  const auto at = place_in(node->entries, name_hash);
  return at != node->entries.end() && at->name_hash == name_hash ? &*at : nullptr;
}

void FinishedPartitions::put(std::span<const FinishedPartition> entries) {
  if (!entries.empty()) size_ += put_into(root_, entries, kTopShift);
}

/// A node with `entries`, which are not empty. No two have the same hash, so that it ends before the digits do.
FinishedPartitions::NodePtr FinishedPartitions::node_of(std::vector<FinishedPartition> entries, int shift) {
  auto node = std::make_shared<Node>();
  if (entries.size() <= kLeafEntriesMax) {
    node->entries = std::move(entries);
    return node;
  }
  node->children.resize(kWidth);
  for (std::span<const FinishedPartition> left = entries; !left.empty();) {
    const size_t count = run_of(left, shift);
    node->children[digit(left.front().name_hash, shift)] =
        node_of({left.begin(), left.begin() + static_cast<ptrdiff_t>(count)}, shift - 4);
    left = left.subspan(count);
  }
  return node;
}

/// Puts a node in the place of `node` that has `entries` too: others may share the old one. Returns how many are new.
size_t FinishedPartitions::put_into(NodePtr& node, std::span<const FinishedPartition> entries, int shift) {
  if (node && !node->is_leaf()) {
    auto changed = std::make_shared<Node>(*node);
    size_t added = 0;
    while (!entries.empty()) {
      const size_t count = run_of(entries, shift);
      added += put_into(changed->children[digit(entries.front().name_hash, shift)], entries.first(count), shift - 4);
      entries = entries.subspan(count);
    }
    node = std::move(changed);
    return added;
  }
  static const std::vector<FinishedPartition> kNothing;
  const std::vector<FinishedPartition>& old = node ? node->entries : kNothing;
  std::vector<FinishedPartition> merged;
  merged.reserve(old.size() + entries.size());
  // Of two with one name, the first range's is taken.
  std::set_union(entries.begin(), entries.end(), old.begin(), old.end(), std::back_inserter(merged),
                 [](const FinishedPartition& a, const FinishedPartition& b) { return a.name_hash < b.name_hash; });
  const size_t added = merged.size() - old.size();
  node = node_of(std::move(merged), shift);
  return added;
}

void FinishedPartitions::erase(uint64_t name_hash) {
  if (find(name_hash) == nullptr) return;
  erase_from(root_, name_hash, kTopShift);
  --size_;
}

/// The entry is there.
void FinishedPartitions::erase_from(NodePtr& node, uint64_t name_hash, int shift) {
  auto left = std::make_shared<Node>(*node);
  if (left->is_leaf()) {
    left->entries.erase(place_in(left->entries, name_hash));
  } else {
    erase_from(left->children[digit(name_hash, shift)], name_hash, shift - 4);
  }
  const bool is_empty = left->entries.empty() && std::none_of(left->children.begin(), left->children.end(),
                                                              [](const NodePtr& child) { return child != nullptr; });
  node = is_empty ? nullptr : std::move(left);
}

/// Adds what differs, and perhaps more where few meet many.
void FinishedPartitions::add_changed(const NodePtr& now, const NodePtr& before,
                                     std::vector<FinishedPartition>& changed) {
  if (!now || now == before) return;
  if (before && !now->is_leaf() && !before->is_leaf()) {
    for (size_t i = 0; i < kWidth; ++i) add_changed(now->children[i], before->children[i], changed);
    return;
  }
  static const std::vector<FinishedPartition> kNothing;
  const std::vector<FinishedPartition>& old = before ? before->entries : kNothing;  // none of an inner node
  auto at = old.begin();
  for_each_in(*now, [&](const FinishedPartition& entry) {
    while (at != old.end() && at->name_hash < entry.name_hash) ++at;
    if (at == old.end() || *at != entry) changed.push_back(entry);
  });
}

std::vector<FinishedPartition> FinishedPartitions::changed_since(const FinishedPartitions& before) const {
  std::vector<FinishedPartition> changed;
  add_changed(root_, before.root_, changed);
  std::erase_if(changed, [&](const FinishedPartition& entry) {
    const FinishedPartition* old = before.find(entry.name_hash);
    return old != nullptr && *old == entry;
  });
  return changed;
}

std::vector<uint64_t> FinishedPartitions::missing_since(const FinishedPartitions& before) const {
  std::vector<uint64_t> missing;
  for (const FinishedPartition& entry : before.changed_since(*this)) {
    if (find(entry.name_hash) == nullptr) missing.push_back(entry.name_hash);
  }
  return missing;
}

void FinishedPartitions::share(NodePtr& mine, const NodePtr& theirs) {
  if (!mine || !theirs || mine == theirs || mine->is_leaf() != theirs->is_leaf()) return;
  if (mine->is_leaf()) {
    if (mine->entries == theirs->entries) mine = theirs;
    return;
  }
  auto shared = std::make_shared<Node>(*mine);
  for (size_t i = 0; i < kWidth; ++i) share(shared->children[i], theirs->children[i]);
  if (shared->children == theirs->children) {
    mine = theirs;
  } else {
    mine = std::move(shared);
  }
}

void FinishedPartitions::share_with(const FinishedPartitions& other) {
  share(root_, other.root_);
}

}  // namespace weir

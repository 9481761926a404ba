/// \file
/// Partitions that are read to their ends for good: files, of which there may be hundreds of thousands.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace weir {

/// One of them, kept small.
struct FinishedPartition {
  enum class State : uint8_t {
    read,         ///< all of it is in the tables
    bad,          ///< nothing of it is but a word in the dead letter: other content is read
    of_version_1  ///< read; `content.low` is the identity_hash() of what it was then
  };
  uint64_t name_hash = 0;   ///< of its name, as name_hash() has it
  Hash128 content;          ///< XXH3 of all its bytes as stored
  uint64_t facts_hash = 0;  ///< of size, modification time and inode, when its content was last looked at; 0: not known
  uint16_t gone_day = 0;    ///< day since 1970 on which it was missed; 0: it was not
  State state = State::read;

  friend bool operator==(const FinishedPartition&, const FinishedPartition&) = default;
};

uint64_t name_hash(std::string_view name);

/// A set by name. Copies share what they have in common: a copy costs the same however many there are, and a change,
/// a merge or a comparison of two that were one costs what differs, times the logarithm of what there is. A value type.
class FinishedPartitions {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  const FinishedPartition* find(uint64_t name_hash) const;
  /// Adds `entries`, which are sorted by name and unique, in place of those of their names.
  void put(std::span<const FinishedPartition> entries);
  void put(const FinishedPartition& entry) { put(std::span(&entry, 1)); }
  void erase(uint64_t name_hash);

  /// Calls `visit` with each, in the order of their hashes.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    if (root_) for_each_in(*root_, visit);
  }
  /// Those that `before` lacks or has otherwise, in the order of their hashes.
  std::vector<FinishedPartition> changed_since(const FinishedPartitions& before) const;
  /// Hashes of the names that `before` has and this lacks.
  std::vector<uint64_t> missing_since(const FinishedPartitions& before) const;

  /// Shares with `other` what is equal.
  void share_with(const FinishedPartitions& other);

  friend bool operator==(const FinishedPartitions& a, const FinishedPartitions& b) {
    return a.size_ == b.size_ && a.changed_since(b).empty();
  }

 private:
  /// Of a trie over the bits of the hashes, four a level from the highest. Never changed once it is reachable.
  struct Node;
  using NodePtr = std::shared_ptr<const Node>;  ///< null: nothing is there
  struct Node {
    std::vector<FinishedPartition> entries;  ///< of a leaf: sorted by name, not empty
    std::vector<NodePtr> children;           ///< of an inner node: kWidth; empty in a leaf

    bool is_leaf() const { return children.empty(); }
  };
  static constexpr size_t kWidth = 16;
  static constexpr size_t kLeafEntriesMax = 64;
  static constexpr int kTopShift = 60;

  template <typename Visit>
  static void for_each_in(const Node& node, const Visit& visit) {
    for (const FinishedPartition& entry : node.entries) visit(entry);
    for (const NodePtr& child : node.children) {
      if (child) for_each_in(*child, visit);
    }
  }
  static NodePtr node_of(std::vector<FinishedPartition> entries, int shift);
  static size_t put_into(NodePtr& node, std::span<const FinishedPartition> entries, int shift);
  static void erase_from(NodePtr& node, uint64_t name_hash, int shift);
  static void add_changed(const NodePtr& now, const NodePtr& before, std::vector<FinishedPartition>& changed);
  static void share(NodePtr& mine, const NodePtr& theirs);

  NodePtr root_;
  size_t size_ = 0;
};

}  // namespace weir

/// \file
/// Counts the fields that no column reads, by name, within bounds.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/column_node_internal.h"
#include "codec/decoder.h"

namespace weir::codec {

class UnknownTally {
 public:
  explicit UnknownTally(UnknownFields policy) : policy_(policy) {}

  UnknownFields policy() const { return policy_; }

  /// Counts `events` that have a field `name` inside of the struct at `prefix` ("geo." or empty).
  void add(std::string_view prefix, std::string_view name, int64_t events);

  /// What is to be said for the first time.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
  UnknownCounts take_counts() { return std::exchange(counts_, {}); }

 private:
  UnknownFields policy_;
  UnknownCounts counts_;
  std::set<std::string, std::less<>> known_;  ///< names told apart, over all batches
  std::vector<std::string> notes_;
};

/// True for the root of an event whose unknown fields have a column. Only the root has no type.
inline bool keeps_unknown(const ColumnNode& node) {
  return node.type == nullptr && node.builder != nullptr;
}

/// True where fields that no column reads count: not where they are kept, and not beside a path, which picks what it
/// wants.
inline bool counts_unknown(const ColumnNode& node) {
  return node.op == ValueOp::structure && !keeps_unknown(node);
}

/// Appends to `kept` the text of a field: `name` with its escapes, without quotes.
inline void keep_field(std::string_view name, std::string_view value, std::string& kept) {
  kept += kept.empty() ? '{' : ',';
  kept.append(1, '"').append(name).append("\":").append(value);
}

/// Appends what was kept of an event to the column that takes it, if there is one.
inline void append_kept(const ColumnNode& root, std::string& kept) {
  if (root.builder == nullptr) return;
  if (kept.empty()) return root.builder->append_null();
  kept += '}';
  static_cast<BytesBuilder&>(*root.builder).append(kept);
}

/// `text` (UTF-8) as it stands between the quotes of a JSON string.
std::string json_escaped(std::string_view text);

/// Says that an event has the fields `found` and none of `known`, and which differ in case only.
std::string no_known_field_text(const KeyTable& known, std::span<const std::string_view> found);

}  // namespace weir::codec

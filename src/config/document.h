/// \file
/// A YAML document as a tree in which every key and value knows its line and column.
///
/// What is accepted is a strict part of YAML 1.2: one document; mappings with scalar keys, sequences, plain, quoted and
/// block scalars, flow and block style. Refused with a position and a hint: anchors, aliases, tags, directives, merge
/// keys, explicit keys ("? a"), keys that are collections or empty, duplicate keys, tabs outside of text, several
/// documents, unescaped control characters and Unicode line separators. So no input expands and nothing has two
/// readings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"

namespace weir::config {

inline constexpr size_t kDocumentBytesMax = 1024 * 1024;
inline constexpr size_t kDocumentNodesMax = 100'000;
inline constexpr int kDocumentDepthMax = 64;
inline constexpr size_t kScalarBytesMax = 256 * 1024;

enum class NodeKind : uint8_t { null, scalar, sequence, mapping };

/// One value. A plain scalar that is empty, "null" or "~" is null; every other scalar is text until somebody binds it
/// to a type.
class Node {
 public:
  struct Entry;

  NodeKind kind() const { return kind_; }
  /// scalar: the text, as YAML reads it. null: as written.
  const std::string& text() const { return text_; }
  /// True for text in quotes and for block text: it is text, never a number, a boolean or null.
  bool quoted() const { return quoted_; }
  /// True for a plain scalar that YAML 1.2 reads as a number, or as true or false.
  bool is_number() const;
  bool is_boolean() const;
  /// sequence: its values in order.
  const std::vector<Node>& items() const { return items_; }
  /// mapping: its entries in the order of the file.
  const std::vector<Entry>& entries() const { return entries_; }
  /// mapping: the value of `key`, or null.
  const Node* find(std::string_view key) const;

  Position begin() const { return begin_; }
  /// Where the value ends; just after its last character.
  Position end() const { return end_; }
  /// Where byte `offset` of text() stands in the file, for errors inside an expression. The value's begin when the file
  /// has the text with escapes or folded lines.
  Position position_at(size_t offset) const;

 private:
  friend class TreeBuilder;
  NodeKind kind_ = NodeKind::null;
  bool quoted_ = false;
  int text_line_ = 0;  ///< where the file has the text as it is; text_column_ 0 = it is written with escapes or folds
  int text_column_ = 0;
  std::string text_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
  Position begin_;
  Position end_;
};

struct Node::Entry {
  std::string key;
  Position key_begin;
  Node value;
};

/// An immutable value.
class Document {
 public:
  const std::string& file() const { return file_; }
  const Node& root() const { return root_; }

  /// The node at `path`, or null.
  const Node* find(std::string_view path) const;
  /// The place of `path`, or of the nearest value above it that exists.
  Location locate(std::string_view path) const;

 private:
  friend class TreeBuilder;
  std::string file_;
  Node root_;
};

/// Reads `text`, the content of `file`. Adds an error with line and column to `diagnostics` and returns nothing when it
/// is not the YAML described above or exceeds a limit. Registers the text for excerpts. An empty file is a null
/// document.
std::optional<Document> parse(const std::string& file, std::string_view text, Diagnostics& diagnostics);

/// `path` + one more step: a key, or a list index.
std::string path_key(std::string_view path, std::string_view key);
std::string path_index(std::string_view path, size_t index);

/// What a node is, for messages: "the number 12", "the text 'abc'", "a list", "nothing".
std::string describe_node(const Node& node);

}  // namespace weir::config

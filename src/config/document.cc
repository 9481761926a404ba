#include "config/document.h"

#include <algorithm>
#include <charconv>

namespace weir::config {
namespace {

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '$' || c >= 0x80;
  });
}

/// Takes the first step of a path: a key (".a", "a", `["a.b"]`) or an index ("[3]"). False on anything else.
bool take_step(std::string_view& path, std::string& key, std::optional<size_t>& index) {
  index.reset();
  if (path.starts_with("[\"")) {
    const size_t end = path.find("\"]", 2);
    if (end == std::string_view::npos) return false;
    key = path.substr(2, end - 2);
    path.remove_prefix(end + 2);
    return true;
  }
  if (path.starts_with('[')) {
    size_t value = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), value);
    if (error != std::errc() || end == path.data() + path.size() || *end != ']') return false;
    path.remove_prefix(static_cast<size_t>(end - path.data()) + 1);
    index = value;
    return true;
  }
  if (path.starts_with('.')) path.remove_prefix(1);
  const size_t end = std::min(path.find_first_of(".["), path.size());
  key = path.substr(0, end);
  path.remove_prefix(end);
  return !key.empty();
}

/// Walks down as far as the path exists; `path` keeps what is left of it.
const Node* walk(const Node& root, std::string_view& path) {
  const Node* node = &root;
  while (!path.empty()) {
    std::string_view rest = path;
    std::string key;
    std::optional<size_t> index;
    if (!take_step(rest, key, index)) return node;
    const Node* next = nullptr;
    if (index) {
      if (*index < node->items().size()) next = &node->items()[*index];
    } else {
      next = node->find(key);
    }
    if (next == nullptr) return node;
    node = next;
    path = rest;
  }
  return node;
}

int code_points(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// True when YAML 1.2's core schema reads the plain scalar as a number.
bool looks_like_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || ((text[0] < '0' || text[0] > '9') && text[0] != '.')) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return end == text.data() + text.size();
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.key == key; });
  return at == entries_.end() ? nullptr : &at->value;
}

bool Node::is_number() const {
  return kind_ == NodeKind::scalar && !quoted_ && looks_like_number(text_);
}

bool Node::is_boolean() const {
  return kind_ == NodeKind::scalar && !quoted_ &&
         (text_ == "true" || text_ == "True" || text_ == "TRUE" || text_ == "false" || text_ == "False" ||
          text_ == "FALSE");
}

Position Node::position_at(size_t offset) const {
  const std::string_view before = std::string_view(text_).substr(0, offset);
  if (text_column_ == 0) return begin_;
  const size_t line_start = before.rfind('\n');
  const auto lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  return {text_line_ + lines,
          text_column_ + code_points(line_start == std::string_view::npos ? before : before.substr(line_start + 1))};
}

const Node* Document::find(std::string_view path) const {
  const Node* node = walk(root_, path);
  return path.empty() ? node : nullptr;
}

Location Document::locate(std::string_view path) const {
  std::string_view rest = path;
  const Node* node = walk(root_, rest);
  return {file_, node->begin(), std::string(path)};
}

std::string path_key(std::string_view path, std::string_view key) {
  std::string out(path);
  if (!is_bare_key(key)) return out.append("[\"").append(key).append("\"]");
  if (!out.empty()) out += '.';
  return out.append(key);
}

std::string path_index(std::string_view path, size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

std::string describe_node(const Node& node) {
  switch (node.kind()) {
    case NodeKind::null: return "nothing";
    case NodeKind::sequence: return "a list";
    case NodeKind::mapping: return "a mapping";
    case NodeKind::scalar: break;
  }
  std::string text = node.text().substr(0, 60);
  while (!text.empty() && text.size() < node.text().size() &&
         (static_cast<unsigned char>(node.text()[text.size()]) & 0xC0) == 0x80)
    text.pop_back();
  if (text.size() < node.text().size()) text += "...";
  if (node.is_number()) return "the number " + text;
  if (node.is_boolean()) return "the boolean " + text;
  return "the text '" + text + "'";
}

}  // namespace weir::config

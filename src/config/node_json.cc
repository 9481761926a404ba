#include "config/node_json.h"

#include <nlohmann/json.hpp>

namespace weir::config {
namespace {

std::string quote(const std::string& text) {
  return nlohmann::json(text).dump();
}

std::string scalar_to_json(const Node& node) {
  if (node.is_boolean()) return (node.text()[0] | 0x20) == 't' ? "true" : "false";
  if (node.is_number() && nlohmann::json::accept(node.text())) return node.text();
  return quote(node.text());
}

}  // namespace

std::string node_to_json(const Node& node) {
  std::string out;
  switch (node.kind()) {
    case NodeKind::null: return "null";
    case NodeKind::scalar: return scalar_to_json(node);
    case NodeKind::sequence:
      for (const Node& item : node.items()) out += (out.empty() ? "" : ",") + node_to_json(item);
      return "[" + out + "]";
    case NodeKind::mapping:
      for (const Node::Entry& entry : node.entries())
        out += (out.empty() ? "" : ",") + quote(entry.key) + ":" + node_to_json(entry.value);
      return "{" + out + "}";
  }
  return "null";
}

}  // namespace weir::config

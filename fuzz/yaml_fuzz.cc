// Any bytes as a configuration file: parse, bind to a spec that has every kind of field, and show what was found.
#include <cstdint>
#include <cstdlib>

#include "config/binding.h"

namespace {

using namespace weir::config;

enum class Mode { append, upsert };

std::span<const EnumName> enum_names(Mode) {
  static constexpr EnumName kNames[] = {{"append", 0}, {"upsert", 1}};
  return kNames;
}

struct Part {
  std::string path;
  Secret password;
  std::optional<Mode> mode;
  std::vector<Part> parts;
  std::unique_ptr<Part> inner;
};

void describe(Description& d, Part& s) {
  d.structure("part", "A part.");
  d.shorthand("path");
  d.field("path", s.path).required().not_empty();
  d.field("password", s.password);
  d.field("mode", s.mode);
  d.field("parts", s.parts).list_or_one();
  d.field("inner", s.inner);
  d.at_most_one({"parts", "inner"});
}

struct Whole {
  std::string pipeline;
  NamedList<Part> sources;
  std::map<std::string, int64_t> numbers;
  Located<std::string> sql;
  bool flag = false;
  int32_t small = 0;
  double ratio = 0;
  Duration every{1000};
  ByteSize size{1};
  std::optional<Node> anything;
};

void describe(Description& d, Whole& s) {
  d.structure("whole", "Everything.");
  d.field("pipeline", s.pipeline).required();
  d.field("sources", s.sources).not_empty();
  d.field("numbers", s.numbers).min(-10).max(10);
  d.field("sql", s.sql);
  d.field("flag", s.flag);
  d.field("small", s.small);
  d.field("ratio", s.ratio).min(0).max(1);
  d.field("every", s.every).max(std::chrono::hours(24));
  d.field("size", s.size);
  d.field("anything", s.anything);
  d.exactly_one({"flag", "small"});
}

References fake_environment() {
  References references;
  references.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "SECRET") return "hunter2-hunter2";
    return std::nullopt;
  };
  return references;
}

void require(bool condition) {
  if (!condition) std::abort();
}

/// Every value can be found by the path that leads to it, at its own place.
void check_paths(const Document& document, const Node& node, const std::string& path) {
  const Node* found = document.find(path);
  require(found == &node || path.find('"') != std::string::npos);
  require(node.begin().line >= 1 && node.begin().column >= 1 && node.begin() <= node.end());
  for (size_t i = 0; i < node.items().size(); ++i) check_paths(document, node.items()[i], path_index(path, i));
  for (const Node::Entry& entry : node.entries()) check_paths(document, entry.value, path_key(path, entry.key));
  if (node.kind() == NodeKind::scalar) (void)node.position_at(node.text().size() / 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const References kReferences = fake_environment();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto document = parse("fuzz.yaml", text, diagnostics);
  require(document.has_value() == diagnostics.ok());
  if (document) {
    if (size < 4096) check_paths(*document, document->root(), "");
    Whole whole;
    bind(*document, kReferences, whole, diagnostics);
  }
  const std::string shown = diagnostics.render() + diagnostics.to_json();
  // What came through a reference is never shown (unless the file itself has the text).
  if (text.find("hunter2") == std::string_view::npos) require(shown.find("hunter2") == std::string::npos);
  return 0;
}

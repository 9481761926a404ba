#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/document.h"

namespace weir::config {
namespace {

/// One case of the YAML test suite. The files are YAML themselves, but in so regular a form that lines are enough to
/// read them.
struct Case {
  std::string name;
  std::string yaml;
  std::vector<std::string> tree;
  bool fails = false;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string unveil(std::string text) {
  constexpr std::string_view kDash = "—";
  replace_all(text, "␣", " ");
  for (size_t at = text.find("»"); at != std::string::npos; at = text.find("»", at)) {
    size_t begin = at;
    while (begin >= kDash.size() && text.compare(begin - kDash.size(), kDash.size(), kDash) == 0) begin -= kDash.size();
    text.replace(begin, at + std::string_view("»").size() - begin, "\t");
    at = begin;
  }
  replace_all(text, "⇔", "\xEF\xBB\xBF");
  replace_all(text, "↵", "");
  replace_all(text, "←", "\r");
  replace_all(text, "∎\n", "");
  return text;
}

/// "+MAP {} &a <tag>" -> "+MAP"; "=VAL &a <tag> :text" -> "plain text"; quoted and block scalars -> "quoted text".
std::string normal_event(std::string line) {
  line.erase(0, line.find_first_not_of(' '));
  if (line.rfind("=VAL ", 0) != 0) return line.substr(0, 4);
  line.erase(0, 5);
  while (line[0] == '&' || line[0] == '<') {
    const size_t end = line[0] == '<' ? line.find('>') + 1 : line.find(' ');
    line.erase(0, line.find_first_not_of(' ', end));
  }
  return (line[0] == ':' ? "plain " : "quoted ") + line.substr(1);
}

std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::vector<Case> cases;
  std::map<std::string, std::string> fields;
  std::string key;
  Case current;
  bool any = false;
  const auto finish = [&] {
    if (!any) return;
    for (std::string* text : {&fields["yaml"], &fields["tree"]}) {
      while (text->ends_with("\n\n") || *text == "\n")
        text->pop_back();  // the files use "|", which keeps one line break
    }
    Case one{
        file.stem().string() + "-" + std::to_string(cases.size()), unveil(fields["yaml"]), {}, fields.contains("fail")};
    std::istringstream tree(unveil(fields["tree"]));
    for (std::string line; std::getline(tree, line);) one.tree.push_back(normal_event(line));
    cases.push_back(std::move(one));
    fields.erase("fail");  // a case takes over what it does not say from the one before, except this
  };
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const bool new_case = line.rfind("- ", 0) == 0;
    const bool new_field = (new_case || (line.rfind("  ", 0) == 0 && line.size() > 2 && line[2] != ' ')) &&
                           line.find(':') != std::string::npos;
    if (new_case) {
      finish();
      any = true;
    }
    if (new_field) {
      key = line.substr(2, line.find(':') - 2);
      fields[key] = "";
    } else if (!key.empty()) {
      fields[key] += (line.size() > 4 ? line.substr(4) : "") + "\n";
    }
  }
  finish();
  return cases;
}

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\b': out += "\\b"; break;
      case '\0': out += "\\0"; break;
      default: out += c;
    }
  }
  return out;
}

void write_events(const Node& node, std::vector<std::string>& out) {
  if (node.kind() == NodeKind::mapping) {
    out.emplace_back("+MAP");
    for (const Node::Entry& entry : node.entries()) {
      out.push_back("key " + escape(entry.key));
      write_events(entry.value, out);
    }
    out.emplace_back("-MAP");
  } else if (node.kind() == NodeKind::sequence) {
    out.emplace_back("+SEQ");
    for (const Node& item : node.items()) write_events(item, out);
    out.emplace_back("-SEQ");
  } else {
    out.push_back((node.quoted() ? "quoted " : "plain ") + escape(node.text()));
  }
}

/// The suite's events as write_events() writes them: no stream and document events, keys without their style.
std::vector<std::string> expected_events(const Case& one) {
  std::vector<std::string> out;
  struct Open {
    bool mapping;
    bool key_next;
  };
  std::vector<Open> open;
  for (const std::string& event : one.tree) {
    if (event.size() > 1 && (event.substr(1) == "STR" || event.substr(1) == "DOC")) continue;
    if (event[0] == '-') open.pop_back();
    const bool is_value = event[0] != '-';
    if (is_value && !open.empty() && open.back().mapping && open.back().key_next) {
      out.push_back(event[0] == 'p' || event[0] == 'q' ? "key " + event.substr(event.find(' ') + 1) : event);
    } else {
      out.push_back(event);
    }
    if (is_value && !open.empty()) open.back().key_next = !open.back().key_next;
    if (event[0] == '+') open.push_back({event == "+MAP", true});
  }
  return out;
}

TEST(YamlConformance, WhatIsAcceptedIsReadAsTheSuiteSaysAndTheRestIsRefusedWithAPosition) {
  int accepted = 0;
  int refused_invalid = 0;
  int refused_valid = 0;
  for (const auto& file : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/tests/corpora/yaml-conformance")) {
    if (file.path().extension() != ".yaml") continue;
    for (const Case& one : read_cases(file.path())) {
      SCOPED_TRACE(one.name + ":\n" + one.yaml);
      Diagnostics diagnostics;
      const auto document = parse(one.name, one.yaml, diagnostics);
      ASSERT_EQ(document.has_value(), diagnostics.ok());
      if (!document) {
        ++(one.fails ? refused_invalid : refused_valid);
        ASSERT_EQ(diagnostics.error_count(), 1U);
        EXPECT_GE(diagnostics.sorted()[0].line, 1) << diagnostics.render();
        EXPECT_GE(diagnostics.sorted()[0].column, 1) << diagnostics.render();
        if (!one.fails && std::getenv("WEIR_SHOW_REFUSED") != nullptr) std::cout << diagnostics.render();
        continue;
      }
      EXPECT_FALSE(one.fails);
      ++accepted;
      std::vector<std::string> events;
      write_events(document->root(), events);
      std::vector<std::string> expected = expected_events(one);
      if (expected.empty()) expected = {"plain "};  // an empty stream reads as a null document
      EXPECT_EQ(events, expected);
    }
  }
  EXPECT_EQ(refused_invalid, 60);
  EXPECT_EQ(refused_valid, 120);  // anchors, tags, directives, several documents, tabs, explicit and collection keys,
                                  // root block text, libyaml's own gaps
  EXPECT_EQ(accepted, 100);
}

}  // namespace
}  // namespace weir::config

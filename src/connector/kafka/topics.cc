#include <algorithm>
#include <cctype>
#include <set>

#include <regex.h>

#include "connector/kafka/topics_internal.h"

namespace weir::connector {
namespace {

constexpr size_t kEntriesMax = 1000;
constexpr size_t kTopicNameBytesMax = 249;
constexpr size_t kPatternBytesMax = 512;

Error invalid(const std::string& entry, const std::string& what) {
  return Error(ErrorKind::invalid_argument, "topics: '" + entry.substr(0, 300) + "' " + what);
}

/// Lets through only what glibc's regcomp() and regexec() handle in time and memory linear in pattern and text, and
/// reads as other tools do.
Result<void> check_pattern(const std::string& pattern) {
  if (pattern.size() > kPatternBytesMax)
    return invalid(pattern, "is longer than " + std::to_string(kPatternBytesMax) + " characters");
  for (size_t i = 0; i < pattern.size(); ++i) {
    const auto c = static_cast<unsigned char>(pattern[i]);
    if (c < 0x20 || c >= 0x7f) return invalid(pattern, "holds a character that no topic name has");
    if (c == '{')
      return invalid(pattern, "counts repetitions with {}, which is not supported; use * + ? or write them out");
    if (c != '\\') continue;
    if (i + 1 == pattern.size()) return invalid(pattern, "ends in a backslash");
    if (std::isalnum(static_cast<unsigned char>(pattern[i + 1])) != 0) {
      return invalid(pattern,
                     std::string("uses \\") + pattern[i + 1] + ", which is not supported; write a class such as [0-9]");
    }
    ++i;
  }
  return {};
}

}  // namespace

struct TopicSelection::Compiled {
  regex_t regex{};
  bool is_valid = false;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (is_valid) regfree(&regex);
  }
};

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kTopicNameBytesMax || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
  });
}

Result<TopicSelection> TopicSelection::make(const std::vector<std::string>& topics) {
  if (topics.empty())
    return Error(ErrorKind::invalid_argument,
                 "topics: none given; name at least one, or a pattern such as \"^flights\\..*\"");
  if (topics.size() > kEntriesMax)
    return Error(ErrorKind::invalid_argument,
                 "topics: more than " + std::to_string(kEntriesMax) + " entries; use a pattern");
  TopicSelection selection;
  for (const std::string& entry : topics) {
    if (!entry.starts_with('^')) {
      if (!is_topic_name(entry))
        return invalid(entry, "is not a topic name (1 to " + std::to_string(kTopicNameBytesMax) +
                                  " letters, digits, '.', '_', '-'); a pattern begins with '^'");
      selection.names_.push_back(entry);
      continue;
    }
    WEIR_TRY(check_pattern(entry));
    auto compiled = std::make_shared<Compiled>();
    if (const int code = regcomp(&compiled->regex, entry.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
      char reason[200] = "";
      regerror(code, &compiled->regex, reason, sizeof reason);
      return invalid(entry, std::string("is not a regular expression: ") + reason);
    }
    compiled->is_valid = true;
    selection.patterns_.push_back(entry);
    selection.compiled_.push_back(std::move(compiled));
  }
  return selection;
}

bool TopicSelection::selects(const std::string& topic) const {
  if (std::find(names_.begin(), names_.end(), topic) != names_.end()) return true;
  if (topic.starts_with("__") || topic.size() > kTopicNameBytesMax) return false;
  return std::any_of(compiled_.begin(), compiled_.end(),
                     [&](const auto& pattern) { return regexec(&pattern->regex, topic.c_str(), 0, nullptr, 0) == 0; });
}

std::vector<std::string> TopicSelection::resolve(std::span<const std::string> existing) const {
  std::set<std::string> selected(names_.begin(), names_.end());
  for (const std::string& topic : existing) {
    if (selects(topic)) selected.insert(topic);
  }
  return {selected.begin(), selected.end()};
}

}  // namespace weir::connector

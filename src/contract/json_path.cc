#include "contract/json_path.h"

#include <charconv>
#include <string>

namespace weir::contract {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// RFC 9535, name-first: letters, '_' and everything outside of ASCII.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  Result<std::vector<PathStep>> parse() {
    ++at_;  // the '$'
    std::vector<PathStep> steps;
    while (at_ < text_.size()) {
      if (steps.size() == kPathStepsMax) return wrong("a path has at most " + std::to_string(kPathStepsMax) + " steps");
      const char c = text_[at_++];
      if (c == '.') {
        WEIR_ASSIGN(PathStep step, parse_name());
        steps.push_back(std::move(step));
      } else if (c == '[') {
        WEIR_ASSIGN(PathStep step, parse_bracket());
        steps.push_back(std::move(step));
      } else {
        --at_;
        return wrong("expected '.' or '['");
      }
    }
    if (steps.front().index >= 0) return wrong("an event is an object, so the first step is a name");
    return steps;
  }

 private:
  Error wrong(const std::string& what) const {
    return Error(ErrorKind::invalid_argument, "the path '" + std::string(text_) + "' is wrong at character " +
                                                  std::to_string(at_ + 1) + ": " + what);
  }
  Error several(const std::string& what) const { return wrong(what + ", but a column takes one value"); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  Result<PathStep> parse_name() {
    if (peek() == '.') return several("'..' may lead to several values");
    if (peek() == '*') return several("'*' leads to several values");
    if (!begins_name(peek()))
      return wrong(
          "expected a name; names with other characters than letters, digits and '_' are written ['like this']");
    const size_t begin = at_;
    while (begins_name(peek()) || is_digit(peek())) ++at_;
    return PathStep{.name = std::string(text_.substr(begin, at_ - begin))};
  }

  Result<PathStep> parse_bracket() {
    PathStep step;
    const char c = peek();
    if (c == '\'' || c == '"') {
      WEIR_ASSIGN(step.name, parse_quoted());
    } else if (c == '*') {
      return several("'[*]' leads to several values");
    } else if (c == '?') {
      return several("a filter may lead to several values");
    } else if (c == '-') {
      return wrong("elements are counted from the front, from 0");
    } else if (is_digit(c)) {
      const char* const end = text_.data() + text_.size();
      const auto [stop, error] = std::from_chars(text_.data() + at_, end, step.index);
      if (error != std::errc() || (c == '0' && stop != text_.data() + at_ + 1))
        return wrong("expected an index such as 0 or 12");
      at_ = static_cast<size_t>(stop - text_.data());
    } else {
      return wrong("expected an index or a name in quotes");
    }
    if (peek() == ':') return several("a slice may lead to several values");
    if (peek() == ',') return several("a list leads to several values");
    if (peek() != ']') return wrong("expected ']'");
    ++at_;
    return step;
  }

  Result<std::string> parse_quoted() {
    const char quote = text_[at_++];
    std::string name;
    while (peek() != quote) {
      if (at_ >= text_.size()) return wrong("the quote is not closed");
      char c = text_[at_++];
      if (c == '\\') {
        c = peek();
        if (c != quote && c != '\\') return wrong("after a backslash stands the quote or another backslash");
        ++at_;
      }
      name += c;
    }
    ++at_;
    return name;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

bool looks_like_json_path(std::string_view text) {
  return text.starts_with("$.") || text.starts_with("$[");
}

Result<std::vector<PathStep>> parse_json_path(std::string_view text) {
  return PathParser(text).parse();
}

}  // namespace weir::contract

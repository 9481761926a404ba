#include <algorithm>
#include <cstdio>

#include "config/yaml_text_internal.h"

namespace weir::config {
namespace {

struct Decoded {
  uint32_t code_point = 0;
  size_t size = 0;  ///< 0 = not UTF-8
};

/// Decodes one character as RFC 3629 has it: no overlong forms, no surrogates, at most U+10FFFF.
Decoded decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {};
  uint32_t code_point = first & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = (code_point << 6) | (byte(i) & 0x3F);
  }
  const bool overlong = (size == 3 && code_point < 0x800) || (size == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return {};
  return {code_point, size};
}

std::string name_of(uint32_t code_point) {
  char text[16];
  std::snprintf(text, sizeof(text), "U+%04X", code_point);
  return text;
}

std::string refuse(uint32_t c) {
  if (c == 0) return "a NUL byte; is this a text file in UTF-8?";
  if (c == 0xFEFF) return "a byte order mark inside of the text; remove it";
  if (c == 0x85 || c == 0x2028 || c == 0x2029) {
    return "the line separator " + name_of(c) +
           ", which YAML versions read differently; write it as an escape in double quotes";
  }
  return "the control character " + name_of(c) + "; write it as an escape in double quotes";
}

bool is_refused(uint32_t c) {
  if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
  return (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

bool is_break(char c) {
  return c == '\n' || c == '\r';
}

/// Position of the first byte of the line after the one that `at` is in.
size_t next_line(std::string_view text, size_t at) {
  while (at < text.size() && !is_break(text[at])) ++at;
  if (at < text.size()) at += text.substr(at).starts_with("\r\n") ? 2 : 1;
  return at;
}

/// The header of a block scalar ("|2-  # comment") and its first lines, which must not be deeper than the first line
/// with text: libyaml would take the depth from them. Where the file ends without a line break, YAML versions disagree
/// whether the text has one.
std::optional<TextFault> check_block_scalar(std::string_view text, const ScalarSpan& span) {
  size_t at = span.begin + 1;
  bool explicit_indent = false;
  for (; at < span.end && !is_break(text[at]); ++at) {
    const char c = text[at];
    if (c == '#' && text[at - 1] != ' ') return TextFault{at, "a comment needs a space before '#'"};
    if (c == '#') break;
    if (c == '\t') return TextFault{at, std::string(kTabMessage)};
    if (c >= '1' && c <= '9') explicit_indent = true;
  }
  if (!is_break(text.back()) && text.find_first_not_of(' ', span.end) == std::string_view::npos) {
    return TextFault{span.begin, "the file ends inside of this text without a line break; end the last line"};
  }
  size_t deepest = 0;
  size_t deepest_at = 0;
  for (at = next_line(text, at); at < span.end; at = next_line(text, at)) {
    size_t spaces = 0;
    while (at + spaces < span.end && text[at + spaces] == ' ') ++spaces;
    if (at + spaces < span.end && !is_break(text[at + spaces])) {
      if (deepest > spaces && !explicit_indent)
        return TextFault{deepest_at, "this blank line has more spaces than the first line of the text; remove them"};
      return std::nullopt;
    }
    if (spaces > deepest) {
      deepest = spaces;
      deepest_at = at;
    }
  }
  if (deepest > 0)
    return TextFault{deepest_at, "block text of blank lines only, with spaces in them; remove the spaces"};
  return std::nullopt;
}

/// A line break that is escaped in double quotes, with a blank line after it: some readers keep the blank line and some
/// do not.
std::optional<TextFault> check_quoted_scalar(std::string_view text, const ScalarSpan& span) {
  if (text[span.begin] != '"') return std::nullopt;
  for (size_t at = span.begin + 1; at < span.end; ++at) {
    if (text[at] != '\\') continue;
    ++at;
    if (at >= span.end || !is_break(text[at])) continue;
    const size_t line = next_line(text, at);
    const size_t first = text.find_first_not_of(" \t", line);
    if (first < span.end && is_break(text[first]))
      return TextFault{line, "a blank line after an escaped line break; remove it, or write \\n"};
  }
  return std::nullopt;
}

/// What must not stand between scalars at `at`.
std::optional<std::string> refuse_between(std::string_view text, size_t at) {
  const bool line_start = at == 0 || is_break(text[at - 1]);
  switch (text[at]) {
    case '\t': return std::string(kTabMessage);
    case '&': return "an anchor; Weir reads no anchors and aliases, write the value out";
    case '*': return "an alias; Weir reads no anchors and aliases, write the value out";
    case '!': return "a tag; Weir reads no tags, remove it";
    case '?': return "an explicit key ('? key'); write 'key: value'";
    case '%':
      if (line_start) return "a directive; Weir reads YAML 1.2 without directives, remove the line";
      return std::nullopt;
    case '#':
      if (!line_start && text[at - 1] != ' ') return "a comment needs a space before '#'";
      return std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<TextFault> check_indent(std::string_view text, const IndentedSpan& span) {
  for (size_t at = next_line(text, span.begin); at < span.end; at = next_line(text, at)) {
    size_t spaces = 0;
    while (at + spaces < span.end && text[at + spaces] == ' ') ++spaces;
    const size_t first = at + spaces;
    if (static_cast<int>(spaces) >= span.indent_min) continue;
    if (first >= text.size() || is_break(text[first])) continue;
    if (text[first] == '\t') return TextFault{first, std::string(kTabMessage)};
    // A closing bracket below its key is what people write, and it has one reading only.
    if (span.flow && (text[first] == ']' || text[first] == '}' || text[first] == '#')) continue;
    return TextFault{first, "this line continues the value above; indent it by at least " +
                                std::to_string(span.indent_min) + (span.indent_min == 1 ? " space" : " spaces")};
  }
  return std::nullopt;
}

}  // namespace

bool looks_secret(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view word : {"passw", "secret", "token", "credential", "private"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

std::optional<TextFault> check_characters(std::string_view text) {
  if (text.starts_with("\xFE\xFF") || text.starts_with("\xFF\xFE"))
    return TextFault{0, "UTF-16; save the file as UTF-8"};
  for (size_t at = 0; at < text.size();) {
    const auto [c, size] = decode(text.substr(at));
    if (size == 0) return TextFault{at, "a byte that is not UTF-8; save the file as UTF-8"};
    if (is_refused(c)) return TextFault{at, refuse(c)};
    if (c == '\r' && !text.substr(at).starts_with("\r\n"))
      return TextFault{at, "a carriage return without a line feed; end lines with a line feed"};
    at += size;
  }
  return std::nullopt;
}

std::optional<TextFault> check_structure(std::string_view text, const std::vector<ScalarSpan>& scalars,
                                         const std::vector<IndentedSpan>& indented) {
  auto scalar = scalars.begin();
  for (size_t at = 0; at < text.size();) {
    if (scalar != scalars.end() && at >= scalar->begin) {
      if (scalar->kind == SpanKind::block) {
        if (auto fault = check_block_scalar(text, *scalar)) return fault;
      } else if (scalar->kind == SpanKind::quoted) {
        if (auto fault = check_quoted_scalar(text, *scalar)) return fault;
      }
      at = std::max(at, scalar->end);
      ++scalar;
      continue;
    }
    if (auto message = refuse_between(text, at)) return TextFault{at, *std::move(message)};
    if (text[at] == '#') {
      while (at < text.size() && !is_break(text[at])) ++at;
    } else {
      ++at;
    }
  }
  std::optional<TextFault> first;
  for (const IndentedSpan& span : indented) {
    auto fault = check_indent(text, span);
    if (fault && (!first || fault->offset < first->offset)) first = std::move(fault);
  }
  return first;
}

}  // namespace weir::config

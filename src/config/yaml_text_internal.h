/// \file
/// The two passes over a YAML file's bytes that stand around libyaml: which characters may occur at all, and strictness
/// about what stands between the scalars (libyaml accepts some text that YAML 1.2 forbids, and YAML has features that
/// configuration does without).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// A finding at a byte of the file.
struct TextFault {
  size_t offset = 0;
  std::string message;
};

/// Refuses what is not UTF-8 text: broken sequences, UTF-16, NUL and other control characters, byte order marks, and
/// the Unicode line separators that YAML 1.1 and 1.2 read differently.
std::optional<TextFault> check_characters(std::string_view text);

enum class SpanKind : uint8_t { plain, quoted, block };

/// Where a scalar stands in the text: bytes [begin, end).
struct ScalarSpan {
  size_t begin = 0;
  size_t end = 0;
  SpanKind kind = SpanKind::plain;
};

/// Lines that begin in (begin, end) must be indented by `indent_min` spaces: a flow collection or a quoted scalar over
/// several lines.
struct IndentedSpan {
  size_t begin = 0;
  size_t end = 0;
  int indent_min = 0;
  bool flow = false;
};

/// Refuses tabs outside of scalars and comments, "#" without a space before it, explicit keys, directives, anchors,
/// tags, and continuation lines that are not indented. `scalars` in order of `begin`, not overlapping.
std::optional<TextFault> check_structure(std::string_view text, const std::vector<ScalarSpan>& scalars,
                                         const std::vector<IndentedSpan>& indented);

/// True when `text` has a word in it that people use for what must not be shown ("password", "token", ...).
bool looks_secret(std::string_view text);

inline constexpr std::string_view kTabMessage = "a tab character; YAML is indented and separated with spaces";

}  // namespace weir::config

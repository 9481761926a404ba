/// \file
/// Makes text of unknown origin safe to show: valid UTF-8, one line, nothing that a terminal or a JSON parser obeys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::observe {

enum class EscapeStyle {
  json,  ///< the inside of a JSON string: \" \\ \n \u0007
  text,  ///< for terminals and text logs: \n \x07 \u202e; quotes and backslashes stay as they are
};

/// Appends `text` escaped, at most `bytes_max` bytes of it; what does not fit is cut between characters and ends in
/// "...". Returns false when it was cut.
///
/// Escaped are control characters (C0, DEL, C1), line and paragraph separators and the bidirectional overrides that
/// reorder a terminal line; bytes that are not UTF-8 become U+FFFD.
bool append_escaped(std::string& out, std::string_view text, EscapeStyle style, size_t bytes_max = SIZE_MAX);

/// Returns `text` with bytes that are not UTF-8 replaced by U+FFFD, cut between characters to at most `bytes_max`
/// bytes.
std::string to_valid_utf8(std::string_view text, size_t bytes_max = SIZE_MAX);

}  // namespace weir::observe

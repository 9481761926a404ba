/// \file
/// Base64 (RFC 4648 section 4, padded) and hexadecimal text for bytes.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Padded to a multiple of four characters; no line breaks.
std::string base64_encode(std::string_view bytes);
/// Appends the decoded bytes to `out`; false, with `out` as it was, when `text` is not strictly base64 (no blanks, full
/// padding).
bool base64_decode(std::string_view text, std::string& out);

/// The value of a hex digit of either case, 0..15, or -1 for another character.
int hex_value(char c);
/// Two lower-case hex digits a byte.
std::string hex_encode(std::string_view bytes);
/// Appends the decoded bytes to `out`; false, with `out` as it was, when `text` is not an even number of hex digits.
bool hex_decode(std::string_view text, std::string& out);

}  // namespace weir

/// \file
/// JSON strings with escapes, and strings that are only checked. Both give up (null end) on what RFC 8259 does not
/// allow and on half a surrogate pair; neither checks UTF-8, but says where a check is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::codec {

struct UnescapedString {
  const char* end;  ///< the closing quote; null when the string is bad or not closed before `limit`
  size_t size;      ///< bytes written
  bool is_ascii;    ///< the text between the quotes has no byte above 0x7f
};

/// Writes the string whose content begins at `p` to `out`, where there must be room up to `limit` and 16 bytes more. 64
/// bytes after `limit` must be readable.
UnescapedString unescape(const char* p, const char* limit, uint8_t* out);

/// Checks the string whose content begins at `p`, UTF-8 included. Returns the byte after its closing quote; null when
/// it is bad.
const char* skip_string(const char* p, const char* limit);

}  // namespace weir::codec

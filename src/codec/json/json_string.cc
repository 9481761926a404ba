#include "codec/json/json_scan_internal.h"
#include "codec/json/json_string_internal.h"
#include "codec/utf8.h"

namespace weir::codec {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The four hex digits at `p`, or -1.
int32_t hex_unit(const char* p) {
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

uint8_t* put_utf8(uint32_t point, uint8_t* out) {
  if (point < 0x80) {
    *out++ = static_cast<uint8_t>(point);
    return out;
  }
  if (point < 0x800) {
    *out++ = static_cast<uint8_t>(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      *out++ = static_cast<uint8_t>(0xe0 | point >> 12);
    } else {
      *out++ = static_cast<uint8_t>(0xf0 | point >> 18);
      *out++ = static_cast<uint8_t>(0x80 | (point >> 12 & 0x3f));
    }
    *out++ = static_cast<uint8_t>(0x80 | (point >> 6 & 0x3f));
  }
  *out++ = static_cast<uint8_t>(0x80 | (point & 0x3f));
  return out;
}

/// Undoes \uXXXX, or a pair of them; `p` is at its first digit. Null for half a pair and anything else that is no
/// character.
const char* undo_unicode(const char* p, uint8_t*& out) {
  const int32_t first = hex_unit(p);
  if (first < 0 || (first >= 0xdc00 && first <= 0xdfff)) return nullptr;
  p += 4;
  auto point = static_cast<uint32_t>(first);
  if (first >= 0xd800 && first <= 0xdbff) {
    if (p[0] != '\\' || p[1] != 'u') return nullptr;
    const int32_t second = hex_unit(p + 2);
    if (second < 0xdc00 || second > 0xdfff) return nullptr;
    point = 0x10000 + ((static_cast<uint32_t>(first) - 0xd800) << 10) + (static_cast<uint32_t>(second) - 0xdc00);
    p += 6;
  }
  out = put_utf8(point, out);
  return p;
}

/// Undoes the escape whose backslash is before `p`.
const char* undo_escape(const char* p, uint8_t*& out) {
  switch (*p) {
    case '"':
    case '\\':
    case '/': *out++ = static_cast<uint8_t>(*p); break;
    case 'b': *out++ = '\b'; break;
    case 'f': *out++ = '\f'; break;
    case 'n': *out++ = '\n'; break;
    case 'r': *out++ = '\r'; break;
    case 't': *out++ = '\t'; break;
    case 'u': return undo_unicode(p + 1, out);
    default: return nullptr;
  }
  return p + 1;
}

}  // namespace

UnescapedString unescape(const char* p, const char* limit, uint8_t* out) {
  const uint8_t* const begin = out;
  bool is_ascii = true;
  while (p <= limit) {
    const PlainRun run = copy_run(p, limit, out);
    if (run.end == nullptr) break;
    is_ascii = is_ascii && run.is_ascii;
    out += run.end - p;
    if (*run.end == '"') return {run.end, static_cast<size_t>(out - begin), is_ascii};
    if (*run.end != '\\') break;
    p = undo_escape(run.end + 1, out);
    if (p == nullptr) break;
  }
  return {nullptr, 0, false};
}

const char* skip_string(const char* p, const char* limit) {
  const char* const begin = p;
  bool is_ascii = true;
  while (p <= limit) {
    const PlainRun run = scan_run(p, limit);
    if (run.end == nullptr) return nullptr;
    is_ascii = is_ascii && run.is_ascii;
    if (*run.end == '"')
      return is_ascii || is_utf8({begin, static_cast<size_t>(run.end - begin)}) ? run.end + 1 : nullptr;
    if (*run.end != '\\') return nullptr;
    uint8_t character[4];
    uint8_t* out = character;
    p = undo_escape(run.end + 1, out);
    if (p == nullptr) return nullptr;
  }
  return nullptr;
}

}  // namespace weir::codec

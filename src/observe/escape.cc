#include "observe/escape.h"

#include <array>

namespace weir::observe {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "...";

struct Character {
  char32_t code = 0;
  size_t size = 1;
  bool valid = false;
};

/// Decodes the first character by Unicode table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
Character first_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {.code = lead, .size = 1, .valid = true};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  char32_t code = lead & (size == 2 ? 0x1FU : size == 3 ? 0x0FU : 0x07U);
  for (size_t i = 1; i < size; ++i) {
    if (byte(i) < low || byte(i) > high) return {};
    code = (code << 6) | (byte(i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {.code = code, .size = size, .valid = true};
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x61C || code == 0x200E || code == 0x200F ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

void append_hex(std::string& out, char32_t code, int digits) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out.push_back(kDigits[(code >> shift) & 0xF]);
}

void append_control(std::string& out, char32_t code, EscapeStyle style) {
  out.push_back('\\');
  switch (code) {
    case '\n': out.push_back('n'); return;
    case '\r': out.push_back('r'); return;
    case '\t': out.push_back('t'); return;
    default: break;
  }
  const bool is_short = style == EscapeStyle::text && code <= 0xFF;
  out.push_back(is_short ? 'x' : 'u');
  append_hex(out, code, is_short ? 2 : 4);
}

void append_character(std::string& out, std::string_view bytes, Character character, EscapeStyle style) {
  if (!character.valid) {
    out.append(kReplacement);
  } else if (is_control(character.code)) {
    append_control(out, character.code, style);
  } else {
    if (style == EscapeStyle::json && (character.code == '"' || character.code == '\\')) out.push_back('\\');
    out.append(bytes);
  }
}

}  // namespace

bool append_escaped(std::string& out, std::string_view text, EscapeStyle style, size_t bytes_max) {
  const size_t begin = out.size();
  size_t cut = begin;  // where the ellipsis still fits
  while (!text.empty()) {
    const Character character = first_character(text);
    append_character(out, text.substr(0, character.size), character, style);
    text.remove_prefix(character.size);
    const size_t size = out.size() - begin;
    if (size > bytes_max) {
      out.resize(cut);
      if (bytes_max >= kEllipsis.size()) out.append(kEllipsis);
      return false;
    }
    if (size + kEllipsis.size() <= bytes_max) cut = out.size();
  }
  return true;
}

std::string to_valid_utf8(std::string_view text, size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes = character.valid ? text.substr(0, character.size) : kReplacement;
    if (out.size() + bytes.size() > bytes_max) break;
    out.append(bytes);
    text.remove_prefix(character.size);
  }
  return out;
}

}  // namespace weir::observe

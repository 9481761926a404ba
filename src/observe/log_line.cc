#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/civil_time.h"
#include "observe/escape.h"
#include "observe/log_line_internal.h"

namespace weir::observe::internal {
namespace {

constexpr size_t kMessageBytesMax = 4096;
constexpr size_t kKeyBytesMax = 128;
constexpr size_t kEndReserve = 32;  ///< room for `,"truncated":true}` and the newline
constexpr size_t kValueBytesMin = 16;

std::string timestamp(int64_t wall_ms) {
  std::string text = format_datetime(wall_ms * 1000);
  const size_t dot = text.find('.');
  const std::string whole = text.substr(0, dot);
  const int64_t ms = ((wall_ms % 1000) + 1000) % 1000;
  const std::string digits = std::to_string(ms);
  return whole + "." + std::string(3 - digits.size(), '0') + digits + "Z";
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

/// A field after redaction: what it says, and whether JSON may show it without quotes.
struct Shown {
  std::string key;
  std::string value;
  bool bare = false;
};

Shown show(const LogField& field, const Redactor& redactor) {
  Shown shown{.key = redactor.redact_registered(field.key), .value = {}, .bare = true};
  if (is_secret_key(field.key)) return {.key = std::move(shown.key), .value = std::string(kRedacted)};
  std::string raw;
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    raw = *text;
    shown.bare = false;
  } else if (const auto* integer = std::get_if<int64_t>(&field.value)) {
    raw = std::to_string(*integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    raw = number_text(*number);
    shown.bare = std::isfinite(*number);
  } else {
    raw = std::get<bool>(field.value) ? "true" : "false";
  }
  shown.value = redactor.redact(raw);
  if (shown.value != raw) shown.bare = false;  // a number that is a secret
  return shown;
}

std::vector<Shown> show_all(const LogLine& line, const Redactor& redactor) {
  std::vector<Shown> shown;
  for (const auto& [key, value] : line.context) shown.push_back(show(LogField(key, value), redactor));
  for (const LogField& field : line.fields) shown.push_back(show(field, redactor));
  std::set<std::string> taken = {"ts", "level", "event", "msg", "truncated"};
  for (Shown& field : shown) {
    const std::string name = field.key;
    for (int n = 2; !taken.insert(field.key).second; ++n) field.key = name + "_" + std::to_string(n);
  }
  return shown;
}

/// Appends what `render` makes when it fits within `limit`; else tries the value cut shorter; else leaves the field
/// out. False when anything is missing.
template <typename Render>
bool append_field(std::string& out, size_t limit, const Render& render) {
  std::string piece;
  bool whole = render(piece, limit);
  if (out.size() + piece.size() > limit) {
    const size_t excess = out.size() + piece.size() - limit;
    const size_t room = piece.size() > excess + kKeyBytesMax ? piece.size() - excess - kKeyBytesMax : 0;
    piece.clear();
    if (room < kValueBytesMin) return false;
    render(piece, room);
    whole = false;
    if (out.size() + piece.size() > limit) return false;
  }
  out.append(piece);
  return whole;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" =\"\\") != std::string_view::npos;
}

/// ANSI colour of a level.
std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "\x1b[2m";
    case LogLevel::info: return "\x1b[32m";
    case LogLevel::warn: return "\x1b[33m";
    case LogLevel::error: return "\x1b[1;31m";
  }
  return "";
}

std::string_view padded_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "DEBUG";
    case LogLevel::info: return "INFO ";
    case LogLevel::warn: return "WARN ";
    case LogLevel::error: return "ERROR";
  }
  return "     ";
}

bool append_text_field(std::string& piece, const Shown& field, size_t value_max) {
  piece.push_back(' ');
  std::string key;
  bool whole = append_escaped(key, field.key, EscapeStyle::text, kKeyBytesMax);
  std::replace_if(
      key.begin(), key.end(), [](char c) { return c == ' ' || c == '=' || c == '"'; }, '_');
  piece.append(key).push_back('=');
  // JSON's rules inside quotes keep a quote in the data from ending the value.
  const bool quoted = needs_quotes(field.value);
  if (quoted) piece.push_back('"');
  whole &= append_escaped(piece, field.value, quoted ? EscapeStyle::json : EscapeStyle::text, value_max);
  if (quoted) piece.push_back('"');
  return whole;
}

bool append_json_field(std::string& piece, const Shown& field, size_t value_max) {
  piece.append(",\"");
  bool whole = append_escaped(piece, field.key, EscapeStyle::json, kKeyBytesMax);
  piece.append(field.bare ? "\":" : "\":\"");
  if (field.bare) return piece.append(field.value), whole;
  whole &= append_escaped(piece, field.value, EscapeStyle::json, value_max);
  piece.push_back('"');
  return whole;
}

}  // namespace

std::string render_json(const LogLine& line, const Redactor& redactor) {
  std::string out = "{\"ts\":\"" + timestamp(line.wall_ms) + "\",\"level\":\"";
  out.append(to_string(line.level)).append("\",\"event\":\"").append(line.event).append("\",\"msg\":\"");
  bool whole = append_escaped(out, redactor.redact(line.message), EscapeStyle::json, kMessageBytesMax);
  out.push_back('"');
  for (const Shown& field : show_all(line, redactor)) {
    whole &= append_field(out, kLogLineBytesMax - kEndReserve, [&](std::string& piece, size_t value_max) {
      return append_json_field(piece, field, value_max);
    });
  }
  if (!whole) out.append(",\"truncated\":true");
  return out.append("}\n");
}

std::string render_text(const LogLine& line, const Redactor& redactor, bool colour) {
  std::string out = timestamp(line.wall_ms) + " ";
  if (colour) out.append(colour_of(line.level));
  out.append(padded_name(line.level));
  if (colour) out.append("\x1b[0m");
  out.append(" ").append(line.event).append("  ");
  bool whole = append_escaped(out, redactor.redact(line.message), EscapeStyle::text, kMessageBytesMax);
  std::string fields = " ";
  const size_t limit = kLogLineBytesMax - kEndReserve - out.size();
  for (const Shown& field : show_all(line, redactor)) {
    whole &= append_field(fields, limit, [&](std::string& piece, size_t value_max) {
      return append_text_field(piece, field, value_max);
    });
  }
  // A secret with a '=' or a blank in it can come together from a key and its value.
  if (fields.size() > 1) out.append(redactor.redact_registered(fields));
  if (!whole) out.append(" truncated=true");
  return out.append("\n");
}

}  // namespace weir::observe::internal

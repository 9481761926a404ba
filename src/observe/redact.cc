#include "observe/redact.h"

#include <algorithm>
#include <array>
#include <utility>

#include <string.h>

#include "observe/escape.h"

namespace weir::observe {
namespace {

using Span = std::pair<size_t, size_t>;  ///< [begin, end)
using Words = std::vector<std::string>;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_quote(char c) {
  return c == '"' || c == '\'';
}
char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [](char l, char t) { return l == to_lower(t); });
}

template <size_t N>
bool contains(const std::array<std::string_view, N>& set, std::string_view word) {
  return std::find(set.begin(), set.end(), word) != set.end();
}

/// "sslKey.Password" -> ssl, key, password.
Words words_of(std::string_view name) {
  Words words;
  char before = '_';
  for (const char c : name) {
    const bool is_break = c == '_' || c == '-' || c == '.' || c == ' ' || c == '/';
    if (!is_break && (words.empty() || words.back().empty() || !(is_upper(c) && is_lower(before)))) {
      if (words.empty()) words.emplace_back();
      words.back().push_back(to_lower(c));
    } else if (is_break) {
      if (!words.empty() && !words.back().empty()) words.emplace_back();
    } else {
      words.emplace_back(1, to_lower(c));
    }
    before = c;
  }
  if (!words.empty() && words.back().empty()) words.pop_back();
  return words;
}

bool is_secret_word(std::string_view word) {
  static constexpr std::array<std::string_view, 13> kParts = {
      "password", "passwd", "passphrase", "secret",     "token",     "credential", "authorization",
      "cookie",   "apikey", "accesskey",  "privatekey", "secretkey", "bearer"};
  static constexpr std::array<std::string_view, 6> kWhole = {"pwd", "pass", "pin", "jwt", "auth", "jaas"};
  return contains(kWhole, word) || std::any_of(kParts.begin(), kParts.end(),
                                               [&](auto part) { return word.find(part) != std::string_view::npos; });
}

/// "***" for the value of `key: value` in free text would also hide "dedupe key=origin", so a bare key counts only as a
/// field.
bool is_secret_in_text(std::string_view key) {
  return key != "key" && key != "keys" && is_secret_key(key);
}

/// The end of the value that begins at `at`; `at` itself when there is none. Quoted values end at their quote, others
/// at a separator.
size_t value_end(std::string_view text, size_t at) {
  size_t escapes = 0;
  while (at + escapes < text.size() && text[at + escapes] == '\\') ++escapes;  // a quote inside a quoted text: \"
  if (at + escapes < text.size() && is_quote(text[at + escapes])) {
    const char quote = text[at + escapes];
    for (size_t i = at + escapes + 1; i < text.size(); ++i) {
      size_t before = 0;
      while (before < i && text[i - 1 - before] == '\\') ++before;
      if (text[i] == quote && before <= escapes) return i + 1;
    }
    return text.size();
  }
  return std::min(text.find_first_of(" \t\r\n,;&)]}\"'", at), text.size());
}

size_t skip_blanks(std::string_view text, size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// Takes in "Basic dXNlcg==" after "Authorization: ", both words of it.
size_t credentials_end(std::string_view text, size_t at) {
  const size_t end = value_end(text, at);
  for (const std::string_view scheme : {"basic", "bearer", "digest", "negotiate", "aws4-hmac-sha256"}) {
    if (end - at == scheme.size() && starts_with_ignoring_case(text.substr(at), scheme)) {
      return value_end(text, skip_blanks(text, end));
    }
  }
  return end;
}

/// `password=x`, `password = "x"`, `"password": "x"`, `Authorization: Basic x`.
void find_assignments(std::string_view text, std::vector<Span>& spans) {
  for (size_t at = 0; at < text.size();) {
    if (!is_name(text[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && is_name(text[at])) ++at;
    const std::string_view key = text.substr(begin, at - begin);
    size_t next = at;
    while (next < text.size() && text[next] == '\\') ++next;
    const bool quoted = next < text.size() && is_quote(text[next]);
    next = skip_blanks(text, quoted ? next + 1 : at);
    if (next >= text.size() || (text[next] != '=' && text[next] != ':') || !is_secret_in_text(key)) continue;
    const bool is_header =
        starts_with_ignoring_case(key, "authorization") || starts_with_ignoring_case(key, "proxy-auth");
    // "password: is not set" is prose; a colon assigns only in JSON and in headers.
    if (text[next] == ':' && !quoted && !is_header) continue;
    const size_t value = skip_blanks(text, next + 1);
    const size_t end = is_header ? credentials_end(text, value) : value_end(text, value);
    if (end > value) spans.emplace_back(value, end);
    at = std::max(end, at);
  }
}

/// The password of scheme://user:password@host.
void find_url_passwords(std::string_view text, std::vector<Span>& spans) {
  for (size_t at = text.find("://"); at != std::string_view::npos; at = text.find("://", at)) {
    at += 3;
    const std::string_view authority = text.substr(at, text.find_first_of("/?# \t\r\n\"'<>", at) - at);
    const size_t host = authority.rfind('@');
    const size_t colon = authority.find(':');
    if (host != std::string_view::npos && colon < host) spans.emplace_back(at + colon + 1, at + host);
  }
}

/// "Bearer eyJhbGciOi..." wherever it stands.
void find_bearer_tokens(std::string_view text, std::vector<Span>& spans) {
  static constexpr std::string_view kScheme = "bearer ";
  for (size_t at = 0; at + kScheme.size() < text.size(); ++at) {
    if (!starts_with_ignoring_case(text.substr(at), kScheme)) continue;
    const size_t token = skip_blanks(text, at + kScheme.size());
    const size_t end = value_end(text, token);
    if (end - token >= 8) spans.emplace_back(token, end);
  }
}

void find_needles(std::string_view text, const std::vector<std::string>& needles, std::vector<Span>& spans) {
  for (const std::string& needle : needles) {
    for (size_t at = text.find(needle); at != std::string_view::npos; at = text.find(needle, at + 1)) {
      spans.emplace_back(at, at + needle.size());
    }
  }
}

/// Overlapping finds become one, so that no rest of the second stays visible.
std::string without(std::string_view text, std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end());
  std::string out;
  size_t shown = 0;
  for (size_t i = 0; i < spans.size();) {
    const size_t begin = spans[i].first;
    size_t end = spans[i].second;
    for (++i; i < spans.size() && spans[i].first <= end; ++i) end = std::max(end, spans[i].second);
    out.append(text, shown, begin - shown).append(kRedacted);
    shown = end;
  }
  return out.append(text, shown);
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 0xF]});
    }
  }
  return out;
}

}  // namespace

Redactor::~Redactor() {
  for (std::string& needle : needles_) explicit_bzero(needle.data(), needle.size());
}

void Redactor::register_secret(std::string_view value) {
  if (value.size() < kSecretBytesMin) return;
  std::string json;
  append_escaped(json, value, EscapeStyle::json);
  const std::scoped_lock lock(mutex_);
  for (std::string& form : std::array<std::string, 3>{std::string(value), percent_encoded(value), std::move(json)}) {
    if (std::find(needles_.begin(), needles_.end(), form) == needles_.end()) needles_.push_back(std::move(form));
  }
}

std::string Redactor::redact(std::string_view text) const {
  std::vector<Span> spans;
  find_assignments(text, spans);
  find_url_passwords(text, spans);
  find_bearer_tokens(text, spans);
  const std::scoped_lock lock(mutex_);
  find_needles(text, needles_, spans);
  return without(text, spans);
}

std::string Redactor::redact_registered(std::string_view text) const {
  std::vector<Span> spans;
  const std::scoped_lock lock(mutex_);
  find_needles(text, needles_, spans);
  return without(text, spans);
}

bool is_secret_key(std::string_view key) {
  static constexpr std::array<std::string_view, 10> kMeasures = {"count",   "total", "bytes",  "ms",      "us",
                                                                 "seconds", "size",  "length", "version", "type"};
  static constexpr std::array<std::string_view, 8> kTableKeys = {"primary", "partition", "foreign", "sort",
                                                                 "dedupe",  "message",   "join",    "group"};
  const Words words = words_of(key);
  if (words.empty() || contains(kMeasures, words.back())) return false;
  if (std::any_of(words.begin(), words.end(), is_secret_word)) return true;
  if (words.back() != "key" && words.back() != "keys") return false;
  return words.size() == 1 || !contains(kTableKeys, words[words.size() - 2]);
}

}  // namespace weir::observe

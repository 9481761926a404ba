#include "expression/expression.h"
#include "expression/sql/function_catalog_internal.h"
#include "expression/sql/sql_text_internal.h"

namespace weir::expression {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// The end of a quoted piece that opens at `at`; a doubled quote stands for itself, and so does one behind a backslash
/// if `backslash`.
size_t end_of_quoted(std::string_view sql, size_t at, bool backslash) {
  const char quote = sql[at];
  for (size_t i = at + 1; i < sql.size(); ++i) {
    if (backslash && sql[i] == '\\') {
      ++i;
    } else if (sql[i] == quote) {
      if (i + 1 < sql.size() && sql[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return sql.size();
}

/// The end of $tag$...$tag$ at `at`, or `at` when it is none.
size_t end_of_dollar_quoted(std::string_view sql, size_t at) {
  size_t tag_end = at + 1;
  while (tag_end < sql.size() && is_word(sql[tag_end])) ++tag_end;
  if (tag_end >= sql.size() || sql[tag_end] != '$' || (tag_end > at + 1 && is_digit(sql[at + 1]))) return at;
  const std::string_view tag = sql.substr(at, tag_end + 1 - at);
  const size_t close = sql.find(tag, tag_end + 1);
  return close == std::string_view::npos ? sql.size() : close + tag.size();
}

/// The end of a comment at `at`, or `at` when there is none. Block comments nest.
size_t end_of_comment(std::string_view sql, size_t at) {
  if (sql.substr(at, 2) == "--") {
    const size_t newline = sql.find_first_of("\n\r", at);
    return newline == std::string_view::npos ? sql.size() : newline;
  }
  if (sql.substr(at, 2) != "/*") return at;
  int depth = 0;
  for (size_t i = at; i + 1 < sql.size(); ++i) {
    if (sql[i] == '/' && sql[i + 1] == '*') {
      ++depth;
      ++i;
    } else if (sql[i] == '*' && sql[i + 1] == '/') {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return sql.size();
}

size_t utf8_size(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0 && continues(1)) return 2;
  if (first >= 0xe0 && first < 0xf0 && continues(1) && continues(2)) {
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0)) return 0;
    return 3;
  }
  if (first >= 0xf0 && first < 0xf5 && continues(1) && continues(2) && continues(3)) {
    if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90)) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::vector<SqlToken> split_sql(std::string_view sql) {
  std::vector<SqlToken> tokens;
  for (size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    if (is_space(c)) {
      ++at;
      continue;
    }
    if (const size_t end = end_of_comment(sql, at); end != at) {
      at = end;
      continue;
    }
    SqlToken token{.kind = SqlToken::Kind::symbol, .begin = at, .end = at + 1};
    if (c == '\'') {
      token = {.kind = SqlToken::Kind::string, .begin = at, .end = end_of_quoted(sql, at, false)};
    } else if (c == '"') {
      token = {.kind = SqlToken::Kind::quoted_name, .begin = at, .end = end_of_quoted(sql, at, false)};
    } else if ((c == 'e' || c == 'E') && at + 1 < sql.size() && sql[at + 1] == '\'') {
      token = {.kind = SqlToken::Kind::string, .begin = at, .end = end_of_quoted(sql, at + 1, true)};
    } else if (c == '$' && end_of_dollar_quoted(sql, at) != at) {
      token = {.kind = SqlToken::Kind::string, .begin = at, .end = end_of_dollar_quoted(sql, at)};
    } else if (is_word(c)) {
      token.kind = is_digit(c) ? SqlToken::Kind::number : SqlToken::Kind::word;
      while (token.end < sql.size() && (is_word(sql[token.end]) || (token.end > at && sql[token.end] == '$')))
        ++token.end;
    }
    tokens.push_back(token);
    at = token.end;
  }
  return tokens;
}

Result<void> check_sql_characters(std::string_view sql, std::string_view what, size_t& offset) {
  for (size_t at = 0; at < sql.size();) {
    const size_t size = utf8_size(sql, at);
    offset = at;
    if (size == 0) return Error(ErrorKind::invalid_argument, "the " + std::string(what) + " is not UTF-8");
    const auto byte = static_cast<unsigned char>(sql[at]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
      return Error(ErrorKind::invalid_argument,
                   "the " + std::string(what) + " has a control character (code " + std::to_string(byte) + ")");
    }
    at += size;
  }
  return {};
}

Result<void> check_sql_text(std::string_view sql, size_t& offset) {
  offset = 0;
  if (sql.size() > kSqlBytesMax) {
    return Error(ErrorKind::limit_exceeded, "the expression is " + std::to_string(sql.size()) +
                                                " bytes long; at most " + std::to_string(kSqlBytesMax) +
                                                " are allowed");
  }
  WEIR_TRY(check_sql_characters(sql, "expression", offset));
  const std::vector<SqlToken> tokens = split_sql(sql);
  offset = 0;
  if (tokens.empty()) return Error(ErrorKind::invalid_argument, "the expression is empty");
  int depth = 0;
  for (const SqlToken& token : tokens) {
    const char c = sql[token.begin];
    if (token.kind != SqlToken::Kind::symbol) continue;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (depth > kSqlDepthMax) {
      offset = token.begin;
      return Error(ErrorKind::limit_exceeded,
                   "the expression is nested deeper than " + std::to_string(kSqlDepthMax) + " brackets");
    }
  }
  return {};
}

std::optional<SqlPart> without_alias(std::string_view item) {
  const std::vector<SqlToken> tokens = split_sql(item);
  if (tokens.size() < 2) return std::nullopt;
  const auto is_name = [](const SqlToken& token) {
    return token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted_name;
  };
  const auto text = [&](const SqlToken& token) { return item.substr(token.begin, token.end - token.begin); };
  if (tokens.size() > 2 && is_name(tokens[0]) && text(tokens[1]) == ":" && text(tokens[2]) != ":")
    return SqlPart{tokens[2].begin, tokens.back().end};
  const SqlToken& last = tokens.back();
  if (!is_name(last) && last.kind != SqlToken::Kind::string) return std::nullopt;
  const SqlToken& before = tokens[tokens.size() - 2];
  if (tokens.size() > 2 && before.kind == SqlToken::Kind::word && to_lower(text(before)) == "as") {
    return SqlPart{tokens[0].begin, tokens[tokens.size() - 3].end};
  }
  return SqlPart{tokens[0].begin, before.end};
}

}  // namespace weir::expression

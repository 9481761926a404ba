#include "expression/duck/json_internal.h"

namespace weir::expression {
namespace {

constexpr int kDepthMax = 4000;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool read(JsonValue& value, int depth) {
    skip_space();
    if (rest_.empty() || depth > kDepthMax) return false;
    switch (rest_.front()) {
      case '{': return read_members(value, depth, '}');
      case '[': return read_members(value, depth, ']');
      case '"': value.kind = JsonValue::Kind::string; return read_string(value.text);
      default: return read_word(value);
    }
  }

 private:
  void skip_space() {
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t' || rest_.front() == '\r'))
      rest_.remove_prefix(1);
  }

  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool read_members(JsonValue& value, int depth, char close) {
    value.kind = close == '}' ? JsonValue::Kind::object : JsonValue::Kind::array;
    rest_.remove_prefix(1);
    if (take(close)) return true;
    while (true) {
      JsonValue& member = value.items.emplace_back();
      if (close == '}') {
        skip_space();
        if (rest_.empty() || rest_.front() != '"' || !read_string(member.key) || !take(':')) return false;
      }
      if (!read(member, depth + 1)) return false;
      if (take(close)) return true;
      if (!take(',')) return false;
    }
  }

  bool read_word(JsonValue& value) {
    size_t size = 0;
    while (size < rest_.size() && std::string_view(",]} \n\t\r").find(rest_[size]) == std::string_view::npos) ++size;
    if (size == 0) return false;
    value.text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (value.text == "null") {
      value.text.clear();
      value.kind = JsonValue::Kind::null;
    } else {
      value.kind = value.text == "true" || value.text == "false" ? JsonValue::Kind::boolean : JsonValue::Kind::number;
    }
    return true;
  }

  bool read_string(std::string& out) {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (rest_.empty()) return false;
      const char escaped = rest_.front();
      rest_.remove_prefix(1);
      switch (escaped) {
        case 'n': out += '\n'; break;
        case 't': out += '\t'; break;
        case 'r': out += '\r'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'u':
          if (!read_code_point(out)) return false;
          break;
        default: out += escaped;
      }
    }
    return false;
  }

  bool read_hex(unsigned& unit) {
    if (rest_.size() < 4) return false;
    unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = rest_[static_cast<size_t>(i)];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      unit = unit * 16 + static_cast<unsigned>(digit);
    }
    rest_.remove_prefix(4);
    return true;
  }

  bool read_code_point(std::string& out) {
    unsigned code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xd800 && code < 0xdc00 && rest_.starts_with("\\u")) {
      rest_.remove_prefix(2);
      unsigned low = 0;
      if (!read_hex(low)) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
    }
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  if (kind != Kind::object) return nullptr;
  for (const JsonValue& item : items) {
    if (item.key == name) return &item;
  }
  return nullptr;
}

std::string_view JsonValue::text_of(std::string_view name) const {
  const JsonValue* member = find(name);
  return member == nullptr ? std::string_view() : std::string_view(member->text);
}

JsonValue parse_json(std::string_view text) {
  JsonValue value;
  if (!Reader(text).read(value, 0)) return {};
  return value;
}

}  // namespace weir::expression

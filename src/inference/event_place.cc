#include "inference/event_place.h"

#include <nlohmann/json.hpp>

namespace weir::inference {
namespace {

using Json = nlohmann::json;

/// Skips over JSON that may be broken; every step moves on or ends.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t at() const { return at_; }
  bool take(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }
  /// A string with its quotes; its text without unescaping.
  bool take_string(std::string_view& text) {
    if (!take('"')) return false;
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return false;
    text = text_.substr(begin, at_ - begin);
    ++at_;
    return true;
  }
  bool skip_value() {
    skip_blanks();
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      std::string_view ignored;
      if (c == '"') {
        if (!take_string(ignored)) return false;
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return true;
        --depth;
        ++at_;
      } else if (depth == 0 && c == ',') {
        return true;
      } else {
        ++at_;
      }
      if (depth == 0 && (c == '"' || c == '}' || c == ']')) return true;
    }
    return depth == 0;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<CsvField> split_csv(std::string_view record, char delimiter) {
  while (!record.empty() && (record.back() == '\n' || record.back() == '\r')) record.remove_suffix(1);
  std::vector<CsvField> fields;
  size_t at = 0;
  while (true) {
    CsvField field{.text = {}, .quoted = at < record.size() && record[at] == '"', .begin = at};
    if (field.quoted) {
      for (++at; at < record.size(); ++at) {
        if (record[at] != '"') {
          field.text += record[at];
        } else if (at + 1 < record.size() && record[at + 1] == '"') {
          field.text += record[at++];
        } else {
          ++at;
          break;
        }
      }
    }
    const size_t end = std::min(record.find(delimiter, at), record.size());
    field.text += record.substr(at, end - at);
    fields.push_back(std::move(field));
    if (end >= record.size()) return fields;
    at = end + 1;
  }
}

size_t json_fault(std::string_view event) {
  struct Sax final : Json::json_sax_t {
    size_t place = std::string_view::npos;
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception&) override {
      place = position == 0 ? 0 : position - 1;
      return false;
    }
  } sax;
  Json::sax_parse(event.begin(), event.end(), &sax);
  return sax.place;
}

size_t json_place(std::string_view event, std::string_view column) {
  Scanner scanner(event);
  while (scanner.take('{')) {
    bool found = false;
    std::string_view key;
    while (!found && scanner.take_string(key) && scanner.take(':')) {
      // The longest match first: a key may have dots itself.
      if (key == column) {
        scanner.skip_blanks();
        return scanner.at();
      }
      if (column.size() > key.size() && column.starts_with(key) && column[key.size()] == '.') {
        column.remove_prefix(key.size() + 1);
        found = true;
        scanner.skip_blanks();
      } else if (!scanner.skip_value() || !scanner.take(',')) {
        return std::string_view::npos;
      }
    }
    if (!found) return std::string_view::npos;
  }
  return scanner.at() < event.size() ? scanner.at() : std::string_view::npos;
}

}  // namespace weir::inference

#include "codec/csv_record.h"

#include <cstring>

namespace weir::codec {

bool CsvSplitter::split(std::string_view record, size_t fields_max, RowFailure& failure) {
  fields_.clear();
  unescaped_.clear();
  if (unescaped_.capacity() < record.size()) unescaped_.reserve(record.size());
  std::string_view rest = record;
  while (fields_.size() <= fields_max) {
    const bool quoted = !rest.empty() && rest.front() == quote_;
    if (!(quoted ? take_quoted(rest, failure) : take_plain(rest, failure))) return false;
    if (rest.empty()) return true;
    rest.remove_prefix(1);  // the delimiter
  }
  return true;
}

bool CsvSplitter::take_plain(std::string_view& rest, RowFailure& failure) {
  size_t size = 0;
  while (size < rest.size() && rest[size] != delimiter_) {
    if (rest[size] == quote_) {
      return failure.fail(RejectClass::malformed, "field " + std::to_string(fields_.size() + 1) + " has a quote but does not begin with one");
    }
    ++size;
  }
  fields_.push_back({rest.substr(0, size), false});
  rest.remove_prefix(size);
  return true;
}

bool CsvSplitter::take_quoted(std::string_view& rest, RowFailure& failure) {
  const size_t from = unescaped_.size();
  bool doubled = false;
  rest.remove_prefix(1);
  std::string_view text;
  while (true) {
    const size_t end = rest.find(quote_);
    if (end == std::string_view::npos) return failure.fail(RejectClass::malformed, "the quote that opens field " + std::to_string(fields_.size() + 1) + " is not closed");
    const bool again = end + 1 < rest.size() && rest[end + 1] == quote_;
    text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (doubled || again) unescaped_.append(text);
    if (!again) break;
    unescaped_.push_back(quote_);
    rest.remove_prefix(1);
    doubled = true;
  }
  if (doubled) text = std::string_view(unescaped_).substr(from);
  fields_.push_back({text, true});
  if (rest.empty() || rest.front() == delimiter_) return true;
  return failure.fail(RejectClass::malformed, "bytes follow the closing quote of field " + std::to_string(fields_.size()));
}

}  // namespace weir::codec

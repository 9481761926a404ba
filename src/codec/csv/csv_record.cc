#include <algorithm>

#include "codec/csv/csv_record_internal.h"
#include "codec/json/find_either_internal.h"
#include "event/raw_batch.h"

namespace weir::codec {

bool CsvSplitter::split(std::string_view record, size_t fields_max, RowFailure& failure) {
  count_ = 0;
  unescaped_size_ = 0;
  if (unescaped_.size() < record.size() + kArenaPaddingBytes) unescaped_.resize(record.size() + kArenaPaddingBytes);
  std::string_view rest = record;
  while (count_ <= fields_max) {
    if (trim_) skip_blanks(rest);
    const bool quoted = !rest.empty() && rest.front() == quote_;
    if (!(quoted ? take_quoted(rest, failure) : take_plain(rest, failure))) return false;
    if (rest.empty()) return true;
    rest.remove_prefix(1);  // the delimiter
  }
  return true;
}

void CsvSplitter::skip_blanks(std::string_view& rest) const {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t') && rest.front() != delimiter_)
    rest.remove_prefix(1);
}

bool CsvSplitter::take_plain(std::string_view& rest, RowFailure& failure) {
  const size_t end = find_either(rest, 0, delimiter_, quote_);
  if (end != std::string_view::npos && rest[end] == quote_) {
    return failure.fail(RejectClass::malformed,
                        "field " + std::to_string(count_ + 1) + " has a quote but does not begin with one");
  }
  const size_t size = std::min(end, rest.size());
  size_t kept = size;
  while (trim_ && kept > 0 && (rest[kept - 1] == ' ' || rest[kept - 1] == '\t')) --kept;
  add(rest.substr(0, kept), false);
  rest.remove_prefix(size);
  return true;
}

bool CsvSplitter::take_quoted(std::string_view& rest, RowFailure& failure) {
  const size_t from = unescaped_size_;
  bool doubled = false;
  rest.remove_prefix(1);
  std::string_view text;
  while (true) {
    const size_t end = rest.find(quote_);
    if (end == std::string_view::npos)
      return failure.fail(RejectClass::malformed,
                          "the quote that opens field " + std::to_string(count_ + 1) + " is not closed");
    const bool again = end + 1 < rest.size() && rest[end + 1] == quote_;
    text = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (doubled || again) unescape(text);
    if (!again) break;
    unescape({&quote_, 1});
    rest.remove_prefix(1);
    doubled = true;
  }
  if (doubled) text = std::string_view(unescaped_).substr(from, unescaped_size_ - from);
  add(text, true);
  if (trim_) skip_blanks(rest);
  if (rest.empty() || rest.front() == delimiter_) return true;
  return failure.fail(RejectClass::malformed, "bytes follow the closing quote of field " + std::to_string(count_));
}

}  // namespace weir::codec

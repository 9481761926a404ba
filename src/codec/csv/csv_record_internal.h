/// \file
/// Splits one CSV record (RFC 4180) into its fields.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/row_failure_internal.h"

namespace weir::codec {

struct CsvField {
  std::string_view text;  ///< without quotes, doubled quotes made single
  bool is_quoted = false;
};

/// One thread; reused from record to record.
class CsvSplitter {
 public:
  CsvSplitter(char delimiter, char quote, bool trim = false) : delimiter_(delimiter), quote_(quote), trim_(trim) {}

  /// Splits `record`, which has no line end. fields() then holds at most `fields_max` + 1 fields: the caller compares
  /// their number. False, with `failure` set, for a quote inside of an unquoted field, bytes after a closing quote and
  /// a quote that is not closed.
  bool split(std::string_view record, size_t fields_max, RowFailure& failure);

  /// Views into the record and into this object; valid until the next split(). 64 bytes are readable after each when
  /// they are after the record.
  std::span<const CsvField> fields() const { return {fields_.data(), count_}; }

 private:
  bool take_quoted(std::string_view& rest, RowFailure& failure);
  void skip_blanks(std::string_view& rest) const;
  bool take_plain(std::string_view& rest, RowFailure& failure);

  void add(std::string_view text, bool is_quoted) {
    if (count_ == fields_.size()) fields_.resize(count_ * 2 + 16);
    fields_[count_++] = {text, is_quoted};
  }
  void unescape(std::string_view text) {
    text.copy(unescaped_.data() + unescaped_size_, text.size());
    unescaped_size_ += text.size();
  }

  char delimiter_;
  char quote_;
  bool trim_;                     ///< blanks around fields do not count
  std::vector<CsvField> fields_;  ///< count_ of them count
  size_t count_ = 0;
  std::string unescaped_;  ///< room for the fields with doubled quotes; never moves while a record is split
  size_t unescaped_size_ = 0;
};

}  // namespace weir::codec

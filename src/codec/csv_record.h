/// \file
/// Splits one CSV record (RFC 4180) into its fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/row_failure.h"

namespace weir::codec {

struct CsvField {
  std::string_view text;  ///< without quotes, doubled quotes made single
  bool is_quoted = false;
};

/// One thread; reused from record to record.
class CsvSplitter {
 public:
  CsvSplitter(char delimiter, char quote) : delimiter_(delimiter), quote_(quote) {}

  /// Splits `record`, which has no line end. fields() then holds at most `fields_max` + 1 fields: the caller compares their number.
  /// False, with `failure` set, for a quote inside of an unquoted field, bytes after a closing quote and a quote that is not closed.
  bool split(std::string_view record, size_t fields_max, RowFailure& failure);

  /// Views into the record and into this object; valid until the next split().
  const std::vector<CsvField>& fields() const { return fields_; }

 private:
  bool take_quoted(std::string_view& rest, RowFailure& failure);
  bool take_plain(std::string_view& rest, RowFailure& failure);

  char delimiter_;
  char quote_;
  std::vector<CsvField> fields_;
  std::string unescaped_;  ///< fields with doubled quotes; reserved up front so that views into it stay valid
};

}  // namespace weir::codec

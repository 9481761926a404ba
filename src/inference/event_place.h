/// \file
/// Where in the bytes of an event something stands: for people who look at a reject.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::inference {

struct CsvField {
  std::string text;
  bool quoted = false;
  size_t begin = 0;  ///< byte in the record
};

/// The fields of one CSV record (RFC 4180), without its line end.
std::vector<CsvField> split_csv(std::string_view record, char delimiter);

/// The byte at which a JSON event stops being JSON; npos when it is.
size_t json_fault(std::string_view event);

/// The byte at which the value of the dotted path `column` begins in a JSON object; npos when it has none.
size_t json_place(std::string_view event, std::string_view column);

}  // namespace weir::inference

/// \file
/// One value of a column as text for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "columnar/column.h"

namespace weir {

/// "1500", "2014-01-02", "'text'", "{airport: 'JFK', city: null}", "[1, 2]", "null"; bytes as hex. Text is cut after
/// `bytes_max` bytes, and a struct, list or map ends with the first part that passes them; both are marked with "...".
std::string value_text(const Column& column, int64_t row, size_t bytes_max = 64);

/// An integer as a column of `type` means it: a date, a time, an instant or a number.
std::string integer_text(const Type& type, int64_t value);

/// `text` cut to at most `bytes_max` bytes, not in the middle of a character, with "..." when something is missing.
std::string cut_text(std::string_view text, size_t bytes_max);

/// The canonical form of 16 bytes of a UUID.
std::string uuid_text(std::string_view bytes);

/// The shortest text that reads back as the same number.
std::string number_text(double value);

}  // namespace weir

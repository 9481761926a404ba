/// \file
/// Shortens bounds so that they still enclose what they stand for (Iceberg specification, appendix D).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::iceberg {

/// The first `length` code points: never above `text`.
std::string_view truncate_text_lower(std::string_view text, size_t length);
/// `text` when it has at most `length` code points, else the smallest text of at most `length` code points that is
/// above everything with the same beginning; surrogates are jumped over. None when there is no such text, or when
/// `text` is not UTF-8.
std::optional<std::string> truncate_text_upper(std::string_view text, size_t length);

/// The same for bytes.
std::string_view truncate_bytes_lower(std::string_view bytes, size_t length);
std::optional<std::string> truncate_bytes_upper(std::string_view bytes, size_t length);

}  // namespace weir::iceberg

/// \file
/// Raw deflate (RFC 1951) with bounds.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::avro {

/// Appends `bytes`, compressed, to `out`.
void deflate_append(std::string_view bytes, std::string& out);

/// Replaces `out` with the decompressed `bytes`. Errors: corrupt; limit_exceeded when it would become longer than
/// `size_max`.
Result<void> inflate_into(std::string_view bytes, size_t size_max, std::string& out);

}  // namespace weir::avro

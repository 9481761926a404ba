/// \file
/// UTF-8 validation at memory speed.
#pragma once

#include <string_view>

namespace weir::codec {

/// True when `bytes` is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view bytes);

}  // namespace weir::codec

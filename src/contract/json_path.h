/// \file
/// Paths into JSON events, as a contract writes them.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "columnar/text_format.h"

namespace weir::contract {

inline constexpr size_t kPathStepsMax = 64;

/// True for what begins as a path does ("$." or "$["); everything else is a field's name.
bool looks_like_json_path(std::string_view text);

/// The steps of a singular query of RFC 9535: `$.a.b`, `$['a b']["c"]`, `$.list[0]`; at least one. Errors:
/// invalid_argument with the byte at which it stops being one; what may lead to several values (`*`, `..`, slices,
/// filters) or counts from the end is refused by name.
Result<std::vector<PathStep>> parse_json_path(std::string_view text);

}  // namespace weir::contract

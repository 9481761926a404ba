/// \file
/// Regular expressions of contracts: RE2 with bounded memory, the same options where a pattern is checked and where it
/// is run.
#pragma once

#include <memory>
#include <string>

#include <re2/re2.h>

#include "base/result.h"

namespace weir::contract {

inline constexpr size_t kPatternBytesMax = 4096;
inline constexpr int64_t kRegexBytesMax = 2 * 1024 * 1024;  ///< compiled program and its caches

/// Compiles `pattern`. Errors: invalid_argument with RE2's message.
Result<std::shared_ptr<const re2::RE2>> compile_regex(const std::string& pattern);

}  // namespace weir::contract

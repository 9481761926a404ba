/// \file
/// The nearest valid name, for "did you mean".
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir {

/// Returns the candidate with the smallest edit distance to `name` when it is close enough to be a slip of the finger
/// (at most a third of the length, at least 1), else an empty string. Ties go to the first candidate.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

/// Returns "; did you mean 'x'?" or an empty string: to be appended to an error message.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

}  // namespace weir

/// \file
/// Whether the sources of a pipeline are those that its tables know.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "event/progress.h"

namespace weir::runtime {

/// Checks that no source was given another name: `progress` of one that is not among `names` beside a name without any
/// progress. Reading the latter from its beginning could land everything twice. A source that was only added, or only
/// taken out, is fine. Errors: position_lost. Pure.
Result<void> match_sources(const Progress& progress, std::span<const std::string> names);

}  // namespace weir::runtime

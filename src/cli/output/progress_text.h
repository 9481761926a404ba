/// \file
/// Progress for people.
#pragma once

#include <string>

#include "event/progress.h"

namespace weir::cli {

/// "events/0 at 1200, events/1 at 1180", "2026-01-01.ndjson at record 5, 20 files finished": one line. With several
/// sources each is named. Empty for no progress.
std::string progress_line(const Progress& progress);

}  // namespace weir::cli

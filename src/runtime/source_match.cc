#include "runtime/source_match.h"

#include <algorithm>

namespace weir::runtime {

Result<void> match_sources(const Progress& progress, std::span<const std::string> names) {
  const auto fresh = std::find_if(names.begin(), names.end(),
                                  [&](const std::string& name) { return !progress.sources.contains(name); });
  const auto orphan = std::find_if(progress.sources.begin(), progress.sources.end(), [&](const auto& source) {
    return std::find(names.begin(), names.end(), source.first) == names.end();
  });
  if (fresh == names.end() || orphan == progress.sources.end()) return {};
  return Error(ErrorKind::position_lost,
               "the tables hold progress of a source '" + orphan->first +
                   "', which the pipeline does not have, and none "
                   "of '" +
                   *fresh + "', which it has: if they are the same, reading on would land everything twice. Name it '" +
                   orphan->first + "' again; if it is gone for good: `weir progress forget PIPELINE.yaml --source " +
                   orphan->first + " --all --reason TEXT`");
}

}  // namespace weir::runtime

#include "state/retention.h"

#include <set>

namespace weir::state {

Retention retain(std::span<const KeptCheckpoint> checkpoints, size_t newest) {
  size_t left = checkpoints.size();
  Retention result;
  std::set<std::string> kept;
  std::set<std::string> all;
  for (const KeptCheckpoint& checkpoint : checkpoints) {
    all.insert(checkpoint.objects.begin(), checkpoint.objects.end());
    if (left-- > newest) continue;
    kept.insert(checkpoint.objects.begin(), checkpoint.objects.end());
    result.kept.push_back(checkpoint);
  }
  for (const std::string& object : all) {
    if (!kept.contains(object)) result.removable.push_back(object);
  }
  return result;
}

}  // namespace weir::state

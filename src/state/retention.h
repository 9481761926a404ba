/// \file
/// Which checkpoints are kept: the newest three (exactly-once.md rule 11; savepoints are copies elsewhere). What
/// follows is data: who may delete does it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace weir::state {

inline constexpr size_t kCheckpointsKept = 3;

/// A checkpoint that was decided: the lead's key has named it.
struct KeptCheckpoint {
  std::string commit_key;
  std::vector<std::string> objects;  ///< manifest and parts

  friend bool operator==(const KeptCheckpoint&, const KeptCheckpoint&) = default;
};

struct Retention {
  std::vector<KeptCheckpoint> kept;    ///< in their order
  std::vector<std::string> removable;  ///< objects that no kept checkpoint names, sorted
};

/// `checkpoints` stand in the order in which they were decided, oldest first. An object that a kept checkpoint shares
/// with a dropped one stays.
Retention retain(std::span<const KeptCheckpoint> checkpoints, size_t newest = kCheckpointsKept);

}  // namespace weir::state

/// \file
/// What decided epochs hold for followers, the stores beside the tables, as records name it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "event/stored_object.h"

namespace weir {

/// Rows of one epoch for one follower, encoded as that one wants them. Epochs of a pipeline count 1, 2, 3 ... over all
/// its processes.
struct OutboxPart {
  std::string follower;  ///< name of its sink
  StoredObject object;

  friend bool operator==(const OutboxPart&, const OutboxPart&) = default;
};

/// What the lead knows of a follower.
struct FollowerRecord {
  int64_t since = 0;    ///< the last epoch before it became part of the pipeline: it follows those behind
  int64_t applied = 0;  ///< the last epoch that it was known to hold; `since` before the first

  friend bool operator==(const FollowerRecord&, const FollowerRecord&) = default;
};
using FollowerRecords = std::map<std::string, FollowerRecord>;  ///< by name of the sink

/// A decided epoch with parts that some follower may lack.
struct UnfollowedEpoch {
  int64_t number = 0;
  StoredObject prepared;               ///< names the parts; it stays until all followers have them
  std::vector<std::string> followers;  ///< that have parts in it

  friend bool operator==(const UnfollowedEpoch&, const UnfollowedEpoch&) = default;
};

/// So many epochs may wait for followers at the same time: each stands in the lead's record.
inline constexpr size_t kUnfollowedMax = 64;

/// What an epoch brings followers, and how far they are while it is prepared.
struct Outbox {
  std::vector<OutboxPart> parts;
  FollowerRecords followers;  ///< of all followers of the pipeline
  int64_t followed = 0;       ///< epochs up to this one wait for no follower

  friend bool operator==(const Outbox&, const Outbox&) = default;
};

}  // namespace weir

/// \file
/// The follower port: a store beside the tables (a topic, a database, a web service) that takes the rows of decided
/// epochs, in order, each exactly once (exactly-once.md rule 13). ADR 16.
///
/// Rows are encoded by a FollowerEncoder of each task while the epoch fills; the host keeps what that made until the
/// epoch is decided and the follower holds it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"

namespace weir {

/// Turns rows into bytes for one follower. One thread.
class FollowerEncoder {
 public:
  virtual ~FollowerEncoder() = default;
  /// Adds the rows of `batch` to `out`. What is in `out` may be cut off behind any batch: each piece is read by itself.
  virtual Result<void> encode(const Batch& batch, std::string& out) = 0;
};

/// A decided epoch as one follower gets it.
struct FollowedEpoch {
  int64_t number = 0;  ///< epochs of a pipeline count 1, 2, 3 ... over all its processes
  std::string commit_key;
  size_t parts = 0;  ///< at least one
  /// The bytes of part 0, 1 ... as the encoders made them, each a few MiB. Errors: those of the store.
  std::function<Result<std::string>(size_t part)> read;
};

/// One thread. Calls may block for as long as the store takes.
class Follower {
 public:
  virtual ~Follower() = default;

  /// Takes the store over for the process with this fence epoch: older ones can apply nothing from now on. Returns the
  /// number of the last epoch that it holds; nothing when it holds none of this pipeline. Safe to call again.
  /// Errors: with a retry hint: asked again, for ever; fenced; others end the run.
  virtual Result<std::optional<int64_t>> open(int64_t fence_epoch) = 0;

  /// Applies an epoch: its rows and its number at once or not at all. Numbers rise from call to call; an epoch that the
  /// store holds already is nothing. After an error call open() first. Errors: as open().
  virtual Result<void> apply(const FollowedEpoch& epoch) = 0;
};

}  // namespace weir

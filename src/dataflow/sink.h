/// \file
/// The sink ports: writers, one a task, that turn batches into files, and one committer a pipeline that turns the files
/// and the progress of an epoch into table commits.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/batch.h"
#include "dataflow/channel.h"
#include "dataflow/operator.h"
#include "event/commit_outcome.h"
#include "event/progress.h"

namespace weir {

/// Turns batches into files. One thread.
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  /// Errors: resource_exhausted (disk full, memory), permission_denied, io.
  virtual Result<void> write(const Batch& batch) = 0;
  /// Closes what is open, durably, and describes it in bytes that only the committer reads; empty when nothing was
  /// written since the last call.
  virtual Result<std::string> prepare() = 0;
  /// Bytes buffered in memory.
  virtual int64_t memory_bytes() const = 0;
};

/// Everything of one epoch that the committer needs.
struct EpochResult {
  Epoch epoch = 0;
  Progress progress;                                      ///< of all sources, after this epoch
  std::map<std::string, std::vector<std::string>> parts;  ///< by sink name: what the writers' prepare() returned
  Counters counters;
};

/// One table's share in a commit, for people.
struct CommittedTable {
  std::string sink;
  std::string table;
  int64_t snapshot_id = 0;  ///< 0 when the table got progress but no rows
  int64_t rows = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  bool is_dead_letter = false;
};

struct CommitReport {
  CommitOutcome outcome = CommitOutcome::unknown;
  std::vector<CommittedTable> tables;
};

/// Decides. One per pipeline; one thread.
///
/// Life: open(), then commit() for each stored intent in order, then committed_progress(), then prepare() and commit()
/// by turns.
class SinkCommitter {
 public:
  virtual ~SinkCommitter() = default;

  /// Loads or creates the tables, checks that they fit, and takes the fence epoch: from here on older processes of this
  /// pipeline are fenced.
  virtual Result<void> open() = 0;

  /// The progress that the tables have. Empty when the pipeline never committed.
  virtual Result<Progress> committed_progress() = 0;

  /// Fixes everything that decides the epoch's outcome (snapshot ids, parents, manifests) and returns it as bytes,
  /// which the host stores durably before it calls commit().
  virtual Result<std::string> prepare(const EpochResult& epoch) = 0;

  /// Tries to bring `prepared` to an end within the deadline. Safe to call again with the same bytes, from this process
  /// or another: an epoch that the tables have already is `applied` again and changes nothing; one that was overtaken
  /// (an intent of an earlier process) is `refused` and is to be forgotten. Errors: fenced, table_changed,
  /// position_lost: halt. `unknown` is not an error: call again later.
  virtual Result<CommitReport> commit(const std::string& prepared) = 0;
};

}  // namespace weir

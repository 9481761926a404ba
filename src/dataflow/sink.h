/// \file
/// The sink ports: writers, one a task, that turn batches into files, and one committer a pipeline that turns the files
/// and the progress of an epoch into table commits.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/pending.h"
#include "base/result.h"
#include "columnar/batch.h"
#include "dataflow/channel.h"
#include "dataflow/operator.h"
#include "dataflow/task_share.h"
#include "event/commit_outcome.h"
#include "event/outbox.h"
#include "event/progress.h"
#include "event/stored_object.h"

namespace weir {

/// What the writer of one task begins with.
struct WriterStart {
  std::string context = {};  ///< what SinkCommitter::writer_context() says of its sink: no more is known of it
  TaskShare share = {};
};

/// Turns batches into files. One thread.
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  /// Errors: resource_exhausted (disk full, memory), permission_denied, io.
  virtual Result<void> write(const Batch& batch) = 0;
  /// Closes what was written since the last call, and hands out its description once it is durable: bytes that only the
  /// committer reads, empty when nothing was written. What comes by write() meanwhile belongs to the next call; that
  /// one comes only after this one's bytes were taken.
  virtual Result<Pending<std::string>> prepare() = 0;
  /// Bytes buffered in memory.
  virtual int64_t memory_bytes() const = 0;
};

/// Everything of one epoch that the committer needs.
struct EpochResult {
  Epoch epoch = 0;
  std::string commit_key = {};             ///< idempotency key: a UUID, version 7; chosen when the epoch is cut
  std::optional<StoredObject> state = {};  ///< the checkpoint of this epoch's barrier; nothing without stateful steps
  Progress progress;                       ///< of all sources, after this epoch
  std::map<std::string, std::vector<std::string>> parts;  ///< by sink name: what the writers' prepare() returned
  Outbox outbox;                                          ///< rows that go to followers instead
  Counters counters;
  int64_t events = 0;                            ///< that were read in it
  int64_t rejected = 0;                          ///< events that a step rejected, once a step
  std::vector<std::string> reject_samples = {};  ///< for people: some of them, at most kRejectSamplesMax
};

inline constexpr size_t kRejectSamplesMax = 5;

/// What is decided as of the committer's last call, as far as followers go.
struct DecidedEpochs {
  int64_t fence_epoch = 0;
  int64_t number = 0;                       ///< of the last epoch; 0 before the first
  FollowerRecords followers;                ///< that epochs named so far
  std::vector<UnfollowedEpoch> unfollowed;  ///< oldest first
};

/// What a decided epoch holds for followers.
struct DecidedOutbox {
  int64_t number = 0;
  std::string commit_key;
  std::vector<OutboxPart> parts;
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

/// What one epoch prepared, and the name that it is to be stored under: the next process finds it by that.
struct PreparedEpoch {
  std::string name;
  std::string bytes;
};

/// What is left to do of an earlier process's work.
struct SinkRecovery {
  std::optional<StoredObject> decided;  ///< a decided epoch that some table lacks: read it and recover() it
  std::optional<StoredObject> settled;  ///< one that all tables have and no follower waits for: forget it, if it is
                                        ///< still there
  std::vector<std::string> undecided;   ///< names that an epoch may lie under which was never decided, newest first:
                                        ///< recover() it, or forget it: it is void
};

/// Decides. One per pipeline; one thread. It has no loop and no store of its own: what it prepares are bytes that the
/// host keeps, and any process can bring them to an end.
///
/// Life: open(), recover() for what that says, then prepare() and commit() alternate.
class SinkCommitter {
 public:
  virtual ~SinkCommitter() = default;

  /// Loads or creates the tables, checks that they fit, takes the fence epoch (from here on older processes of this
  /// pipeline are refused) and looks what they left. Safe to call again after an error.
  virtual Result<SinkRecovery> open() = 0;

  /// What writers of `sink` begin with, in this process or another, until open() is called again. Empty for a sink
  /// that needs nothing. After open().
  virtual Result<std::string> writer_context(const std::string& sink) const {
    (void)sink;
    return std::string();
  }

  /// The progress that is decided, as of the last call. Empty when the pipeline never committed.
  virtual const Progress& progress() const = 0;

  /// The state that belongs to progress(), as of the last call; nothing when none was committed.
  virtual std::optional<StoredObject> state() const = 0;

  /// Checkpoints before state() that a record still names, newest first: those that are kept, and what is being
  /// removed.
  virtual std::vector<StoredObject> older_states() const { return {}; }

  /// The checkpoint that `prepared` names; nothing when it names none. Errors: corrupt, unsupported.
  virtual Result<std::optional<StoredObject>> state_of(const std::string& prepared) const {
    (void)prepared;
    return std::optional<StoredObject>();
  }

  /// How far the pipeline is, and what followers may lack.
  virtual DecidedEpochs decided() const { return {}; }

  /// What `prepared` holds for followers. Errors: corrupt, unsupported.
  virtual Result<DecidedOutbox> outbox_of(const std::string& prepared) const {
    (void)prepared;
    return DecidedOutbox();
  }

  /// Fixes everything that decides the epoch's outcome (snapshot ids, parents, manifests), for the host to store
  /// durably before it calls commit(). Safe to call again with the same epoch as long as nothing was stored.
  virtual Result<PreparedEpoch> prepare(const EpochResult& epoch) = 0;

  /// Tries to bring `prepared`, which lies at `place`, to an end. Safe to call again with the same bytes, from this
  /// process or another. `applied`: all tables have it, which an epoch that they had already is again. `unknown` is not
  /// an error: call again later. Errors: fenced, table_changed, position_lost: halt.
  virtual Result<CommitReport> commit(const std::string& prepared, const StoredObject& place) = 0;

  /// Brings what an earlier process prepared to an end. `refused`: it is void, no table has it or will have it; its
  /// positions are read again. Errors: invalid_argument for what another pipeline prepared, which is to be left alone;
  /// those of commit().
  virtual Result<CommitReport> recover(const std::string& prepared, const StoredObject& place) = 0;
};

}  // namespace weir

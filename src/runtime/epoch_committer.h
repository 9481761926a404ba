/// \file
/// Brings epochs to their end, one after the other: the committer's half of a host, as it would stand in a book.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dataflow/sink.h"
#include "runtime/run_observer.h"
#include "runtime/stop_request.h"
#include "runtime/store/checkpoints.h"
#include "runtime/store/old_intents.h"
#include "runtime/store/outbox_store.h"
#include "runtime/store/prepared_store.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// A decided epoch that followers may lack.
struct DecidedOutboxAt {
  DecidedOutbox outbox;
  StoredObject prepared;
  bool is_lost = false;                ///< what was prepared is not there any more; `outbox` has the number alone
  std::vector<std::string> followers;  ///< that had parts in it
};

/// What became of one epoch.
struct CommittedEpoch {
  EpochResult epoch;
  CommitReport report;
  int64_t took_us = 0;                             ///< from prepare() until it was in all tables
  std::optional<DecidedOutboxAt> unfollowed = {};  ///< it has parts for followers
};

/// Counts for whoever asks. Any thread.
struct CommitterStatus {
  std::atomic<int64_t> retries = 0;
  std::atomic<bool> is_committing = false;  ///< something is on its way to the catalog
};

/// May block in the catalog and in storage, as long as they do. A passing fault of any call is waited out: only a stop
/// whose deadline has passed ends that. One thread.
class EpochCommitter {
 public:
  /// All references outlive it.
  EpochCommitter(SinkCommitter& sinks, Checkpoints checkpoints, PreparedStore prepared, OldIntents old_intents,
                 OutboxStore outbox, const StopRequest& stop, const Clock& clock, Waiter& waiter, RunObserver& observer)
      : sinks_(sinks),
        checkpoints_(std::move(checkpoints)),
        prepared_(std::move(prepared)),
        old_intents_(std::move(old_intents)),
        outbox_(outbox),
        stop_(stop),
        clock_(clock),
        waiter_(waiter),
        observer_(observer) {}

  /// Opens the tables and brings what earlier processes left to an end, before anything new is read. Returns how many
  /// prepared epochs that were. Errors: cancelled when a stop came first; those of SinkCommitter.
  Result<int64_t> recover();

  /// The progress that is decided.
  const Progress& progress() const { return sinks_.progress(); }
  /// The state that belongs to it; nothing when there is none.
  std::optional<StoredObject> state() const { return sinks_.state(); }
  const Checkpoints& checkpoints() const { return checkpoints_; }
  DecidedEpochs decided() const { return sinks_.decided(); }
  Result<std::string> writer_context(const std::string& sink) const { return sinks_.writer_context(sink); }
  const OutboxStore& outbox() const { return outbox_; }

  /// What followers may lack of epochs that are decided, oldest first. Errors: those of the store.
  Result<std::vector<DecidedOutboxAt>> unfollowed();

  /// Commits one epoch, with the state of all tasks at its barrier. Errors: cancelled when the stop deadline passed
  /// while its outcome was unknown: the next start brings it to its end; those of SinkCommitter: the run ends.
  Result<CommittedEpoch> commit(EpochResult epoch, std::vector<FrozenTask> frozen);

  /// Removes what nobody waits for any more. Errors: those of the store.
  Result<void> forget(const DecidedOutboxAt& followed);

  const CommitterStatus& status() const { return status_; }

 private:
  Result<SinkRecovery> open();
  Result<int64_t> recover_old_intents();
  Result<bool> adopt(const std::string& name, const FoundPrepared& found);
  Result<bool> recover_one(const std::string& prepared, const StoredObject& place);
  void retain_states();
  void discard(const std::string& prepared);
  Result<CommitReport> until_known(const std::function<Result<CommitReport>()>& attempt);
  template <typename Call>
  auto with_back_off(Deadline give_up, const Call& call) -> decltype(call());
  void pause(int64_t wait_ms);

  SinkCommitter& sinks_;
  Checkpoints checkpoints_;
  PreparedStore prepared_;
  OldIntents old_intents_;
  OutboxStore outbox_;
  const StopRequest& stop_;
  const Clock& clock_;
  Waiter& waiter_;
  RunObserver& observer_;
  CommitterStatus status_;
};

}  // namespace weir::runtime

/// \file
/// The followers of a local host, their threads, and the epochs that wait for them, as one.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/local_host.h"
#include "runtime/threads/follower_thread_internal.h"

namespace weir::runtime {

/// Calls come from the coordinator's thread.
class LocalHost::Followers {
 public:
  /// `decided` as of now; `report` is called on a follower's thread.
  Followers(std::map<std::string, std::unique_ptr<Follower>>&& followers, const DecidedEpochs& decided,
            const OutboxStore& outbox, const HostEnvironment& environment,
            const std::function<void(FollowerReport)>& report);

  /// `exited` is called with the thread's name on each thread as its last word.
  void start(Threads& threads, const std::function<void(const std::string&)>& exited);
  void end();
  std::set<std::string> names() const;

  /// Moves what an epoch has for followers from `epoch.parts` to `epoch.outbox`. Errors: internal.
  Result<void> take_parts(EpochResult& epoch) const;

  /// Hands a decided epoch on. Returns false when nobody waits for it.
  bool follow(DecidedOutboxAt epoch);
  /// `follower` holds epoch `number`. Returns epochs that nobody waits for any more, oldest first.
  std::vector<DecidedOutboxAt> take_applied(const std::string& follower, int64_t number);
  void note_retry(const std::string& follower) { away_.insert(follower); }

  /// One more epoch may be cut.
  bool has_room() const;
  /// Nobody waits for anything.
  bool are_done() const { return pending_.empty(); }
  /// All that is waited for is waited for because a store does not answer.
  bool are_away() const;

 private:
  struct PendingEpoch {
    DecidedOutboxAt epoch;
    std::set<std::string> missing;  ///< followers that it waits for
  };
  std::vector<DecidedOutboxAt> take_done();

  FollowerRecords records_;
  int64_t decided_ = 0;  ///< number of the last epoch
  std::map<std::string, std::unique_ptr<FollowerThread>> threads_;
  std::deque<PendingEpoch> pending_;
  std::set<std::string> away_;
};

}  // namespace weir::runtime

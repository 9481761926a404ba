/// \file
/// One follower on a thread of its own: an actor that may block in calls to the follower's store.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dataflow/follower.h"
#include "event/outbox.h"
#include "runtime/back_off.h"
#include "runtime/store/outbox_store.h"
#include "runtime/threads/inbox.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

/// What a follower tells the coordinator.
struct FollowerReport {
  enum class Kind { applied, retrying, failed };
  std::string follower;
  Kind kind = Kind::applied;
  int64_t number = 0;               ///< applied: it holds this epoch and all before
  std::optional<Error> error = {};  ///< retrying, failed
  int64_t wait_ms = 0;              ///< retrying
};

/// What one decided epoch holds for one follower.
struct FollowerShare {
  int64_t number = 0;
  std::string commit_key;
  /// Nothing: they are removed already, because all followers had them. One that has not halts.
  std::optional<std::vector<StoredObject>> pieces;
};

/// Opens the follower and applies what is decided, in order. One that does not answer is waited for, however long that
/// takes.
class FollowerThread {
 public:
  /// What is known of the follower and the pipeline when the run begins.
  struct Start {
    FollowerRecord known;
    int64_t decided = 0;  ///< number of the last epoch
    int64_t fence_epoch = 0;
  };

  /// `report` is called on the follower's thread. `clock` outlives it.
  FollowerThread(std::string sink, std::unique_ptr<Follower> follower, Start start, OutboxStore outbox,
                 std::function<void(FollowerReport)> report, Threads& threads, const Clock& clock);
  ~FollowerThread() { end(); }

  /// `exited` is called with name() as the thread's last word.
  void start(Threads& threads, std::function<void(const std::string&)> exited);
  /// Lets the thread end after the call that it has under way: what is not applied then is applied by the next run.
  void end() { inbox_.post({.is_end = true}); }
  void follow(FollowerShare share) { inbox_.post({.share = std::move(share)}); }

  const std::string& name() const { return name_; }

 private:
  struct Message {
    bool is_end = false;
    std::optional<FollowerShare> share = {};
  };

  void run();
  Result<void> advance();
  Result<void> open();
  Result<void> apply(const FollowerShare& share);
  bool back_off(Error error);
  bool wait();

  const std::string sink_;
  const std::string name_;
  const std::unique_ptr<Follower> follower_;
  Start start_;
  const OutboxStore outbox_;
  const std::function<void(FollowerReport)> report_;
  const Clock& clock_;
  Inbox<Message> inbox_;
  // The thread's own:
  std::deque<FollowerShare> waiting_;
  bool is_open_ = false;
  int64_t next_us_ = 0;  ///< when to go on; kNoTime: when something comes
  BackOff back_off_;
  std::unique_ptr<StartedThread> thread_;  ///< last: it ends before what it works on goes
};

}  // namespace weir::runtime

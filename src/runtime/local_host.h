/// \file
/// The local host: runs a pipeline's tasks on threads of one process, cuts epochs and commits them in order.
///
/// Five kinds of threads: tasks; a splitter for each source, a follower for each store beside the tables, and the
/// committer, which may block in calls to the outside; and the coordinator, which runs on the caller's and waits for
/// nothing but its inbox. One epoch closes or is committed while the next is open; there is no third.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "dataflow/follower.h"
#include "dataflow/logical_graph.h"
#include "dataflow/sink.h"
#include "runtime/epoch_committer.h"
#include "runtime/reject_limit.h"
#include "runtime/run_observer.h"
#include "runtime/run_status.h"
#include "runtime/stop_request.h"
#include "runtime/store/old_intents.h"
#include "runtime/store/prepared_store.h"
#include "runtime/task/intake_meter.h"
#include "runtime/task/task.h"
#include "runtime/threads/inbox.h"
#include "runtime/threads/threads.h"

namespace weir::runtime {

class CommitterThread;
struct FollowerReport;
struct SplitterReport;
struct TaskReport;

struct RunOptions {
  int64_t commit_every_ms = 10'000;
  /// How long progress that brought no rows (all filtered, in windows that are open, Kafka offsets without an event)
  /// may stand uncommitted; at least commit_every_ms.
  int64_t progress_every_ms = 60'000;
  /// Input bytes after which an epoch is cut early; at twice that, intake waits. Each event counts as its bytes and a
  /// fixed part of about what it costs in memory: a record may be empty.
  int64_t epoch_bytes_max = int64_t{4} * 1024 * 1024 * 1024;
  int tasks = 1;  ///< of each stage
  int64_t channel_bytes_max = int64_t{4} * 1024 * 1024;
  int64_t state_bytes_max = kStateBytesMax;  ///< of one keyed table in one task
  /// How long a requested stop may take before the open epoch is abandoned (a restart reads it again).
  int64_t stop_deadline_ms = 30'000;
  /// How long after that deadline a call under way may still take until its thread counts as stuck: longer than any
  /// wait of a catalog or store that ends by itself.
  int64_t stuck_after_ms = 15'000;
  RejectLimits reject_limits = {};
};

/// What the host runs: made by the planner.
struct Job {
  std::unique_ptr<SinkCommitter> committer;
  LogicalGraph graph;  ///< its makers are called after the committer's open()
  /// By the name of the sink, whose writers are those of make_outbox_writer().
  std::map<std::string, std::unique_ptr<Follower>> followers = {};
  /// Called once at the end of a run that did not fail, when all is committed, on the thread of run(); may be empty.
  std::function<void()> on_finished = {};
};

/// What the host stands on. All references outlive it.
struct HostEnvironment {
  Threads& threads;
  const Clock& clock;
  RandomSource& random;
  RunObserver& observer;
};

/// Where a pipeline keeps what is not in its tables.
struct PipelineStore {
  Checkpoints checkpoints;
  PreparedStore prepared;
  OldIntents old_intents;
  OutboxStore outbox;
};

/// Runs one job once. run() on one thread; request_stop() and status() from any (request_stop() from a signal handler
/// too).
class LocalHost {
 public:
  LocalHost(Job job, RunOptions options, PipelineStore store, HostEnvironment environment);
  ~LocalHost();

  /// Runs until the sources are finished, a stop is requested, or something fails. A failure leaves the tables at a
  /// committed epoch. A stop before the sources are open is no failure; RunStatus::ready is false then.
  Result<RunSummary> run();

  /// Asks for an orderly stop: waiting for sources ends, intake ends, the open epoch is committed, run() returns. The
  /// stop deadline counts from the first call.
  void request_stop() { stop_.request(); }

  RunStatus status() const;

 private:
  class Followers;
  class Splitters;
  class Tasks;
  struct Message;

  Result<void> run_job();
  Result<void> open();
  Result<void> make_parts();
  void start_threads();
  void follow(DecidedOutboxAt epoch);
  void forget(DecidedOutboxAt followed);
  void commit(EpochResult epoch, std::vector<FrozenTask> frozen);
  Result<void> coordinate();
  int64_t next_look_us() const;
  bool is_time_to_cut() const;
  void cut();
  Result<void> take(Message& message);
  Result<void> take_report(TaskReport& report);
  Result<void> take_report(const SplitterReport& report);
  Result<void> take_report(const FollowerReport& report);
  Result<void> take_share(TaskReport& report);
  void add_to_held(EpochResult& epoch);
  Result<void> judge_rejects(const EpochResult& epoch);
  void take_committed(const CommittedEpoch& committed);
  Result<void> end_threads();

  Job job_;
  RunOptions options_;
  HostEnvironment environment_;
  StopRequest stop_;
  Inbox<Message> inbox_;
  IntakeMeter meter_;
  std::unique_ptr<Waiter> committer_waiter_;
  EpochCommitter committer_;
  // Made by the committer while the coordinator waits for it:
  std::vector<DecidedOutboxAt> unfollowed_;  ///< by earlier processes
  std::unique_ptr<Followers> followers_;
  std::unique_ptr<Tasks> tasks_;
  std::unique_ptr<Splitters> splitters_;               ///< they deal to tasks_
  std::unique_ptr<CommitterThread> committer_thread_;  ///< last: it ends before what it works on goes
  // The coordinator's own:
  bool is_open_ = false;                ///< all is made, and the threads are started
  Epoch epoch_ = 0;                     ///< the last that was cut
  std::optional<EpochResult> closing_;  ///< shares of the tasks that have passed its barrier
  std::vector<FrozenTask> frozen_;      ///< their state there
  EpochResult held_;                    ///< whole epochs that are not committed yet, as one
  int shares_missing_ = 0;
  RejectJudge reject_judge_;
  bool is_committing_ = false;
  bool is_last_ = false;  ///< no epoch follows the one that closes
  int64_t last_cut_us_ = 0;
  int64_t last_commit_us_ = 0;
  RunSummary summary_;
  mutable std::mutex status_mutex_;
  RunStatus committed_status_;  ///< the commit half of status(); guarded by status_mutex_
};

}  // namespace weir::runtime

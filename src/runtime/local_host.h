/// \file
/// The local host: runs tasks on threads, cuts epochs, commits them in order.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "dataflow/graph.h"
#include "dataflow/sink.h"
#include "runtime/old_intents.h"
#include "runtime/prepared_store.h"

namespace weir::runtime {

struct RunOptions {
  int64_t commit_every_ms = 10'000;
  /// How long progress that came without events (Kafka offsets that hold none) may stand uncommitted; at least
  /// commit_every_ms.
  int64_t progress_every_ms = 60'000;
  /// Input bytes after which an epoch is cut early; at twice that, intake waits. Each event counts as its bytes and a
  /// fixed part of about what it costs in memory: a record may be empty.
  int64_t epoch_bytes_max = int64_t{4} * 1024 * 1024 * 1024;
  int tasks = 1;
  /// How long a requested stop may take before the open epoch is abandoned (a restart reads it again).
  int64_t stop_deadline_ms = 30'000;
};

/// What the host runs: made by the planner.
struct Job {
  std::unique_ptr<SinkCommitter> committer;
  /// Makes the graph of one task. Called after the committer's open(), once for each share.
  std::function<Result<std::unique_ptr<Graph>>(ReaderShare)> make_graph;
  /// Called once at the end of a run that did not fail, when all is committed, on the thread of run(); may be empty.
  std::function<void()> on_finished = {};
};

/// A picture of a running host. Numbers count from the start of the process.
struct RunStatus {
  int64_t events = 0;
  int64_t bytes = 0;
  int64_t rejected = 0;
  int64_t events_committed = 0;  ///< of `events`: those whose rows and rejects are in the tables, or left out for good
  int64_t rows_committed = 0;
  int64_t rejects_committed = 0;
  int64_t commits = 0;
  int64_t commit_retries = 0;
  int64_t last_commit_wall_ms = 0;  ///< 0 before the first
  int64_t last_commit_took_us = 0;
  int64_t lag_events = -1;  ///< -1 when unknown
  int64_t lag_bytes = -1;
  int64_t writer_memory_bytes = 0;
  Epoch epoch = 0;                    ///< epochs cut so far
  std::vector<std::string> nodes;     ///< names of sources, steps and sinks, as in the pipeline file
  std::vector<NodeStats> node_stats;  ///< parallel to `nodes`, summed over the tasks
  bool ready = false;                 ///< tables opened, intents resolved, sources open
  bool committing = false;            ///< an intent is on its way to the catalog
};

/// What a run did, for the closing report.
struct RunSummary {
  RunStatus status;
  std::vector<CommittedTable> tables;  ///< summed over all commits, one entry a sink; snapshot_id is the last one
  Counters counters;
  Progress progress;              ///< what the tables have now
  int64_t recovered_intents = 0;  ///< intents of an earlier process that this one brought to an end
  bool abandoned_epoch = false;   ///< the stop deadline passed before the open epoch was committed
};

/// Is told of commits, on the coordinator's thread, which waits meanwhile.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// An epoch is in the tables: `took_us` microseconds from prepare() to the forgotten intent.
  virtual void on_commit(const CommitReport& report, const EpochResult& epoch, int64_t took_us) = 0;
  /// A commit is not done and is tried again in `wait_ms` milliseconds. `error` says why; null when the catalog did not
  /// say what became of it.
  virtual void on_commit_retry(const Error* error, int64_t wait_ms) = 0;
  /// An intent of an earlier process is at its end: `applied` (by whomever) or `refused`.
  virtual void on_recovered(const CommitReport& report) = 0;
  /// The stored intent at `path` cannot be read and is left where it is. Told once a run, before anything is read.
  virtual void on_damaged_intent(const std::string& path) = 0;
};

/// Runs one job once. run() on one thread; request_stop() and status() from any (request_stop() from a signal handler
/// too).
class LocalHost {
 public:
  LocalHost(Job job, RunOptions options, PreparedStore prepared, OldIntents old_intents, const Clock& clock,
            RunObserver& observer);
  ~LocalHost();

  /// Runs until the sources are finished, a stop is requested, or something fails. A failure leaves the tables at a
  /// committed epoch. A stop before the sources are open is no failure; RunStatus::ready is false then.
  Result<RunSummary> run();

  /// Asks for an orderly stop: opening ends, intake ends, the open epoch is committed, run() returns. The stop deadline
  /// counts from the first call; a commit that was begun before it is not cut short.
  void request_stop();

  RunStatus status() const;

 private:
  class Worker;

  Result<void> run_job();
  Result<void> recover();
  Result<void> recover_old_intents();
  Result<bool> recover_one(const std::string& prepared, const StoredObject& place);
  Result<void> start_workers();
  Result<void> coordinate();
  Result<void> cut_epoch();
  Result<void> commit_epoch(const EpochResult& epoch);
  Result<CommitReport> until_known(const std::function<Result<CommitReport>()>& attempt);
  template <typename Call>
  auto with_back_off(Deadline give_up, const Call& call) -> decltype(call());
  void pause_before_retry(int64_t wait_ms);
  bool is_stopping() const { return stop_deadline_us_.load(std::memory_order_relaxed) != 0; }
  bool is_past_stop_deadline() const;
  bool wait_for_next_cut();
  Result<void> worker_failure();
  void account(const CommitReport& report, const EpochResult& epoch, int64_t took_us);
  void stop_workers();

  Job job_;
  RunOptions options_;
  PreparedStore prepared_;
  OldIntents old_intents_;
  const Clock& clock_;
  RunObserver& observer_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Epoch epoch_ = 0;
  int64_t last_cut_us_ = 0;
  std::atomic<int64_t> stop_deadline_us_ = 0;  ///< monotonic; 0 until a stop is requested
  RunSummary summary_;
  mutable std::mutex status_mutex_;
  RunStatus committed_status_;  ///< the commit half of status(); guarded by status_mutex_
};

}  // namespace weir::runtime

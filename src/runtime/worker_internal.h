/// \file
/// One thread of the local host and the mailbox through which the coordinator steers it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/local_host.h"
#include "runtime/task.h"

namespace weir::runtime {

/// Public calls come from the coordinator's thread, except snapshot().
class LocalHost::Worker {
 public:
  Worker(std::unique_ptr<Task> task, int64_t epoch_bytes_max)
      : task_(std::move(task)), node_names_(task_->graph().node_names()), epoch_bytes_max_(epoch_bytes_max) {}
  ~Worker() { join(); }

  void start() {
    thread_ = std::thread([this] { loop(); });
  }
  /// Names that Snapshot::nodes belongs to.
  std::vector<std::string> node_names() const { return node_names_; }
  /// Lets the thread end; its task is not touched any more.
  void join();

  /// Asks for a barrier, without waiting; take_barrier() brings its result.
  void request_barrier(Epoch epoch);
  /// The barrier's result once it is there, waiting up to `wait_ms` for it (0 looks only), or the error that ended the
  /// worker.
  std::optional<Result<EpochResult>> take_barrier(int wait_ms);
  /// No more events are taken from the sources (barriers still work).
  void stop_intake();
  void committed(std::shared_ptr<const Progress> progress);

  struct Snapshot {
    TaskTotals totals;
    int64_t epoch_events = 0;  ///< since the last barrier
    int64_t epoch_bytes = 0;   ///< of them, with a fixed part for each event
    int64_t memory_bytes = 0;
    SourceLag lag;
    std::vector<NodeStats> nodes;
    bool finished = false;
    bool failed = false;
  };
  Snapshot snapshot() const;
  /// The error that ended the worker. Only when snapshot().failed.
  Error failure() const;

 private:
  enum class Next { step, barrier, wait, exit };
  void loop();
  Next decide();
  void do_barrier();
  void do_step();
  void publish();
  void fail(Error error);

  const std::unique_ptr<Task> task_;
  const std::vector<std::string> node_names_;
  const int64_t epoch_bytes_max_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable wake_worker_;
  std::condition_variable wake_coordinator_;
  // Guarded by mutex_:
  Epoch requested_epoch_ = 0;
  Epoch done_epoch_ = 0;
  std::optional<Result<EpochResult>> barrier_result_;
  std::shared_ptr<const Progress> committed_;
  bool intake_stopped_ = false;
  bool exit_ = false;
  Snapshot snapshot_;
  std::optional<Error> failure_;
  // The worker's own:
  TaskTotals at_barrier_;
  bool finished_ = false;
};

}  // namespace weir::runtime

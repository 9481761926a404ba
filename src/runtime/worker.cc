#include "base/exception_guard.h"
#include "runtime/worker_internal.h"

namespace weir::runtime {
namespace {

constexpr int kPollWaitMs = 20;
/// What an event costs beside its bytes until its epoch is committed: its place in the batch, its row.
constexpr int64_t kEventOverheadBytes = 64;

}  // namespace

void LocalHost::Worker::join() {
  {
    const std::scoped_lock lock(mutex_);
    exit_ = true;
  }
  wake_worker_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LocalHost::Worker::request_barrier(Epoch epoch) {
  {
    const std::scoped_lock lock(mutex_);
    requested_epoch_ = epoch;
  }
  wake_worker_.notify_all();
}

std::optional<Result<EpochResult>> LocalHost::Worker::take_barrier(int wait_ms) {
  std::unique_lock lock(mutex_);
  wake_coordinator_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                             [this] { return barrier_result_.has_value() || failure_.has_value(); });
  if (failure_) return Result<EpochResult>(*failure_);
  return std::exchange(barrier_result_, std::nullopt);
}

void LocalHost::Worker::stop_intake() {
  const std::scoped_lock lock(mutex_);
  intake_stopped_ = true;
}

void LocalHost::Worker::committed(std::shared_ptr<const Progress> progress) {
  const std::scoped_lock lock(mutex_);
  committed_ = std::move(progress);
}

LocalHost::Worker::Snapshot LocalHost::Worker::snapshot() const {
  const std::scoped_lock lock(mutex_);
  return snapshot_;
}

Error LocalHost::Worker::failure() const {
  const std::scoped_lock lock(mutex_);
  return *failure_;
}

void LocalHost::Worker::loop() {
  while (true) {
    switch (decide()) {
      case Next::exit: return;
      case Next::barrier: do_barrier(); break;
      case Next::step: do_step(); break;
      case Next::wait: break;
    }
  }
}

LocalHost::Worker::Next LocalHost::Worker::decide() {
  std::shared_ptr<const Progress> committed;
  Next next = Next::step;
  {
    std::unique_lock lock(mutex_);
    const bool must_wait =
        finished_ || intake_stopped_ || failure_.has_value() || snapshot_.epoch_bytes >= 2 * epoch_bytes_max_;
    if (must_wait && !exit_ && requested_epoch_ == done_epoch_ && !committed_)
      wake_worker_.wait_for(lock, std::chrono::milliseconds(kPollWaitMs));
    committed = std::exchange(committed_, nullptr);
    if (exit_)
      next = Next::exit;
    else if (requested_epoch_ != done_epoch_ && !failure_)
      next = Next::barrier;
    else if (must_wait || failure_)
      next = Next::wait;
  }
  if (committed) task_->on_committed(*committed);
  return next;
}

void LocalHost::Worker::do_barrier() {
  EpochResult result;
  Result<void> done = guard_exceptions("a task", [&] { return task_->barrier(result); });
  if (!done.ok()) return fail(std::move(done).error());
  at_barrier_ = task_->totals();
  publish();
  {
    const std::scoped_lock lock(mutex_);
    done_epoch_ = requested_epoch_;
    result.epoch = done_epoch_;
    barrier_result_ = Result<EpochResult>(std::move(result));
  }
  wake_coordinator_.notify_all();
}

void LocalHost::Worker::do_step() {
  Result<Task::Step> step = guard_exceptions("a task", [&] { return task_->step(kPollWaitMs); });
  if (!step.ok()) return fail(std::move(step).error());
  finished_ = *step == Task::Step::finished;
  publish();
}

void LocalHost::Worker::publish() {
  // All of it is the worker's own: nobody who asks for a snapshot waits while it is gathered.
  const TaskTotals& totals = task_->totals();
  const int64_t epoch_events = totals.events - at_barrier_.events;
  Snapshot now{.totals = totals,
               .epoch_events = epoch_events,
               .epoch_bytes = totals.bytes - at_barrier_.bytes + epoch_events * kEventOverheadBytes,
               .memory_bytes = task_->memory_bytes(),
               .lag = task_->lag(),
               .nodes = task_->graph().node_stats(),
               .finished = finished_};
  {
    const std::scoped_lock lock(mutex_);
    snapshot_ = std::move(now);
  }
  if (finished_) wake_coordinator_.notify_all();
}

void LocalHost::Worker::fail(Error error) {
  {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(error);
    snapshot_.failed = true;
  }
  wake_coordinator_.notify_all();
}

}  // namespace weir::runtime

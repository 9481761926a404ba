#include <algorithm>

#include "base/exception_guard.h"
#include "runtime/threads/task_thread_internal.h"

namespace weir::runtime {
namespace {

constexpr int64_t kPauseUs = 20'000;
/// What an event costs beside its bytes until its epoch is committed: its place in the batch, its row.
constexpr int64_t kEventOverheadBytes = 64;

}  // namespace

TaskThread::TaskThread(int number, std::unique_ptr<Task> task, std::shared_ptr<Waiter> waiter, const Clock& clock,
                       IntakeMeter& meter, std::function<void(TaskReport)> report)
    : number_(number),
      name_("task-" + std::to_string(number)),
      task_(std::move(task)),
      has_sources_(task_->has_sources()),
      node_names_(task_->graph().node_names()),
      waiter_(std::move(waiter)),
      clock_(clock),
      meter_(meter),
      report_(std::move(report)) {}

TaskThread::~TaskThread() {
  end();
}

void TaskThread::start(Threads& threads, std::function<void(const std::string&)> exited) {
  exited_ = std::move(exited);
  thread_ = threads.start(name_, [this] {
    run();
    exited_(name_);
  });
}

void TaskThread::end() {
  order([](Orders& orders) { orders.is_exit = true; });
}

void TaskThread::order(const std::function<void(Orders&)>& change) {
  {
    const std::scoped_lock lock(mutex_);
    change(orders_);
  }
  waiter_->notify();
}

void TaskThread::request_barrier(Epoch epoch) {
  order([&](Orders& orders) { orders.barrier = epoch; });
}

void TaskThread::stop_intake() {
  order([](Orders& orders) { orders.is_intake_stopped = true; });
}

void TaskThread::release(std::shared_ptr<const Progress> durable) {
  order([&](Orders& orders) { orders.durable = std::move(durable); });
}

void TaskThread::add_splits(const std::string& source, std::vector<AssignedSplit> splits, bool is_last) {
  order([&](Orders& orders) {
    orders.splits.push_back({.source = source, .splits = std::move(splits), .is_last = is_last});
  });
}

TaskSnapshot TaskThread::snapshot() const {
  const std::scoped_lock lock(mutex_);
  return snapshot_;
}

TaskThread::Orders TaskThread::take_orders() {
  const std::scoped_lock lock(mutex_);
  Orders orders{.barrier = orders_.barrier,
                .is_intake_stopped = orders_.is_intake_stopped,
                .is_exit = orders_.is_exit,
                .durable = std::exchange(orders_.durable, nullptr),
                .splits = std::exchange(orders_.splits, {})};
  return orders;
}

void TaskThread::run() {
  while (true) {
    const Result<bool> goes_on = guard_exceptions("a task", [this] { return advance(); });
    if (goes_on.ok() && !*goes_on) return;
    if (goes_on.ok()) continue;
    report_({.task = number_, .kind = TaskReport::Kind::failed, .error = goes_on.error()});
    while (!take_orders().is_exit) waiter_->wait_until(clock_.monotonic_us() + kPauseUs);
    return;
  }
}

/// Cuts the epoch or takes a step; false once the thread is to end.
Result<bool> TaskThread::advance() {
  Orders orders = take_orders();
  if (orders.is_exit) return false;
  if (orders.durable) task_->release(*orders.durable);
  for (SplitOrder& order : orders.splits) {
    WEIR_TRY(task_->add_splits(order.source, std::move(order.splits)));
    if (order.is_last) task_->no_more_splits(order.source);
  }
  if (closing_) WEIR_TRY(finish_barrier());
  WEIR_ASSIGN(const bool has_cut, do_barrier(orders.barrier));
  if (!has_cut) WEIR_TRY(do_step(orders));
  return true;
}

/// Cuts the epoch that is asked for, once it can be; false when there is nothing to cut yet.
Result<bool> TaskThread::do_barrier(Epoch requested) {
  const Epoch epoch = has_sources_ ? requested : task_->arrived_barrier();
  if (epoch == done_epoch_ || epoch == 0 || !task_->is_aligned(epoch)) return false;
  EpochResult share{.epoch = epoch, .progress = {}, .parts = {}, .counters = {}};
  WEIR_ASSIGN(FrozenTask frozen, task_->barrier(share));
  done_epoch_ = epoch;
  meter_.add(-epoch_bytes_);
  epoch_bytes_ = 0;
  at_barrier_ = task_->totals();
  publish();
  closing_ = TaskReport{
      .task = number_, .kind = TaskReport::Kind::barrier_done, .share = std::move(share), .frozen = std::move(frozen)};
  WEIR_TRY(finish_barrier());
  return true;
}

/// Reports the epoch once its files are durable. What comes in meanwhile is the next one's.
Result<void> TaskThread::finish_barrier() {
  WEIR_ASSIGN(const bool has_all, task_->take_parts(*closing_->share));
  if (has_all) report_(*std::exchange(closing_, std::nullopt));
  return {};
}

Result<void> TaskThread::do_step(const Orders& orders) {
  const bool intake = !orders.is_intake_stopped && !is_finished_ && !meter_.must_wait();
  WEIR_ASSIGN(Task::Step step, task_->step(clock_.monotonic_us(), intake));
  for (Task::Retry& retry : step.retries) {
    report_({.task = number_,
             .kind = TaskReport::Kind::retrying,
             .error = std::move(retry.error),
             .source = std::move(retry.source),
             .wait_ms = retry.wait_ms});
  }
  for (std::string& source : step.to_look)
    report_({.task = number_, .kind = TaskReport::Kind::to_look, .source = std::move(source)});
  meter();
  publish();
  if (step.outcome == Task::Outcome::worked) return {};
  if (step.outcome == Task::Outcome::finished && intake && has_sources_) {
    is_finished_ = true;
    publish();
    report_({.task = number_, .kind = TaskReport::Kind::finished});
    return {};
  }
  waiter_->wait_until(std::min(step.until_us, clock_.monotonic_us() + kPauseUs));
  return {};
}

/// Tells what the last step has taken in.
void TaskThread::meter() {
  const TaskTotals& totals = task_->totals();
  const int64_t epoch_events = totals.events - at_barrier_.events;
  const int64_t epoch_bytes = totals.bytes - at_barrier_.bytes + epoch_events * kEventOverheadBytes;
  if (epoch_bytes != epoch_bytes_) meter_.add(epoch_bytes - epoch_bytes_);
  epoch_bytes_ = epoch_bytes;
}

void TaskThread::publish() {
  // All of it is the task's own: nobody who asks for a snapshot waits while it is gathered.
  const TaskTotals& totals = task_->totals();
  TaskSnapshot now{.totals = totals,
                   .epoch_events = totals.events - at_barrier_.events,
                   .memory_bytes = task_->memory_bytes(),
                   .lag = task_->lag(),
                   .nodes = task_->graph().node_stats(),
                   .is_finished = is_finished_};
  const std::scoped_lock lock(mutex_);
  snapshot_ = std::move(now);
}

}  // namespace weir::runtime

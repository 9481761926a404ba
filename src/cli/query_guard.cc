#include "cli/query_guard.h"

#include <chrono>
#include <csignal>
#include <string>

#include "cli/stop_signals.h"

namespace weir::cli {
namespace {

/// How soon a signal and the end of the time are noticed.
constexpr std::chrono::milliseconds kLook{20};

std::atomic<bool> signalled = false;

/// The second signal ends the process; a write() under way goes on after the first.
void on_stop_signal(int signal) {
  if (signalled.exchange(true)) end_by(signal);
}

void set_handler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_NODEFER);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

QueryGuard::QueryGuard(expression::QuerySession& session, const Console& console, const Clock& clock,
                       int64_t time_ms_max)
    : session_(session), console_(console), clock_(clock), time_ms_max_(time_ms_max) {
  signalled = false;
  set_handler(&on_stop_signal);
  thread_ = std::thread([this] { watch(); });
}

QueryGuard::~QueryGuard() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_one();
  thread_.join();
  end_on_signals();
}

void QueryGuard::watch() {
  const Deadline deadline = Deadline::after_ms(clock_, time_ms_max_);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kLook, [this] { return done_; })) {
    if (ended_ == Ended::no && signalled) ended_ = Ended::by_signal;
    if (ended_ == Ended::no && time_ms_max_ > 0 && deadline.passed(clock_)) ended_ = Ended::by_time;
    if (ended_ == Ended::no && !console_.has_reader()) ended_ = Ended::by_reader;
    if (ended_ != Ended::no) session_.interrupt();  // again and again: it reaches only what runs at that moment
  }
}

Result<void> QueryGuard::check() const {
  switch (ended_) {
    case Ended::no: return {};
    case Ended::by_signal: return Error(ErrorKind::cancelled, "the query was interrupted");
    case Ended::by_reader: return Error(ErrorKind::cancelled, "nobody reads the output any more");
    case Ended::by_time:
      return Error(ErrorKind::timeout, "the query took more than " + std::to_string(time_ms_max_) +
                                           " ms and was ended; allow more with --timeout");
  }
  return {};
}

}  // namespace weir::cli

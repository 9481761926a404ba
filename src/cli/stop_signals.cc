#include "cli/stop_signals.h"

#include <csignal>

#include <unistd.h>

#include "runtime/local_host.h"

namespace weir::cli {
namespace {

constexpr int kLookMs = 50;
constexpr int kSignalExit = 128;

std::atomic<runtime::LocalHost*> stopped_host = nullptr;
std::atomic<bool> stop_asked = false;

void on_first_or_second(int signal) {
  if (stop_asked.exchange(true)) end_by(signal);
  if (runtime::LocalHost* host = stopped_host.load()) host->request_stop();
}

void on_any(int signal) {
  end_by(signal);
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_NODEFER);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace

void end_by(int signal) {
  // By its own default, so that shells and supervisors see which it was.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  ::_exit(kSignalExit + signal);
}

StopSignals::StopSignals() {
  stop_asked = false;
  handle(&on_first_or_second);
}

StopSignals::~StopSignals() {
  end_on_signals();
}

bool StopSignals::asked() const {
  return stop_asked;
}

StopSignals::Target::Target(runtime::LocalHost& host) {
  stopped_host = &host;
  if (stop_asked) host.request_stop();  // it came before there was a host
}

StopSignals::Target::~Target() {
  stopped_host = nullptr;
}

StopNotice::StopNotice(const StopSignals& signals, const Clock& clock, std::function<void()> say)
    : thread_([this, &signals, &clock, say = std::move(say)] {
        while (!done_ && !signals.asked()) clock.sleep_ms(kLookMs);
        if (signals.asked()) say();
      }) {}

StopNotice::~StopNotice() {
  done_ = true;
  thread_.join();
}

void end_on_signals() {
  handle(&on_any);
}

}  // namespace weir::cli

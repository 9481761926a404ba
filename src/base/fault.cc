#include "base/fault.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include <unistd.h>

namespace weir {
namespace internal {

std::atomic<bool> faults_armed = false;

}  // namespace internal

namespace {

enum class Action { kill, stop, error, full, delay, log };

struct Fault {
  Action action = Action::kill;
  int64_t delay_ms = 0;
  int64_t first = 1;
  bool repeat = false;
  int64_t passages = 0;
};

struct FaultTable {
  std::mutex mutex;
  std::map<std::string, Fault, std::less<>> faults;
};

FaultTable& table() {
  static FaultTable instance;
  return instance;
}

bool parse_number(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

bool parse_action(std::string_view text, Fault& fault) {
  if (text == "kill")
    fault.action = Action::kill;
  else if (text == "stop")
    fault.action = Action::stop;
  else if (text == "error")
    fault.action = Action::error;
  else if (text == "full")
    fault.action = Action::full;
  else if (text == "log")
    fault.action = Action::log;
  else if (text.starts_with("delay:"))
    fault.action = Action::delay;
  else
    return false;
  return fault.action != Action::delay || parse_number(text.substr(6), fault.delay_ms);
}

bool parse_fault(std::string_view text, std::string& name, Fault& fault) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  name = std::string(text.substr(0, equals));
  std::string_view action = text.substr(equals + 1);
  if (const size_t at = action.find('@'); at != std::string_view::npos) {
    std::string_view count = action.substr(at + 1);
    if (count.ends_with('+')) {
      fault.repeat = true;
      count.remove_suffix(1);
    }
    if (!parse_number(count, fault.first)) return false;
    action = action.substr(0, at);
  }
  return parse_action(action, fault);
}

/// One write, so that the line stays whole among those of other threads.
void log_passage(std::string_view name) {
  const std::string line = "passed " + std::string(name) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

Result<void> arm_faults(std::string_view text) {
  FaultTable& faults = table();
  const std::scoped_lock lock(faults.mutex);
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    std::string name;
    Fault fault;
    if (!parse_fault(text.substr(0, end), name, fault)) {
      return Error(ErrorKind::invalid_argument,
                   "'" + std::string(text.substr(0, end)) + "' is not NAME=kill|stop|error|full|delay:MS|log[@N[+]]");
    }
    faults.faults[name] = fault;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  internal::faults_armed = true;
  return {};
}

Result<void> internal::pass_fault_point(std::string_view name) {
  Fault fault;
  {
    FaultTable& faults = table();
    const std::scoped_lock lock(faults.mutex);
    const auto found = faults.faults.find(name);
    if (found == faults.faults.end()) return {};
    const int64_t passage = ++found->second.passages;
    if (passage != found->second.first && !(found->second.repeat && passage > found->second.first)) return {};
    fault = found->second;
  }
  switch (fault.action) {
    case Action::kill: ::raise(SIGKILL); break;
    // To this thread: a signal to the process may reach another one first, and this one would go on.
    case Action::stop: ::raise(SIGSTOP); break;
    case Action::delay: std::this_thread::sleep_for(std::chrono::milliseconds(fault.delay_ms)); break;
    case Action::log: log_passage(name); break;
    case Action::error: return Error(ErrorKind::unavailable, "injected fault at " + std::string(name));
    case Action::full: return Error(ErrorKind::resource_exhausted, "injected full disk at " + std::string(name));
  }
  return {};
}

}  // namespace weir

/// \file
/// Named fault points in the real binary: where a test can kill, freeze, fail or delay the process between two steps of
/// the protocol.
///
/// Off, a point costs one relaxed atomic load. Points are armed from text (`WEIR_FAULTS`, read by the command line
/// only):
///   NAME=ACTION[@N][;...]   ACTION: kill | stop | error | full | delay:MS | log;   @N: at the Nth passage (default 1);
///   @N+: from the Nth on
/// `log` writes a line to stderr, "passed NAME", so that a test can count passages.
#pragma once

#include <atomic>
#include <string_view>

#include "base/result.h"

namespace weir {

/// Arms the points named in `text`. Call once, before other threads run. Errors: invalid_argument.
Result<void> arm_faults(std::string_view text);

namespace internal {
extern std::atomic<bool> faults_armed;
Result<void> pass_fault_point(std::string_view name);
}  // namespace internal

/// A place between two steps. Returns an error only when a test asked for one here. Thread-safe.
inline Result<void> fault_point(std::string_view name) {
  if (!internal::faults_armed.load(std::memory_order_relaxed)) [[likely]]
    return {};
  return internal::pass_fault_point(name);
}

}  // namespace weir

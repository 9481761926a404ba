/// \file
/// The CPU clock port: by it a graph knows where its time goes.
#pragma once

#include <cstdint>

namespace weir {

/// Thread-safe.
class CpuClock {
 public:
  virtual ~CpuClock() = default;
  /// Nanoseconds that the calling thread has spent on a processor; never steps backwards. About 0.3 us a call: read it
  /// by the batch, never by the event.
  virtual int64_t thread_cpu_ns() const = 0;
};

}  // namespace weir

#include "runtime/threads/thread_cpu_clock.h"

#include <time.h>

namespace weir::runtime {
namespace {

class ThreadCpuClock final : public CpuClock {
 public:
  int64_t thread_cpu_ns() const override {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
};

}  // namespace

const CpuClock& thread_cpu_clock() {
  static const ThreadCpuClock clock;
  return clock;
}

}  // namespace weir::runtime

#include "cli/live_line.h"

#include <cstdio>

#include <unistd.h>

namespace weir::cli {
namespace {

constexpr int64_t kRefreshMs = 250;
constexpr const char* kClearLine = "\r\x1b[2K";

}  // namespace

int64_t process_memory_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  long long total = 0;
  long long resident = 0;
  const int read = std::fscanf(file, "%lld %lld", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * ::sysconf(_SC_PAGESIZE) : 0;
}

std::string status_line(const runtime::RunStatus& now, const runtime::RunStatus& before, double seconds,
                        int64_t wall_ms, int64_t process_memory_bytes) {
  if (!now.ready) return "opening tables and sources ...";
  const auto per_second = [&](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<double>(a - b) / seconds);
  };
  std::string text = format_count(now.events) + " events  " + format_count(per_second(now.events, before.events)) +
                     "/s  " + format_bytes(per_second(now.bytes, before.bytes)) + "/s  " + format_count(now.rejected) +
                     " rejected";
  if (now.lag_events > 0) text += "  lag " + format_count(now.lag_events);
  if (now.lag_bytes > 0) text += "  lag " + format_bytes(now.lag_bytes);
  if (now.committing)
    text += "  committing";
  else if (now.last_commit_wall_ms != 0)
    text += "  commit " + format_duration_ms(wall_ms - now.last_commit_wall_ms) + " ago";
  return text + "  " + format_bytes(process_memory_bytes);
}

LiveLine::LiveLine(Console& console, const runtime::LocalHost& host, const Clock& clock, bool enabled)
    : console_(console), host_(host), clock_(clock) {
  if (enabled && console.err_is_terminal()) thread_ = std::thread([this] { loop(); });
}

LiveLine::~LiveLine() {
  done_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
  console_.err(kClearLine);
}

void LiveLine::loop() {
  runtime::RunStatus before = host_.status();
  int64_t before_us = clock_.monotonic_us();
  while (!done_) {
    clock_.sleep_ms(kRefreshMs);
    const runtime::RunStatus now = host_.status();
    const int64_t now_us = clock_.monotonic_us();
    const double seconds = static_cast<double>(now_us - before_us) / 1e6;
    console_.err(kClearLine + status_line(now, before, seconds, clock_.wall_ms(), process_memory_bytes()));
    before = now;
    before_us = now_us;
  }
}

}  // namespace weir::cli

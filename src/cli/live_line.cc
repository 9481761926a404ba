#include "cli/live_line.h"

#include "observe/process_sample.h"

namespace weir::cli {
namespace {

constexpr int64_t kRefreshMs = 250;

}  // namespace

std::string status_line(const runtime::RunStatus& now, const runtime::RunStatus& before, double seconds,
                        int64_t wall_ms, int64_t memory_bytes) {
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
  if (memory_bytes >= 0) text += "  " + format_bytes(memory_bytes);
  return text;
}

LiveLine::LiveLine(Environment& environment, const runtime::LocalHost& host, bool enabled)
    : environment_(environment), host_(host) {
  if (enabled && environment.console.err_is_terminal()) thread_ = std::thread([this] { loop(); });
}

LiveLine::~LiveLine() {
  done_ = true;
  if (!thread_.joinable()) return;
  thread_.join();
  environment_.console.end_live();
}

void LiveLine::loop() {
  const Clock& clock = environment_.clock;
  runtime::RunStatus before = host_.status();
  int64_t before_us = clock.monotonic_us();
  while (!done_) {
    clock.sleep_ms(kRefreshMs);
    const runtime::RunStatus now = host_.status();
    const int64_t now_us = clock.monotonic_us();
    const double seconds = static_cast<double>(now_us - before_us) / 1e6;
    const int64_t memory_bytes = observe::sample_process(environment_.files).resident_bytes;
    environment_.console.live(status_line(now, before, seconds, clock.wall_ms(), memory_bytes));
    before = now;
    before_us = now_us;
  }
}

}  // namespace weir::cli

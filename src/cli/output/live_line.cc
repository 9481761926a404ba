#include "cli/output/live_line.h"

#include <vector>

#include "observe/process_sample.h"

namespace weir::cli {
namespace {

constexpr int64_t kRefreshMs = 250;

struct Part {
  int rank;
  std::string text;
};

std::string joined(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) text += (text.empty() ? "" : "  ") + part.text;
  return text;
}

}  // namespace

std::string status_line(const runtime::RunStatus& now, const runtime::RunStatus& before, const LiveFacts& facts) {
  if (!now.ready) return "opening tables and sources ...";
  const auto per_second = [&](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<double>(a - b) / facts.seconds);
  };
  // In the order of the line; the higher the rank, the earlier it is left out.
  std::vector<Part> parts = {{0, "read " + format_count(now.events)},
                             {1, format_count(per_second(now.events, before.events)) + " events/s"},
                             {5, format_bytes(per_second(now.bytes, before.bytes)) + "/s"},
                             {0, "rejected " + format_count(now.rejected)}};
  if (!facts.reject_reason.empty()) parts.push_back({4, "mostly " + facts.reject_reason});
  if (now.lag_events > 0) parts.push_back({2, "lag " + counted(now.lag_events, "event")});
  if (now.lag_bytes > 0) parts.push_back({2, "lag " + format_bytes(now.lag_bytes)});
  if (now.committing)
    parts.push_back({3, "committing"});
  else if (now.last_commit_wall_ms != 0)
    parts.push_back({3, "commit " + format_duration_ms(facts.wall_ms - now.last_commit_wall_ms) + " ago"});
  if (facts.memory_bytes >= 0) parts.push_back({6, "memory " + format_bytes(facts.memory_bytes)});
  for (int rank = 6; rank > 0 && joined(parts).size() >= facts.columns; --rank)
    std::erase_if(parts, [&](const Part& part) { return part.rank == rank; });
  return joined(parts);
}

LiveLine::LiveLine(Environment& environment, const runtime::LocalHost& host, const RunMonitor& monitor, bool enabled)
    : environment_(environment), host_(host), monitor_(monitor) {
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
    environment_.console.live(status_line(now, before,
                                          {.seconds = static_cast<double>(now_us - before_us) / 1e6,
                                           .wall_ms = clock.wall_ms(),
                                           .memory_bytes = observe::sample_process(environment_.files).resident_bytes,
                                           .reject_reason = printable(monitor_.main_reject_reason()),
                                           .columns = environment_.console.err_columns()}));
    before = now;
    before_us = now_us;
  }
}

}  // namespace weir::cli

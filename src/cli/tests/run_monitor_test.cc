#include "cli/output/run_monitor.h"

#include <gtest/gtest.h>

#include "observe/metric_names.h"

namespace weir::cli {
namespace {

class RunMonitorTest : public testing::Test {
 protected:
  double freshness(const runtime::RunStatus& status) {
    monitor_.update(status);
    return metrics_.gauge(observe::metric::kFreshness, {"p"}).value();
  }

  Environment environment_;
  observe::Metrics metrics_{environment_.redactor};
  struct NoSink final : observe::LogSink {
    void write(std::string_view) override {}
  } sink_;
  observe::Logger logger_{{}, sink_, environment_.redactor, environment_.clock};
  RunMonitor monitor_{"p", logger_, metrics_, environment_};
};

TEST_F(RunMonitorTest, EventsThatWereLeftOutOrLandTwiceCountOnceForFreshness) {
  const int64_t a_while_ago = environment_.clock.wall_ms() - 60'000;
  // 100 events, of which a filter left out 40; the others are in two tables.
  EXPECT_EQ(
      freshness({.events = 100, .events_committed = 100, .rows_committed = 0, .last_commit_wall_ms = a_while_ago}), 0);
  EXPECT_GE(
      freshness({.events = 150, .events_committed = 100, .rows_committed = 200, .last_commit_wall_ms = a_while_ago}),
      60);
}

}  // namespace
}  // namespace weir::cli

#include "cli/output/live_line.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

TEST(StatusLine, SaysRatesFromTwoPicturesAndLabelsEveryFigure) {
  const runtime::RunStatus before{.events = 100'000, .bytes = 1'000'000, .ready = true};
  const runtime::RunStatus now{.events = 120'000, .bytes = 6'000'000, .rejected = 12, .ready = true};
  EXPECT_EQ(status_line(now, before, {.seconds = 0.5, .memory_bytes = 182'000'000, .columns = 100}),
            "read 120,000  40,000 events/s  10.0 MB/s  rejected 12  memory 182 MB");
  EXPECT_EQ(status_line(now, before, {.seconds = 0.5, .reject_reason = "rule late", .columns = 100}),
            "read 120,000  40,000 events/s  10.0 MB/s  rejected 12  mostly rule late");
}

TEST(StatusLine, SaysLagAndCommitWhereTheyAreKnown) {
  runtime::RunStatus now{.last_commit_wall_ms = 5'000, .lag_events = 7, .lag_bytes = 8'100'000, .ready = true};
  EXPECT_EQ(status_line(now, now, {.wall_ms = 8'000, .columns = 120}),
            "read 0  0 events/s  0 B/s  rejected 0  lag 7 events  lag 8.1 MB  commit 3.0 s ago");
  now.committing = true;
  EXPECT_EQ(status_line(now, now, {.wall_ms = 8'000, .columns = 120}),
            "read 0  0 events/s  0 B/s  rejected 0  lag 7 events  lag 8.1 MB  committing");
}

TEST(StatusLine, FitsAnyTerminalAndKeepsWhatMattersMost) {
  const runtime::RunStatus before{.ready = true};
  const runtime::RunStatus now{.events = 987'654'321,
                               .bytes = 6'000'000,
                               .rejected = 1'234'567,
                               .last_commit_wall_ms = 1,
                               .lag_events = 12'345'678,
                               .ready = true};
  for (size_t columns = 40; columns < 140; ++columns) {
    const std::string line = status_line(
        now, before, {.wall_ms = 250'000, .memory_bytes = 1, .reject_reason = "rule late", .columns = columns});
    EXPECT_LT(line.size(), columns) << line;
    EXPECT_NE(line.find("rejected 1,234,567"), std::string::npos) << line;
  }
}

TEST(StatusLine, LeavesOutWhatIsNotKnown) {
  const runtime::RunStatus now{.ready = true};
  EXPECT_EQ(status_line(now, now, {}), "read 0  0 events/s  0 B/s  rejected 0");
  EXPECT_EQ(status_line({}, {}, {}), "opening tables and sources ...");
}

}  // namespace
}  // namespace weir::cli

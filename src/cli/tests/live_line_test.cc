#include "cli/live_line.h"

#include <gtest/gtest.h>

namespace weir::cli {
namespace {

TEST(StatusLine, SaysRatesFromTwoPictures) {
  const runtime::RunStatus before{.events = 100'000, .bytes = 1'000'000, .ready = true};
  const runtime::RunStatus now{.events = 120'000, .bytes = 6'000'000, .rejected = 12, .ready = true};
  EXPECT_EQ(status_line(now, before, 0.5, 0, 182'000'000), "120,000 events  40,000/s  10.0 MB/s  12 rejected  182 MB");
}

TEST(StatusLine, SaysLagAndCommitWhereTheyAreKnown) {
  runtime::RunStatus now{.last_commit_wall_ms = 5'000, .lag_events = 7, .lag_bytes = 8'100'000, .ready = true};
  EXPECT_EQ(status_line(now, now, 1, 8'000, 1000),
            "0 events  0/s  0 B/s  0 rejected  lag 7  lag 8.1 MB  commit 3.0 s ago  1.0 kB");
  now.committing = true;
  EXPECT_EQ(status_line(now, now, 1, 8'000, 1000),
            "0 events  0/s  0 B/s  0 rejected  lag 7  lag 8.1 MB  committing  1.0 kB");
}

TEST(StatusLine, LeavesOutWhatIsNotKnown) {
  const runtime::RunStatus now{.ready = true};
  EXPECT_EQ(status_line(now, now, 1, 0, -1), "0 events  0/s  0 B/s  0 rejected");
  EXPECT_EQ(status_line({}, {}, 1, 0, -1), "opening tables and sources ...");
}

}  // namespace
}  // namespace weir::cli

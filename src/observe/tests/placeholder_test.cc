#include <gtest/gtest.h>
#include "observe/log.h"
#include "observe/metric_names.h"
#include "observe/process_sample.h"
TEST(X, Y) {
  weir::observe::Redactor r; weir::observe::FdLogSink s(2);
  weir::observe::Logger l({}, s, r, weir::system_clock_source());
  l.info("commit.applied", "hello", {{"rows", 12}, {"u", size_t{3}}, {"table", "ops.x y"}, {"ok", true}, {"d", 1.5}, {"password", "x"}});
}

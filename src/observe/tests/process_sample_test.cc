#include "observe/process_sample.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "observe/metric_names.h"

namespace weir::observe {
namespace {

TEST(ProcessSample, KnowsThisProcess) {
  const ProcessSample sample = sample_process(posix_file_env());
  const double now = static_cast<double>(system_clock_source().wall_ms()) / 1000;
  EXPECT_GE(sample.cpu_seconds, 0);
  EXPECT_GT(sample.start_time_seconds, now - 3600);
  EXPECT_LT(sample.start_time_seconds, now + 2);
  EXPECT_GT(sample.resident_bytes, 1 << 20);
  EXPECT_GE(sample.virtual_bytes, sample.resident_bytes);
  EXPECT_GE(sample.open_fds, 3);
  EXPECT_GE(sample.max_fds, sample.open_fds);
  EXPECT_GE(sample.threads, 1);
}

TEST(ProcessSample, SeesAThreadAndADescriptorMore) {
  const ProcessSample before = sample_process(posix_file_env());
  const auto file = posix_file_env().open("/proc/self/stat");
  std::atomic<bool> done = false;
  std::thread other([&] {
    while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  const ProcessSample after = sample_process(posix_file_env());
  done = true;
  other.join();
  EXPECT_EQ(after.threads, before.threads + 1);
  EXPECT_EQ(after.open_fds, before.open_fds + 1);
}

TEST(ProcessSample, BecomesTheUsualMetrics) {
  Redactor redactor;
  Metrics metrics(redactor);
  record(sample_process(posix_file_env()), metrics);
  EXPECT_EQ(metrics.snapshot().size(), 7U);
  EXPECT_GT(metrics.gauge(metric::kProcessResidentMemory).value(), 0);
}

TEST(ProcessSample, WhatIsUnknownIsNotShown) {
  Redactor redactor;
  Metrics metrics(redactor);
  record(ProcessSample{}, metrics);
  EXPECT_TRUE(metrics.snapshot().empty());
}

}  // namespace
}  // namespace weir::observe

#include "observe/metrics.h"

#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::observe {
namespace {

using ::testing::ElementsAre;

constexpr MetricSpec kPlain{.name = "test_plain_total", .type = MetricType::counter, .unit = "", .help = "x"};
constexpr MetricSpec kByTable{.name = "test_table_total",
                              .type = MetricType::counter,
                              .unit = "rows",
                              .help = "x",
                              .labels = {"pipeline", "table"}};
constexpr MetricSpec kGauge{.name = "test_gauge", .type = MetricType::gauge, .unit = "", .help = "x"};
constexpr std::array<double, 3> kBounds = {0.1, 1, 10};
constexpr MetricSpec kTook{
    .name = "test_took_seconds", .type = MetricType::histogram, .unit = "seconds", .help = "x", .buckets = kBounds};

TEST(Metrics, TheSameLabelsAreTheSameSeries) {
  Redactor redactor;
  Metrics metrics(redactor);
  metrics.counter(kByTable, {"p", "a"}).add(2);
  metrics.counter(kByTable, {"p", "a"}).add(3);
  metrics.counter(kByTable, {"p", "b"}).add();
  const auto snapshot = metrics.snapshot();
  ASSERT_EQ(snapshot.size(), 1U);
  ASSERT_EQ(snapshot[0].series.size(), 2U);
  EXPECT_THAT(snapshot[0].series[0].label_values, ElementsAre("p", "a"));
  EXPECT_EQ(snapshot[0].series[0].value, 5);
  EXPECT_EQ(snapshot[0].series[1].value, 1);
}

TEST(Metrics, ACounterTakesOverATotalButNeverFalls) {
  Counter counter;
  counter.advance_to(10);
  counter.advance_to(7);
  EXPECT_EQ(counter.value(), 10);
  counter.advance_to(12);
  EXPECT_EQ(counter.value(), 12);
}

TEST(Metrics, AnUnknownGaugeIsNotShown) {
  Redactor redactor;
  Metrics metrics(redactor);
  Gauge& gauge = metrics.gauge(kGauge);
  EXPECT_TRUE(metrics.snapshot().empty());
  gauge.set(0);
  EXPECT_EQ(metrics.snapshot().size(), 1U);
  gauge.set_unknown();
  EXPECT_TRUE(metrics.snapshot().empty());
}

TEST(Metrics, AHistogramCountsAValueOnItsBoundInTheLowerBucket) {
  Redactor redactor;
  Metrics metrics(redactor);
  Histogram& took = metrics.histogram(kTook);
  for (const double value : {-1.0, 0.1, 0.2, 1.0, 10.0, 11.0, std::nan("")}) took.observe(value);
  const auto snapshot = metrics.snapshot();
  EXPECT_THAT(snapshot[0].series[0].counts, ElementsAre(2, 2, 1, 1));
  EXPECT_DOUBLE_EQ(snapshot[0].series[0].sum, 21.3);
}

TEST(Metrics, TooManySeriesShareOneThatIsCalledOther) {
  Redactor redactor;
  Metrics metrics(redactor, 10);
  for (int i = 0; i < 100; ++i) metrics.counter(kByTable, {"p", "t" + std::to_string(i)}).add();
  auto series = metrics.snapshot()[0].series;
  ASSERT_EQ(series.size(), 11U);
  EXPECT_THAT(series[0].label_values, ElementsAre("p", "other"));
  EXPECT_EQ(series[0].value, 90);
  metrics.counter(kByTable, {"p", "t3"}).add();  // a known one stays itself
  EXPECT_EQ(metrics.snapshot()[0].series[4].value, 2);
}

TEST(Metrics, EvenTheCoarseLabelIsBounded) {
  Redactor redactor;
  Metrics metrics(redactor, 10);
  for (int i = 0; i < 1000; ++i) metrics.counter(kByTable, {"p" + std::to_string(i), "t"}).add();
  double total = 0;
  const auto snapshot = metrics.snapshot();
  for (const SeriesSnapshot& series : snapshot[0].series) total += series.value;
  EXPECT_LE(snapshot[0].series.size(), 21U);
  EXPECT_EQ(total, 1000);
  EXPECT_THAT(snapshot[0].series[0].label_values, ElementsAre("other", "other"));
}

TEST(Metrics, LabelValuesAreRedactedValidAndShort) {
  Redactor redactor;
  redactor.register_secret("hunter2-hunter2");
  Metrics metrics(redactor);
  metrics.counter(kByTable, {"x hunter2-hunter2", std::string(1000, 'y') + "\xFF"}).add();
  metrics.counter(kByTable, {"\xFF", "\xE2\x82"}).add();
  const auto snapshot = metrics.snapshot();
  EXPECT_THAT(snapshot[0].series[0].label_values, ElementsAre("x ***", std::string(kLabelBytesMax, 'y')));
  EXPECT_THAT(snapshot[0].series[1].label_values, ElementsAre("\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD"));
}

TEST(Metrics, UpdatesOfManyThreadsAllCount) {
  Redactor redactor;
  Metrics metrics(redactor);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Counter& counter = metrics.counter(kPlain);
      Histogram& took = metrics.histogram(kTook);
      for (int i = 0; i < 20'000; ++i) {
        counter.add();
        took.observe(0.5);
        if (i % 1000 == 0) (void)metrics.snapshot();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto snapshot = metrics.snapshot();
  EXPECT_EQ(snapshot[0].series[0].value, 80'000);
  EXPECT_THAT(snapshot[1].series[0].counts, ElementsAre(0, 80'000, 0, 0));
  EXPECT_EQ(snapshot[1].series[0].sum, 40'000);
}

TEST(MetricsDeathTest, AWrongTypeOrNumberOfLabelsIsABug) {
  Redactor redactor;
  Metrics metrics(redactor);
  EXPECT_DEATH(metrics.gauge(kPlain), "test_plain_total");
  EXPECT_DEATH(metrics.counter(kByTable, {"p"}), "test_table_total");
}

}  // namespace
}  // namespace weir::observe

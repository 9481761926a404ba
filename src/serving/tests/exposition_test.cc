#include "serving/exposition.h"

#include <limits>

#include <gtest/gtest.h>

#include "observe/metric_names.h"
#include "serving/tests/prometheus_checker.h"

namespace weir::serving {
namespace {

using observe::Metrics;
using observe::MetricSpec;
using observe::MetricType;
using observe::Redactor;
using test::check_prometheus;
using test::Exposition;

constexpr MetricSpec kHostile{.name = "test_hostile",
                              .type = MetricType::gauge,
                              .unit = "",
                              .help = "Back\\slash, \"quote\" and\nline feed.",
                              .labels = {"first", "second"}};

class ExpositionTest : public ::testing::Test {
 protected:
  Exposition shown() {
    text_ = render_prometheus(metrics_.snapshot());
    return check_prometheus(text_);
  }
  Redactor redactor_;
  Metrics metrics_{redactor_};
  std::string text_;
};

TEST_F(ExpositionTest, NothingIsAnEmptyText) {
  EXPECT_EQ(render_prometheus({}), "");
}

TEST_F(ExpositionTest, ACounterIsThreeLines) {
  metrics_.counter(observe::metric::kEventsRead, {"flights"}).add(1'000'000);
  EXPECT_EQ(shown().error, "");
  EXPECT_EQ(text_,
            "# HELP weir_events_read_total Events taken from all sources.\n"
            "# TYPE weir_events_read_total counter\n"
            "weir_events_read_total{pipeline=\"flights\"} 1000000\n");
}

TEST_F(ExpositionTest, EveryMetricOfWeirPassesTheChecker) {
  for (const MetricSpec* spec : observe::metric::all()) {
    const auto label = [&](size_t i) { return i < spec->label_count() ? spec->labels[i] : ""; };
    const auto with = [&](auto make) {
      switch (spec->label_count()) {
        case 0: return make({});
        case 1: return make({label(0)});
        default: return make({label(0), label(1)});
      }
    };
    using Values = std::initializer_list<std::string_view>;
    switch (spec->type) {
      case MetricType::counter: with([&](Values values) { metrics_.counter(*spec, values).add(1.5); }); break;
      case MetricType::gauge: with([&](Values values) { metrics_.gauge(*spec, values).set(-2); }); break;
      case MetricType::histogram: with([&](Values values) { metrics_.histogram(*spec, values).observe(3); }); break;
    }
  }
  const Exposition found = shown();
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.metrics.size(), observe::metric::all().size());
}

TEST_F(ExpositionTest, HostileLabelValuesComeBackAsTheyWere) {
  const std::string hostile = "a\"} 1\nfake_metric{x=\"\\";
  metrics_.gauge(kHostile, {hostile, "\xFF,{}="}).set(1);
  const Exposition found = shown();
  ASSERT_EQ(found.error, "");
  ASSERT_EQ(found.metrics.size(), 1U);
  EXPECT_EQ(found.value("test_hostile", {{"first", hostile}, {"second", "\xEF\xBF\xBD,{}="}}), 1);
  EXPECT_EQ(found.metrics.at("test_hostile").help, "Back\\\\slash, \"quote\" and\\nline feed.");
}

TEST_F(ExpositionTest, NumbersKeepTheirValue) {
  for (const double value : {0.0, -1.0, 0.1, 1e-300, 1e300, 123456789.125, 9007199254740991.0, 1.7950000001e9,
                             std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    metrics_.gauge(kHostile, {"x", "y"}).set(value);
    const Exposition found = shown();
    EXPECT_EQ(found.error, "");
    EXPECT_EQ(found.value("test_hostile", {{"first", "x"}, {"second", "y"}}), value) << text_;
  }
}

TEST_F(ExpositionTest, HistogramsAreCumulative) {
  auto& took = metrics_.histogram(observe::metric::kCommitDuration, {"flights"});
  for (const double seconds : {0.001, 0.02, 0.02, 0.7, 1000.0}) took.observe(seconds);
  metrics_.histogram(observe::metric::kCommitDuration, {"other"});
  const Exposition found = shown();
  ASSERT_EQ(found.error, "");
  const std::string name = "weir_commit_duration_seconds";
  EXPECT_EQ(found.value(name + "_bucket", {{"pipeline", "flights"}, {"le", "0.01"}}), 1);
  EXPECT_EQ(found.value(name + "_bucket", {{"pipeline", "flights"}, {"le", "0.025"}}), 3);
  EXPECT_EQ(found.value(name + "_bucket", {{"pipeline", "flights"}, {"le", "300"}}), 4);
  EXPECT_EQ(found.value(name + "_bucket", {{"pipeline", "flights"}, {"le", "+Inf"}}), 5);
  EXPECT_EQ(found.value(name + "_count", {{"pipeline", "flights"}}), 5);
  EXPECT_EQ(found.value(name + "_count", {{"pipeline", "other"}}), 0);
}

TEST(PrometheusChecker, FindsWhatIsWrong) {
  const std::string head = "# HELP a b\n# TYPE a gauge\n";
  for (const std::string& text :
       {std::string("a 1\n"), head + "a 1", head + "a 1\na 2\n", head + "b 1\n", head + "a{x=\"1} 1\n",
        head + "a{x=\"\\q\"} 1\n", head + "a 1x\n", head + "a  1\n", head + head,
        std::string("# HELP a b\n# TYPE a thing\n"), head + "a{1x=\"\"} 1\n",
        std::string(
            "# HELP h b\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"),
        std::string("# HELP h b\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n")}) {
    EXPECT_NE(check_prometheus(text).error, "") << text;
  }
  EXPECT_EQ(check_prometheus(head + "a{x=\"1\"} 1\na 2\n").error, "");
}

}  // namespace
}  // namespace weir::serving

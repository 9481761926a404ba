#include "serving/observability_server.h"

#include <atomic>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/metric_names.h"
#include "serving/tests/prometheus_checker.h"
#include "serving/tests/raw_client.h"

namespace weir::serving {
namespace {

using test::body_of;
using test::check_prometheus;
using test::exchange;
using test::status_of;
using ::testing::HasSubstr;

class ObservabilityServerTest : public ::testing::Test {
 protected:
  void start(ObservabilityCallbacks callbacks) {
    auto started = ObservabilityServer::start("127.0.0.1:0", metrics_, redactor_, std::move(callbacks));
    ASSERT_TRUE(started.ok()) << started.error().to_string();
    server_ = std::move(started).value();
  }
  std::string get(const std::string& path) const {
    return exchange(server_->port(), "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
  }

  observe::Redactor redactor_;
  observe::Metrics metrics_{redactor_};
  std::unique_ptr<ObservabilityServer> server_;
};

TEST_F(ObservabilityServerTest, MetricsAreBroughtUpToDateForEachScrape) {
  std::atomic<int> scrapes = 0;
  start({.before_scrape = [&] { metrics_.gauge(observe::metric::kConsumerLagEvents, {"flights"}).set(++scrapes); },
         .readiness = nullptr});
  for (int i = 1; i <= 2; ++i) {
    const std::string answer = get("/metrics");
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    const auto found = check_prometheus(body_of(answer));
    EXPECT_EQ(found.error, "");
    EXPECT_EQ(found.value("weir_consumer_lag_events", {{"pipeline", "flights"}}), i);
  }
}

TEST_F(ObservabilityServerTest, AnswersAreCountedByStatus) {
  start({});
  get("/nothing");
  get("/livez");
  get("/livez");
  const auto found = check_prometheus(body_of(get("/metrics")));
  EXPECT_EQ(found.value("weir_http_requests_total", {{"status", "404"}}), 1);
  EXPECT_EQ(found.value("weir_http_requests_total", {{"status", "200"}}), 2);
}

TEST_F(ObservabilityServerTest, AliveAsLongAsItAnswers) {
  start({.before_scrape = nullptr, .readiness = [] { return Readiness{.ready = false, .reason = "starting"}; }});
  const std::string answer = get("/livez");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "{\"status\":\"alive\"}\n");
}

TEST_F(ObservabilityServerTest, ReadyWhenTheCallbackSaysSo) {
  std::atomic<bool> ready = false;
  start({.before_scrape = nullptr,
         .readiness = [&] { return Readiness{.ready = ready, .reason = "opening the tables"}; }});
  std::string answer = get("/readyz");
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(body_of(answer), "{\"status\":\"not_ready\",\"reason\":\"opening the tables\"}\n");
  ready = true;
  answer = get("/readyz");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "{\"status\":\"ready\"}\n");
}

TEST_F(ObservabilityServerTest, TheReasonIsRedactedAndEscaped) {
  redactor_.register_secret("hunter2-hunter2");
  start({.before_scrape = nullptr, .readiness = [] {
           return Readiness{.ready = false, .reason = "login \"u\"\nwith hunter2-hunter2 failed at amqp://u:pw@h"};
         }});
  EXPECT_EQ(body_of(get("/readyz")),
            "{\"status\":\"not_ready\",\"reason\":\"login \\\"u\\\"\\nwith *** failed at amqp://u:***@h\"}\n");
}

TEST_F(ObservabilityServerTest, ReadyWithoutACallback) {
  start({});
  EXPECT_EQ(status_of(get("/readyz")), 200);
}

TEST_F(ObservabilityServerTest, AnAddressThatIsNoneIsAnError) {
  EXPECT_FALSE(ObservabilityServer::start("everywhere", metrics_, redactor_, {}).ok());
}

}  // namespace
}  // namespace weir::serving

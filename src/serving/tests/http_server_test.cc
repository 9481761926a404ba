#include "serving/http_server.h"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving/tests/raw_client.h"

namespace weir::serving {
namespace {

using std::chrono::milliseconds;
using test::body_of;
using test::exchange;
using test::RawClient;
using test::status_of;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

std::string request(std::string_view target, std::string_view more = "", std::string_view method = "GET") {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    server_ = std::make_unique<HttpServer>(limits, [this](int status) { last_status_ = status; });
    server_->add_route("/hello", [](const HttpRequest& r) {
      return HttpResponse{.content_type = "text/plain",
                          .body = "hello" + std::string(r.query.empty() ? "" : " ") + std::string(r.query)};
    });
    server_->add_route("/large", [](const HttpRequest&) {
      return HttpResponse{.content_type = "text/plain", .body = std::string(20'000'000, 'x')};
    });
    server_->add_route("/throws",
                       [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("secret detail"); });
    const auto started = server_->start("127.0.0.1:0");
    ASSERT_TRUE(started.ok()) << started.error().to_string();
  }
  uint16_t port() const { return server_->port(); }
  void expect_alive() { EXPECT_EQ(status_of(exchange(port(), kGet)), 200); }

  std::atomic<int> last_status_ = 0;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersGet) {
  start();
  EXPECT_EQ(exchange(port(), kGet),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: keep-alive\r\n\r\nhello");
  EXPECT_EQ(last_status_, 200);
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  start();
  RawClient client(port());
  client.send(request("/hello", "", "HEAD"));
  EXPECT_THAT(client.read_answer(true), HasSubstr("Content-Length: 5\r\n"));
  client.send(kGet);
  EXPECT_EQ(body_of(client.read_answer()), "hello");
}

TEST_F(HttpServerTest, TheQueryIsHandedOnAndIsNoPartOfThePath) {
  start();
  EXPECT_EQ(body_of(exchange(port(), request("/hello?a=%2F&b"))), "hello a=%2F&b");
}

TEST_F(HttpServerTest, UnknownPathsAre404AndNameTheKnownOnes) {
  start();
  for (const char* path : {"/", "/hello/", "/hell", "/etc/passwd", "/HELLO", "/hello;x"}) {
    const std::string answer = exchange(port(), request(path));
    EXPECT_EQ(status_of(answer), 404) << path;
    EXPECT_THAT(answer, HasSubstr("/hello, /large, /throws"));
  }
}

TEST_F(HttpServerTest, OtherMethodsAre405WithAllow) {
  start();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW"}) {
    const std::string answer = exchange(port(), request("/hello", "", method));
    EXPECT_EQ(status_of(answer), 405) << method;
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  }
  EXPECT_EQ(status_of(exchange(port(), request("/hello", "Content-Length: 3\r\n", "POST") + "abc")), 405);
}

TEST_F(HttpServerTest, AHandlerThatThrowsIs500WithoutItsWords) {
  start();
  const std::string answer = exchange(port(), request("/throws"));
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_THAT(answer, Not(HasSubstr("secret detail")));
  expect_alive();
}

TEST_F(HttpServerTest, KeepsAConnectionForMoreRequestsUntilItsLimit) {
  start({.requests_per_connection_max = 3});
  RawClient client(port());
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(client.send(kGet));
    EXPECT_THAT(client.read_answer(), HasSubstr(i < 3 ? "Connection: keep-alive" : "Connection: close"));
  }
  EXPECT_TRUE(client.closes_within(milliseconds(2000)));
}

TEST_F(HttpServerTest, ClosesWhenTheClientWantsIt) {
  start();
  RawClient client(port());
  client.send(request("/hello", "Connection: close\r\n"));
  EXPECT_THAT(client.read_all(), HasSubstr("Connection: close"));
  RawClient old(port());
  old.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_of(old.read_all()), 200);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  RawClient client(port());
  std::string ahead;
  for (int i = 0; i < 200; ++i) ahead += request("/hello?" + std::to_string(i));
  ASSERT_TRUE(client.send(ahead));
  for (int i = 0; i < 200; ++i) ASSERT_EQ(body_of(client.read_answer()), "hello " + std::to_string(i));
}

TEST_F(HttpServerTest, ARequestInSinglesBytesIsOneRequest) {
  start();
  RawClient client(port());
  for (const char c : kGet) {
    client.send(std::string_view(&c, 1));
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(body_of(client.read_answer()), "hello");
}

TEST_F(HttpServerTest, AClientThatStopsSendingStillGetsItsAnswer) {
  start();
  RawClient client(port());
  client.send(kGet);
  client.finish_sending();
  EXPECT_EQ(body_of(client.read_all()), "hello");
}

TEST_F(HttpServerTest, OneConnectionTooManyGets503) {
  start({.connections_max = 4});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(port()));
    clients.back()->send(kGet);
    EXPECT_EQ(status_of(clients.back()->read_answer()), 200);
  }
  RawClient late(port());
  EXPECT_EQ(status_of(late.read_all()), 503);
  clients.clear();
  for (int i = 0; i < 100 && status_of(exchange(port(), kGet)) != 200; ++i)
    std::this_thread::sleep_for(milliseconds(10));
  expect_alive();
}

TEST_F(HttpServerTest, AHeaderThatDoesNotEndIs408) {
  start({.header_ms = 100});
  RawClient client(port());
  client.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
  EXPECT_EQ(status_of(client.read_all()), 408);
  expect_alive();
}

TEST_F(HttpServerTest, AHeaderThatDripsIs408AllTheSame) {
  start({.header_ms = 200});
  RawClient client(port());
  client.send("GET /hello HTTP/1.1\r\n");
  for (int i = 0; i < 20 && client.send("X: y\r\n"); ++i) std::this_thread::sleep_for(milliseconds(25));
  EXPECT_EQ(status_of(client.read_answer()), 408);
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  start({.header_ms = 100, .idle_ms = 150});
  RawClient silent(port());
  EXPECT_EQ(silent.read_all(), "");
  RawClient once(port());
  once.send(kGet);
  EXPECT_EQ(status_of(once.read_answer()), 200);
  EXPECT_EQ(once.read_all(), "");
}

TEST_F(HttpServerTest, AClientThatDoesNotReadIsCutOff) {
  start({.write_ms = 200});
  RawClient client(port());
  client.shrink_receive_buffer();
  client.send(request("/large"));
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_LT(client.read_all().size(), 20'000'000U);
  expect_alive();
}

TEST_F(HttpServerTest, OthersAreServedWhileOneClientIsSlow) {
  start();
  RawClient slow(port());
  slow.shrink_receive_buffer();
  slow.send(request("/large"));
  RawClient half(port());
  half.send("GET /hel");
  for (int i = 0; i < 10; ++i) expect_alive();
}

TEST_F(HttpServerTest, StopIsQuickWithIdleConnectionsAndBoundedWithSlowOnes) {
  start({.stop_ms = 300});
  RawClient idle(port());
  idle.send(kGet);
  EXPECT_EQ(status_of(idle.read_answer()), 200);
  RawClient half(port());
  half.send("GET /hel");
  auto before = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(250));
  EXPECT_TRUE(idle.closes_within(milliseconds(1000)));
  server_->stop();

  start({.stop_ms = 300});
  RawClient slow(port());
  slow.shrink_receive_buffer();
  slow.send(request("/large"));
  std::this_thread::sleep_for(milliseconds(100));
  before = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(1500));
}

TEST_F(HttpServerTest, NobodyIsServedAfterStop) {
  start();
  const uint16_t was = port();
  server_->stop();
  EXPECT_FALSE(RawClient(was).connected());
}

TEST_F(HttpServerTest, AddressesThatAreNone) {
  HttpServer server;
  for (const char* address : {"", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                              "127.0.0.1:94 64", "example.com:80", "::1:80", "[127.0.0.1]:80", ":80", "1.2.3:80"}) {
    const auto started = server.start(address);
    ASSERT_FALSE(started.ok()) << address;
    EXPECT_EQ(started.error().kind(), ErrorKind::invalid_argument) << address;
    EXPECT_THAT(started.error().message(), HasSubstr("127.0.0.1:9464"));
  }
  EXPECT_EQ(server.address(), "");
}

TEST_F(HttpServerTest, APortInUseAndAForeignAddressAreClearErrors) {
  start();
  HttpServer second;
  const auto started = second.start(server_->address());
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().kind(), ErrorKind::unavailable);
  EXPECT_THAT(started.error().message(), HasSubstr("the port is taken"));
  const auto foreign = second.start("192.0.2.1:0");
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().kind(), ErrorKind::unavailable);
  const auto third = second.start("127.0.0.1:0");
  EXPECT_TRUE(third.ok());
}

TEST_F(HttpServerTest, ListensOnIpv6AndByName) {
  HttpServer named;
  ASSERT_TRUE(named.start("localhost:0").ok());
  EXPECT_THAT(named.address(), HasSubstr("127.0.0.1:"));
  HttpServer six;
  const auto started = six.start("[::1]:0");
  if (!started.ok()) GTEST_SKIP() << started.error().message();
  EXPECT_THAT(six.address(), HasSubstr("[::1]:"));
}

}  // namespace
}  // namespace weir::serving

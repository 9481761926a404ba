#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "serving/http_request_internal.h"
#include "serving/http_server.h"
#include "serving/tests/raw_client.h"

namespace weir::serving {
namespace {

using std::string_literals::operator""s;
using test::exchange;
using test::RawClient;
using test::status_of;
using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;

class HostileHttp : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.add_route("/hello", [](const HttpRequest&) { return HttpResponse{.body = "hello"}; });
    ASSERT_TRUE(server_.start("127.0.0.1:0").ok());
  }

  /// The request is refused with `status`, the connection is closed, and a request hidden behind it is not answered.
  void expect_refused(const std::string& request, int status = 400) {
    RawClient client(server_.port());
    client.send(request + "GET /hello HTTP/1.1\r\nHost: smuggled\r\n\r\n");
    const std::string answer = client.read_all();
    EXPECT_EQ(status_of(answer), status) << request.substr(0, 200) << "\n" << answer;
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_EQ(answer.find("HTTP/1.1 ", 1), std::string::npos) << "a second answer:\n" << answer;
  }
  void TearDown() override {
    EXPECT_EQ(status_of(exchange(server_.port(), "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")), 200);
  }

  HttpServer server_;
};

std::string with(const std::string& header) {
  return "GET /hello HTTP/1.1\r\nHost: h\r\n" + header + "\r\n\r\n";
}
std::string to(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

TEST_F(HostileHttp, ContentLengthThatIsNotOneNumber) {
  for (const char* header : {"Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nContent-Length: 5",
                             "Content-Length: 0\r\ncontent-length: 0", "Content-Length: 5, 5", "Content-Length: +5",
                             "Content-Length: -1", "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length: ",
                             "Content-Length: 99999999999999999999999", "Content-Length: 1e3", "Content-Length : 5"}) {
    expect_refused(with(header));
  }
}

TEST_F(HostileHttp, BodiesOfAnyKind) {
  for (const char* header :
       {"Content-Length: 5", "Content-Length: 18446744073709551615", "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5", "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\x0b"
        "chunked",
        "transfer-encoding: CHUNKED", "Transfer-Encoding: chunked, chunked", "X: y\r\n Transfer-Encoding: chunked"}) {
    expect_refused(with(header));
  }
  expect_refused(with("Transfer-Encoding: chunked") + "ffffffffffffffffff\r\n");
  expect_refused(with("Content-Encoding: gzip\r\nContent-Length: 20") + std::string(20, '\x1f'));
  EXPECT_EQ(status_of(exchange(server_.port(), with("Content-Length: 0"))), 200);
}

TEST_F(HostileHttp, ASlowBodyIsNotWaitedFor) {
  const auto before = std::chrono::steady_clock::now();
  RawClient client(server_.port());
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx");
  EXPECT_EQ(status_of(client.read_answer()), 405);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
}

TEST_F(HostileHttp, ALargeBodyNobodyReadsDoesNotEatTheAnswer) {
  RawClient client(server_.port());
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\n\r\n" + std::string(30'000, 'x'));
  EXPECT_EQ(status_of(client.read_all()), 405);
}

TEST_F(HostileHttp, LineEndsOtherThanCrLf) {
  for (const std::string& request :
       {"GET /hello HTTP/1.1\nHost: h\n\n"s, "GET /hello HTTP/1.1\r\nHost: h\n\r\n"s,
        "GET /hello HTTP/1.1\r\nHost: h\r\n\n"s, "GET /hello HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"s,
        "GET /hello HTTP/1.1\r\r\nHost: h\r\n\r\n"s, "\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n"s}) {
    expect_refused(request);
  }
}

TEST_F(HostileHttp, HeadersThatAreFoldedOrMalformed) {
  for (const std::string& header : {"X: a\r\n b"s, "X: a\r\n\tb"s, "X : a"s, "X"s, ": a"s, "X\x01: a"s, "X: a\x01"s,
                                    "X: a\0b"s, "X\0: a"s, "X: \x7f"s, "X: \xC3\xA4"s, "X(y): a"s, " X: a"s}) {
    expect_refused(with(header));
  }
}

TEST_F(HostileHttp, HostMissingOrTwice) {
  expect_refused("GET /hello HTTP/1.1\r\n\r\n");
  expect_refused("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  expect_refused("GET /hello HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n");
}

TEST_F(HostileHttp, TargetsThatAreNoPlainPath) {
  for (const char* target : {"http://h/hello", "http://other/hello",
                             "h:80",           "*",
                             "hello",          "//hello",
                             "/hello//",       "/./hello",
                             "/x/../hello",    "/..",
                             "/hello/.",       "/%68ello",
                             "/hello%2f",      "/%2e%2e/etc/passwd",
                             "/%252e",         "/hello%00",
                             "/hello\\..",     "/hello#x",
                             "/hello?a#b",     "\\hello"}) {
    expect_refused(to(target));
  }
}

TEST_F(HostileHttp, RequestLinesThatAreNone) {
  for (const char* line : {"GET  /hello HTTP/1.1", "GET /hello  HTTP/1.1", "GET /hello HTTP/1.1 ",
                           " GET /hello HTTP/1.1", "GET /hello", "GET /hello HTTP/2.0", "GET /hello HTTP/1.12",
                           "GET /hello HTTP/0.9", "GET /hello http/1.1", "GET /hello\tHTTP/1.1", "G@T /hello HTTP/1.1",
                           "", "/hello HTTP/1.1", "GET /hello HTCPCP/1.0", "GET /hel lo HTTP/1.1"}) {
    expect_refused(std::string(line) + "\r\nHost: h\r\n\r\n");
  }
  expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  expect_refused("\x16\x03\x01\x02\x00\x01\xfc\x03\x03 a TLS hello");
}

TEST_F(HostileHttp, AHeaderTooLargeIs431) {
  expect_refused(with("X: " + std::string(10'000, 'a')), 431);
  expect_refused(to("/" + std::string(10'000, 'a')), 431);
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  expect_refused(with(many + "Z: z"), 431);
  RawClient client(server_.port());
  client.send("GET /" + std::string(9'000, 'a'));  // never ends
  EXPECT_EQ(status_of(client.read_all()), 431);
}

TEST_F(HostileHttp, RangesAndUpgradesAreIgnored) {
  for (const char* header :
       {"Range: bytes=0-0,0-0,0-0", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk",
        "Expect: 100-continue", "Accept-Encoding: gzip", "X-Forwarded-For: 1.2.3.4", "Authorization: Basic eDp5"}) {
    const std::string answer = exchange(server_.port(), with(header));
    EXPECT_EQ(status_of(answer), 200) << header;
    EXPECT_EQ(test::body_of(answer), "hello");
  }
}

TEST_F(HostileHttp, RandomBytesAreRefusedOrAnsweredAndTheServerLivesOn) {
  const std::vector<std::string> pieces = {"GET ",
                                           "/hello",
                                           " HTTP/1.1",
                                           "\r\n",
                                           "\r\n\r\n",
                                           "Host: h",
                                           "Content-Length: ",
                                           "5",
                                           "0",
                                           "Transfer-Encoding: chunked",
                                           "\n",
                                           "\r",
                                           ":",
                                           " ",
                                           "%2f",
                                           "..",
                                           std::string(1, 0),
                                           "\xFF",
                                           "?a=b",
                                           "HTTP/1.0",
                                           "HEAD ",
                                           "POST ",
                                           "http://h",
                                           "\t",
                                           ",",
                                           "#",
                                           "chunked",
                                           "keep",
                                           "Connection: close"};
  uint64_t state = 42;
  const auto draw = [&](size_t n) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<size_t>(state >> 33) % n;
  };
  for (int round = 0; round < 3000; ++round) {
    std::string request = draw(2) == 0 ? "GET /hello HTTP/1.1\r\nHost: h\r\n" : "";
    for (size_t n = draw(12); n > 0; --n) request += pieces[draw(pieces.size())];
    internal::ParsedRequest parsed;
    const auto refusal = internal::parse_request(request, parsed);
    if (!refusal) {
      ASSERT_THAT(parsed.path, testing::StartsWith("/")) << request;
      ASSERT_EQ(request.find_first_of("\xFF\0"s), std::string::npos) << request;
    }
    if (round % 10 != 0) continue;
    RawClient client(server_.port());
    client.send(request + "\r\n\r\n");
    client.finish_sending();
    const std::string answer = client.read_all();
    ASSERT_THAT(status_of(answer), AnyOf(Eq(200), Eq(400), Eq(404), Eq(405))) << request << "\n" << answer;
  }
}

TEST_F(HostileHttp, ManyClientsThatVanishLeaveNothingBehind) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        RawClient client(server_.port());
        client.send(std::string_view("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")
                        .substr(0, static_cast<size_t>((i * 7 + t) % 34)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 200 && status_of(exchange(server_.port(), "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n")) != 200;
       ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace
}  // namespace weir::serving

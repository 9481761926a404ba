/// \file
/// A small HTTP/1.1 server for GET and HEAD on fixed paths.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::serving {

/// What a handler sees. Valid during the call.
struct HttpRequest {
  std::string_view path;   ///< exactly as routed: "/metrics"
  std::string_view query;  ///< what stands behind '?', not decoded; may be empty
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

/// Called on the server's thread; while it runs, no other request is answered: return within milliseconds. What it
/// throws becomes a 500.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpLimits {
  int connections_max = 64;                ///< at once; one more is answered with 503 and closed
  size_t header_bytes_max = 8192;          ///< request line and header; above: 431
  int requests_per_connection_max = 1000;  ///< then the connection is closed in good order
  /// From a request's first byte to the end of its header; then: 408. For the first byte of all too.
  int64_t header_ms = 5'000;
  int64_t idle_ms = 30'000;   ///< for the first byte of a second and later request; then: closed
  int64_t write_ms = 10'000;  ///< for the peer to take a whole answer; then: closed
  int64_t stop_ms = 1'000;    ///< for answers under way when stop() is called
};

/// Serves from start() to stop() on one thread of its own. No directory, no file, no body in requests.
///
/// A request is refused with 400 and the connection closed when anything about it is doubtful: a bare line feed, a
/// folded or malformed header, not exactly one Host, Content-Length twice or not 0, Transfer-Encoding, a target that is
/// no plain path ('%', '\', "..", an absolute URI). An unknown path is 404, another method 405 with Allow.
class HttpServer {
 public:
  /// `on_answer` is told the status of every answer, refusals included, on the server's thread.
  explicit HttpServer(HttpLimits limits = {}, std::function<void(int status)> on_answer = nullptr);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Stops.
  ~HttpServer();

  /// Adds a path, "/" and visible characters. Only before start().
  void add_route(std::string path, HttpHandler handler);

  /// Listens on "ADDRESS:PORT", such as "127.0.0.1:9464", "[::1]:9464" or "localhost:0"; port 0 takes a free one.
  /// Errors: invalid_argument (not an address), unavailable (the port is taken, the address is not this machine's),
  /// permission_denied, resource_exhausted (no thread to be had).
  Result<void> start(std::string_view address);

  /// "127.0.0.1:9464", with the real port; empty before start().
  std::string address() const;
  /// 0 before start().
  uint16_t port() const;

  /// Stops listening, lets answers under way finish within HttpLimits::stop_ms, closes everything, joins the thread.
  /// Safe to call twice. Takes as long as a handler that is running, should one hang.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::serving

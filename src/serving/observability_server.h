/// \file
/// What an operator asks a running Weir over HTTP: /metrics, /livez, /readyz.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "observe/metrics.h"
#include "observe/redact.h"
#include "serving/http_server.h"

namespace weir::serving {

/// Whether the program does its work, and if not, why not, in words for an operator.
struct Readiness {
  bool ready = false;
  std::string reason;
};

/// Both are called on the server's thread, which they must not hold up; they outlive the server. Both may be empty.
struct ObservabilityCallbacks {
  std::function<void()> before_scrape;   ///< brings gauges up to date before each /metrics
  std::function<Readiness()> readiness;  ///< without it /readyz is always 200
};

/// Serves until it is destroyed.
///
///   /metrics  Prometheus text
///   /livez    200 {"status":"alive"} as long as the process can answer
///   /readyz   200 {"status":"ready"} or 503 {"status":"not_ready","reason":"..."}; the reason is redacted
class ObservabilityServer {
 public:
  /// Errors: as HttpServer::start(). `metrics` and `redactor` must outlive the server.
  static Result<std::unique_ptr<ObservabilityServer>> start(std::string_view address, observe::Metrics& metrics,
                                                            const observe::Redactor& redactor,
                                                            ObservabilityCallbacks callbacks, HttpLimits limits = {});

  /// "127.0.0.1:9464", with the real port.
  std::string address() const { return server_.address(); }
  uint16_t port() const { return server_.port(); }
  /// As HttpServer::stop().
  void stop() { server_.stop(); }

 private:
  ObservabilityServer(observe::Metrics& metrics, const observe::Redactor& redactor, ObservabilityCallbacks callbacks,
                      HttpLimits limits);
  HttpResponse show_metrics();
  HttpResponse show_readiness() const;

  observe::Metrics& metrics_;
  const observe::Redactor& redactor_;
  ObservabilityCallbacks callbacks_;
  HttpServer server_;  ///< last: its thread ends before what it uses
};

}  // namespace weir::serving

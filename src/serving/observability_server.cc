#include "serving/observability_server.h"

#include <utility>

#include "observe/escape.h"
#include "observe/metric_names.h"
#include "serving/exposition.h"

namespace weir::serving {

ObservabilityServer::ObservabilityServer(observe::Metrics& metrics, const observe::Redactor& redactor,
                                         ObservabilityCallbacks callbacks, HttpLimits limits)
    : metrics_(metrics), redactor_(redactor), callbacks_(std::move(callbacks)), server_(limits, [&metrics](int status) {
        metrics.counter(observe::metric::kHttpRequests, {std::to_string(status)}).add();
      }) {
  server_.add_route("/metrics", [this](const HttpRequest&) { return show_metrics(); });
  server_.add_route("/livez", [](const HttpRequest&) { return HttpResponse{.body = "{\"status\":\"alive\"}\n"}; });
  server_.add_route("/readyz", [this](const HttpRequest&) { return show_readiness(); });
}

Result<std::unique_ptr<ObservabilityServer>> ObservabilityServer::start(std::string_view address,
                                                                        observe::Metrics& metrics,
                                                                        const observe::Redactor& redactor,
                                                                        ObservabilityCallbacks callbacks,
                                                                        HttpLimits limits) {
  std::unique_ptr<ObservabilityServer> server(new ObservabilityServer(metrics, redactor, std::move(callbacks), limits));
  WEIR_TRY(server->server_.start(address));
  return server;
}

HttpResponse ObservabilityServer::show_metrics() {
  if (callbacks_.before_scrape) callbacks_.before_scrape();
  return {.content_type = std::string(kPrometheusContentType), .body = render_prometheus(metrics_.snapshot())};
}

HttpResponse ObservabilityServer::show_readiness() const {
  const Readiness readiness = callbacks_.readiness ? callbacks_.readiness() : Readiness{.ready = true, .reason = {}};
  if (readiness.ready) return {.body = "{\"status\":\"ready\"}\n"};
  std::string body = "{\"status\":\"not_ready\",\"reason\":\"";
  observe::append_escaped(body, redactor_.redact(readiness.reason), observe::EscapeStyle::json, 1024);
  return {.status = 503, .body = body + "\"}\n"};
}

}  // namespace weir::serving

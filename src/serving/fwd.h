/// \file
/// Names of the serving module for headers that need no more than the name.
#pragma once

namespace weir::serving {
class HttpServer;
class ObservabilityServer;
struct HttpLimits;
struct HttpRequest;
struct HttpResponse;
struct ObservabilityCallbacks;
}  // namespace weir::serving

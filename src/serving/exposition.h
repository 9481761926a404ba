/// \file
/// Shows metrics in the Prometheus text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "observe/metrics.h"

namespace weir::serving {

inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Renders one block a metric: HELP, TYPE, then a line for each series; histograms as cumulative buckets up to
/// le="+Inf", sum and count.
std::string render_prometheus(std::span<const observe::MetricSnapshot> metrics);

}  // namespace weir::serving

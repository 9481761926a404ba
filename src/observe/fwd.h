/// \file
/// Names of the observe module for headers that need no more than the name.
#pragma once

namespace weir::observe {
class Counter;
class Gauge;
class Histogram;
class LogSink;
class Logger;
class Metrics;
class Redactor;
struct LogField;
struct MetricSnapshot;
struct MetricSpec;
struct ProcessSample;
}  // namespace weir::observe

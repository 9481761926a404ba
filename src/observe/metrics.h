/// \file
/// Counters, gauges and histograms with labels: made once, updated without a lock, read as a snapshot.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "observe/redact.h"

namespace weir::observe {

enum class MetricType : uint8_t { counter, gauge, histogram };

inline constexpr size_t kMetricLabelsMax = 3;
inline constexpr size_t kLabelBytesMax = 256;

/// What a metric is. A constant that lives as long as the process; Weir's own stand in metric_names.h.
struct MetricSpec {
  std::string_view name;  ///< Prometheus: [a-z_][a-z0-9_]*, unit at the end, counters end in _total
  MetricType type = MetricType::counter;
  std::string_view unit;  ///< "events", "rows", "bytes", "seconds" ...; empty for a plain state
  std::string_view help;  ///< one sentence
  /// From the coarse to the fine; empty from the first unused on.
  std::array<std::string_view, kMetricLabelsMax> labels{};
  std::span<const double> buckets{};  ///< histograms: upper bounds, rising, without +Inf

  constexpr size_t label_count() const {
    size_t count = 0;
    while (count < labels.size() && !labels[count].empty()) ++count;
    return count;
  }
};

/// Only rises. Thread-safe, relaxed: for batches and commits, not for single events.
class Counter {
 public:
  void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  /// Takes over a total that is counted elsewhere; a lower one changes nothing.
  void advance_to(double total);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

/// Any value, or unknown, which is how it begins: unknown values are not shown. Thread-safe, relaxed.
class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void set_unknown() { set(std::numeric_limits<double>::quiet_NaN()); }
  /// NaN when unknown.
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = std::numeric_limits<double>::quiet_NaN();
};

/// Counts values by size. Thread-safe, relaxed: a snapshot may have a value in its bucket that its sum lacks as yet.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  std::span<const double> bounds() const { return bounds_; }
  /// How many values fell into each bucket; one more than bounds(), for what lies above the last.
  std::vector<uint64_t> counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::span<const double> bounds_;
  std::vector<std::atomic<uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

struct SeriesSnapshot {
  std::vector<std::string> label_values;  ///< as many as the spec has labels; valid UTF-8, redacted
  double value = 0;                       ///< counters and gauges
  std::vector<uint64_t> counts;           ///< histograms, as Histogram::counts()
  double sum = 0;
};

struct MetricSnapshot {
  const MetricSpec* spec = nullptr;
  std::vector<SeriesSnapshot> series;  ///< ordered by label values; never empty
};

/// The metrics of one process. Thread-safe.
///
/// A metric holds at most `series_max` series. What comes later shares one series whose finest label is "other"; should
/// even those become too many (twice `series_max`), one whose labels are all "other". Sums stay right, memory stays
/// bounded.
class Metrics {
 public:
  /// `redactor` must outlive this.
  explicit Metrics(const Redactor& redactor, size_t series_max = 256);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  /// Returns the series of `spec` with these label values, made when it is new. Takes a lock: call once, keep the
  /// reference, which is valid as long as this. It is a bug to ask for another type than the spec's or with another
  /// number of labels.
  Counter& counter(const MetricSpec& spec, std::initializer_list<std::string_view> label_values = {});
  Gauge& gauge(const MetricSpec& spec, std::initializer_list<std::string_view> label_values = {});
  Histogram& histogram(const MetricSpec& spec, std::initializer_list<std::string_view> label_values = {});

  /// Returns what is known now, ordered by name; metrics without a series and gauges that are unknown are left out.
  std::vector<MetricSnapshot> snapshot() const;

 private:
  struct Series;
  struct Family;
  Series& series(const MetricSpec& spec, MetricType type, std::initializer_list<std::string_view> label_values);

  const Redactor& redactor_;
  const size_t series_max_;
  mutable std::mutex mutex_;
  std::map<std::string_view, std::unique_ptr<Family>> families_;  ///< by metric name; guarded by mutex_
};

}  // namespace weir::observe

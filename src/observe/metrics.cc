#include "observe/metrics.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "observe/escape.h"

namespace weir::observe {

constexpr std::string_view kOther = "other";

void Counter::advance_to(double total) {
  double now = value_.load(std::memory_order_relaxed);
  while (now < total && !value_.compare_exchange_weak(now, total, std::memory_order_relaxed)) {
  }
}

Histogram::Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

void Histogram::observe(double value) {
  if (std::isnan(value)) return;
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<uint64_t> Histogram::counts() const {
  std::vector<uint64_t> counts;
  for (const auto& count : counts_) counts.push_back(count.load(std::memory_order_relaxed));
  return counts;
}

struct Metrics::Series {
  explicit Series(std::span<const double> bounds) : histogram(bounds) {}
  Counter counter;
  Gauge gauge;
  Histogram histogram;
};

struct Metrics::Family {
  const MetricSpec* spec = nullptr;
  std::map<std::vector<std::string>, std::unique_ptr<Series>> series;
};

Metrics::Metrics(const Redactor& redactor, size_t series_max) : redactor_(redactor), series_max_(series_max) {}

Metrics::~Metrics() = default;

Counter& Metrics::counter(const MetricSpec& spec, std::initializer_list<std::string_view> label_values) {
  return series(spec, MetricType::counter, label_values).counter;
}

Gauge& Metrics::gauge(const MetricSpec& spec, std::initializer_list<std::string_view> label_values) {
  return series(spec, MetricType::gauge, label_values).gauge;
}

Histogram& Metrics::histogram(const MetricSpec& spec, std::initializer_list<std::string_view> label_values) {
  return series(spec, MetricType::histogram, label_values).histogram;
}

Metrics::Series& Metrics::series(const MetricSpec& spec, MetricType type,
                                 std::initializer_list<std::string_view> label_values) {
  WEIR_CHECK_MSG(spec.type == type, spec.name);
  WEIR_CHECK_MSG(label_values.size() == spec.label_count(), spec.name);
  std::vector<std::string> values;
  for (const std::string_view value : label_values) {
    values.push_back(to_valid_utf8(redactor_.redact(value), kLabelBytesMax));
  }
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<Family>& family = families_[spec.name];
  if (!family) family = std::make_unique<Family>(Family{.spec = &spec, .series = {}});
  WEIR_CHECK_MSG(family->spec == &spec, spec.name);
  auto& known = family->series;
  if (known.size() >= series_max_ && !values.empty() && !known.contains(values)) {
    values.back() = kOther;
    if (known.size() >= 2 * series_max_ && !known.contains(values)) values.assign(values.size(), std::string(kOther));
  }
  std::unique_ptr<Series>& found = known[std::move(values)];
  if (!found) found = std::make_unique<Series>(spec.buckets);
  return *found;
}

std::vector<MetricSnapshot> Metrics::snapshot() const {
  std::vector<MetricSnapshot> metrics;
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, family] : families_) {
    MetricSnapshot metric{.spec = family->spec, .series = {}};
    for (const auto& [values, series] : family->series) {
      SeriesSnapshot shot{.label_values = values, .value = 0, .counts = {}, .sum = 0};
      switch (family->spec->type) {
        case MetricType::counter: shot.value = series->counter.value(); break;
        case MetricType::gauge: shot.value = series->gauge.value(); break;
        case MetricType::histogram:
          shot.counts = series->histogram.counts();
          shot.sum = series->histogram.sum();
          break;
      }
      if (!std::isnan(shot.value)) metric.series.push_back(std::move(shot));
    }
    if (!metric.series.empty()) metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace weir::observe

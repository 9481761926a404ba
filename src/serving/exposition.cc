#include "serving/exposition.h"

#include <array>
#include <charconv>
#include <cmath>

namespace weir::serving {
namespace {

using observe::MetricSnapshot;
using observe::MetricSpec;
using observe::MetricType;
using observe::SeriesSnapshot;

constexpr double kExactIntegerMax = 9007199254740992.0;  // 2^53

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer;
  char* const end = buffer.data() + buffer.size();
  const bool integral = std::trunc(value) == value && std::fabs(value) < kExactIntegerMax;
  const auto [last, error] = integral ? std::to_chars(buffer.data(), end, static_cast<int64_t>(value))
                                      : std::to_chars(buffer.data(), end, value);
  return {buffer.data(), last};
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
  }
  return "untyped";
}

/// HELP text escapes '\' and line feed, label values the quote as well.
void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out.append("\\n");
      continue;
    }
    if (c == '\\' || (in_quotes && c == '"')) out.push_back('\\');
    out.push_back(c);
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out.push_back(',');
  out.append(name).append("=\"");
  append_escaped(out, value, true);
  out.push_back('"');
}

/// One line: name and suffix, labels, value. `le` is the bucket's bound, empty for all other lines.
void append_sample(std::string& out, const MetricSpec& spec, std::string_view suffix, const SeriesSnapshot& series,
                   std::string_view le, std::string_view value) {
  out.append(spec.name).append(suffix);
  if (!series.label_values.empty() || !le.empty()) {
    out.push_back('{');
    for (size_t i = 0; i < series.label_values.size(); ++i) append_label(out, spec.labels[i], series.label_values[i]);
    if (!le.empty()) append_label(out, "le", le);
    out.push_back('}');
  }
  out.append(" ").append(value).append("\n");
}

void append_histogram(std::string& out, const MetricSpec& spec, const SeriesSnapshot& series) {
  uint64_t cumulative = 0;
  for (size_t i = 0; i < series.counts.size(); ++i) {
    cumulative += series.counts[i];
    const std::string bound = i < spec.buckets.size() ? number_text(spec.buckets[i]) : "+Inf";
    append_sample(out, spec, "_bucket", series, bound, std::to_string(cumulative));
  }
  append_sample(out, spec, "_sum", series, "", number_text(series.sum));
  append_sample(out, spec, "_count", series, "", std::to_string(cumulative));
}

}  // namespace

std::string render_prometheus(std::span<const MetricSnapshot> metrics) {
  std::string out;
  for (const MetricSnapshot& metric : metrics) {
    const MetricSpec& spec = *metric.spec;
    out.append("# HELP ").append(spec.name).append(" ");
    append_escaped(out, spec.help, false);
    out.append("\n# TYPE ").append(spec.name).append(" ").append(type_name(spec.type)).append("\n");
    for (const SeriesSnapshot& series : metric.series) {
      if (spec.type == MetricType::histogram) {
        append_histogram(out, spec, series);
      } else {
        append_sample(out, spec, "", series, "", number_text(series.value));
      }
    }
  }
  return out;
}

}  // namespace weir::serving

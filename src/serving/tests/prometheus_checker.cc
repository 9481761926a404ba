#include "serving/tests/prometheus_checker.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace weir::serving::test {
namespace {

bool is_name_char(char c, bool first, bool colon) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colon && c == ':') ||
         (!first && c >= '0' && c <= '9');
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool name(std::string& out, bool colon) {
    size_t size = 0;
    while (size < rest_.size() && is_name_char(rest_[size], size == 0, colon)) ++size;
    out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return size > 0;
  }
  bool quoted(std::string& out) {
    if (!literal("\"")) return false;
    for (; !rest_.empty() && rest_[0] != '"'; rest_.remove_prefix(1)) {
      if (rest_[0] != '\\') {
        out.push_back(rest_[0]);
        continue;
      }
      rest_.remove_prefix(1);
      if (rest_.empty() || std::string_view("\\\"n").find(rest_[0]) == std::string_view::npos) return false;
      out.push_back(rest_[0] == 'n' ? '\n' : rest_[0]);
    }
    return literal("\"");
  }
  bool number(double& out) {
    if (rest_ == "+Inf" || rest_ == "-Inf" || rest_ == "NaN") {
      out = rest_ == "NaN" ? std::nan("") : std::numeric_limits<double>::infinity() * (rest_[0] == '-' ? -1 : 1);
      return true;
    }
    const auto end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    return end.ec == std::errc() && end.ptr == rest_.data() + rest_.size();
  }
  std::string rest() const { return std::string(rest_); }

 private:
  std::string_view rest_;
};

bool read_sample(std::string_view line, Sample& sample) {
  LineReader reader(line);
  if (!reader.name(sample.name, true)) return false;
  if (reader.literal("{")) {
    do {
      std::string label;
      std::string value;
      if (!reader.name(label, false) || !reader.literal("=") || !reader.quoted(value)) return false;
      if (!sample.labels.emplace(label, value).second) return false;
    } while (reader.literal(","));
    if (!reader.literal("}")) return false;
  }
  return reader.literal(" ") && reader.number(sample.value);
}

double bound_of(const std::string& le) {
  double bound = 0;
  return LineReader(le).number(bound) ? bound : std::nan("");
}

std::string check_histogram(const std::string& name, const Block& block) {
  struct Seen {
    double bound = -std::numeric_limits<double>::infinity();
    double count = 0;
    double total = -1;
    bool has_sum = false;
  };
  std::map<Labels, Seen> series;
  for (const Sample& sample : block.samples) {
    Labels labels = sample.labels;
    const std::string le = labels["le"];
    labels.erase("le");
    Seen& seen = series[labels];
    if (sample.name == name + "_bucket") {
      if (seen.total >= 0) return "a bucket after _count";
      if (!(bound_of(le) > seen.bound)) return "bounds do not rise at le=" + le;
      if (sample.value < seen.count) return "counts fall at le=" + le;
      seen.bound = bound_of(le);
      seen.count = sample.value;
    } else if (sample.name == name + "_sum") {
      seen.has_sum = true;
    } else {
      seen.total = sample.value;
    }
  }
  for (const auto& [labels, seen] : series) {
    if (!std::isinf(seen.bound) || seen.count != seen.total || !seen.has_sum)
      return "le=\"+Inf\", _count and _sum do not agree";
  }
  return "";
}

bool belongs(const std::string& sample, const std::string& metric, const std::string& type) {
  if (type != "histogram") return sample == metric;
  return sample == metric + "_bucket" || sample == metric + "_sum" || sample == metric + "_count";
}

}  // namespace

double Exposition::value(const std::string& sample, const Labels& labels) const {
  for (const auto& [name, block] : metrics) {
    for (const Sample& found : block.samples) {
      if (found.name == sample && found.labels == labels) return found.value;
    }
  }
  return std::nan("");
}

Exposition check_prometheus(std::string_view text) {
  Exposition out;
  std::string current;
  std::set<std::pair<std::string, Labels>> seen;
  const auto wrong = [&](std::string_view line, std::string_view why) {
    out.error = std::string(why) + ": " + std::string(line);
    return out;
  };
  if (!text.empty() && text.back() != '\n') return wrong("", "the last line has no line feed");
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    LineReader reader(line);
    std::string name;
    if (reader.literal("# HELP ")) {
      if (!reader.name(name, true) || !reader.literal(" ")) return wrong(line, "HELP without a name");
      if (out.metrics.contains(name)) return wrong(line, "HELP twice");
      current = name;
      out.metrics[name].help = reader.rest();
    } else if (reader.literal("# TYPE ")) {
      if (!reader.name(name, true) || !reader.literal(" ") || name != current)
        return wrong(line, "TYPE does not follow its HELP");
      Block& block = out.metrics[name];
      if (!block.type.empty() || !block.samples.empty()) return wrong(line, "TYPE twice or late");
      block.type = reader.rest();
      if (block.type != "counter" && block.type != "gauge" && block.type != "histogram")
        return wrong(line, "unknown type");
    } else {
      Sample sample;
      if (!read_sample(line, sample)) return wrong(line, "not a sample");
      Block& block = out.metrics[current];
      if (!belongs(sample.name, current, block.type)) return wrong(line, "a sample outside of its block");
      if (!seen.emplace(sample.name, sample.labels).second) return wrong(line, "a sample stands twice");
      block.samples.push_back(std::move(sample));
    }
  }
  for (const auto& [name, block] : out.metrics) {
    const std::string problem = block.type == "histogram" ? check_histogram(name, block) : "";
    if (!problem.empty()) return wrong(name, problem);
  }
  return out;
}

}  // namespace weir::serving::test

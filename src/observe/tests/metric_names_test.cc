#include "observe/metric_names.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file_env.h"

namespace weir::observe {
namespace {

std::string source_text(const std::string& path) {
  const auto text = read_file(posix_file_env(), std::string(WEIR_SOURCE_DIR) + "/" + path, 1 << 20);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : "";
}

bool is_name(std::string_view text) {
  const auto rest = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text[0] >= 'a' && text[0] <= 'z' && std::all_of(text.begin(), text.end(), rest);
}

std::string_view type_name(MetricType type) {
  return type == MetricType::counter ? "counter" : type == MetricType::gauge ? "gauge" : "histogram";
}

/// The first four cells of a metric's line in docs/operating/metrics.md; the fifth, what to alert on, is written by
/// hand.
std::string documented_cells(const MetricSpec& spec) {
  std::string labels;
  for (size_t i = 0; i < spec.label_count(); ++i) labels += (i == 0 ? "" : ", ") + std::string(spec.labels[i]);
  return "| `" + std::string(spec.name) + "` | " + std::string(type_name(spec.type)) + " | " +
         (labels.empty() ? "-" : labels) + " | " + std::string(spec.help) + " |";
}

TEST(MetricNames, FollowPrometheusConventions) {
  std::set<std::string_view> names;
  for (const MetricSpec* spec : metric::all()) {
    SCOPED_TRACE(spec->name);
    EXPECT_TRUE(names.insert(spec->name).second) << "stands twice";
    EXPECT_TRUE(is_name(spec->name));
    EXPECT_TRUE(spec->name.starts_with("weir_") || spec->name.starts_with("process_"));
    EXPECT_EQ(spec->type == MetricType::counter, spec->name.ends_with("_total"));
    const std::string_view stem = spec->name.substr(0, spec->name.size() - (spec->name.ends_with("_total") ? 6 : 0));
    for (const std::string_view unit : {"bytes", "seconds"})
      EXPECT_EQ(stem.ends_with(unit) || stem.find(unit) != std::string_view::npos, spec->unit == unit);
    EXPECT_TRUE(spec->help.ends_with("."));
    EXPECT_EQ(spec->help.find_first_of("|\n"), std::string_view::npos);
    for (size_t i = 0; i < spec->label_count(); ++i) {
      EXPECT_TRUE(is_name(spec->labels[i]));
      EXPECT_NE(spec->labels[i], "le");
    }
    EXPECT_EQ(spec->type == MetricType::histogram, !spec->buckets.empty());
    EXPECT_TRUE(std::is_sorted(spec->buckets.begin(), spec->buckets.end()));
  }
}

TEST(MetricNames, TheListHasEveryConstantOfTheHeader) {
  const std::string header = source_text("src/observe/metric_names.h");
  size_t constants = 0;
  for (size_t at = header.find("constexpr MetricSpec k"); at != std::string::npos;
       at = header.find("constexpr MetricSpec k", at + 1))
    ++constants;
  EXPECT_EQ(constants, metric::all().size());
}

TEST(MetricNames, TheOperatorsTableSaysTheSame) {
  const std::string page = source_text("docs/operating/metrics.md");
  std::map<std::string, std::string> lines;  // by name
  for (size_t at = 0; at < page.size();) {
    const size_t end = std::min(page.find('\n', at), page.size());
    const std::string line = page.substr(at, end - at);
    if (line.starts_with("| `") && line[3] != '/') lines[line.substr(3, line.find('`', 3) - 3)] = line;
    at = end + 1;
  }
  for (const MetricSpec* spec : metric::all()) {
    const std::string wanted = documented_cells(*spec);
    const std::string found = lines[std::string(spec->name)];
    EXPECT_TRUE(found.starts_with(wanted)) << "docs/operating/metrics.md should say:\n"
                                           << wanted << " (what to alert on) |\nbut says:\n"
                                           << found;
    EXPECT_GT(found.size(), wanted.size() + 4) << spec->name << ": what to alert on is missing";
    lines.erase(std::string(spec->name));
  }
  for (const auto& [name, line] : lines)
    ADD_FAILURE() << "docs/operating/metrics.md has " << name << ", which is no metric";
}

}  // namespace
}  // namespace weir::observe

/// \file
/// A strict reader of the Prometheus text format 0.0.4, written from its description and sharing no code with the
/// renderer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weir::serving::test {

using Labels = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  Labels labels;
  double value = 0;
};

struct Block {
  std::string help;
  std::string type;
  std::vector<Sample> samples;
};

struct Exposition {
  std::map<std::string, Block> metrics;
  std::string error;  ///< empty when all is well; else the line and what is wrong with it

  /// NaN when there is no such sample.
  double value(const std::string& sample, const Labels& labels = {}) const;
};

/// Checks: HELP and TYPE once and before the samples; a block's lines together; names, escapes, numbers; no sample
/// twice; histograms with rising bounds, cumulative counts, +Inf equal to _count, and a _sum.
Exposition check_prometheus(std::string_view text);

}  // namespace weir::serving::test

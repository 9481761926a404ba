/// \file
/// What `weir plan` says of the data: what is not read yet, what became of a sample, who else writes to the tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cli/environment.h"
#include "lake/commit/pipeline_tables.h"
#include "planner/preview.h"

namespace weir::cli {

/// Rows of a table that the pipeline has not written, by the snapshots that it still has.
struct OtherWriter {
  std::string table;
  std::string pipeline;  ///< empty: no pipeline of Weir
  int64_t rows = 0;
  int64_t snapshots = 0;
};

struct DataPreview {
  std::vector<planner::SourcePreview> sources;
  std::vector<OtherWriter> others;
  std::optional<planner::SamplePreview> sample;
  std::optional<planner::SamplePreview> against;  ///< the same events by the other pipeline file
  std::string against_file;
};

/// In the order of the tables.
std::vector<OtherWriter> other_writers(const lake::PipelineTables& tables);

std::string data_text(const Environment& environment, const DataPreview& data);
/// Members to add to the output of `weir plan --json`.
nlohmann::ordered_json data_json(const Environment& environment, const DataPreview& data);

}  // namespace weir::cli

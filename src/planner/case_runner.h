/// \file
/// The unit tests that stand beside a pipeline: events in, rows and rejects out. No network, no files besides the
/// test's own, no table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "planner/plan.h"

namespace weir::planner {

/// What one case found.
struct CaseOutcome {
  std::string name;
  config::Location location;
  std::vector<std::string> differences;  ///< one sentence each; empty: passed
};

/// Runs the cases of all test files of `plan` (those called `names` when not empty), each through a fresh graph of the
/// pipeline's own operators. Errors in test files are added to `diagnostics`; nothing is returned then.
std::optional<std::vector<CaseOutcome>> run_pipeline_tests(const Plan& plan, const std::vector<std::string>& names,
                                                           const PlanEnvironment& environment,
                                                           config::Diagnostics& diagnostics);

/// Adds what is wrong with the test files of `plan` to `diagnostics`, without running them.
void check_pipeline_tests(const Plan& plan, const PlanEnvironment& environment, config::Diagnostics& diagnostics);

/// The JSON Schema of test files.
std::string test_file_schema();

}  // namespace weir::planner

/// \file
/// From a plan to a job that a host runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/random.h"
#include "lake/catalog/catalog.h"
#include "planner/plan.h"
#include "runtime/local_host.h"
#include "storage/object_store.h"

namespace weir::planner {

/// What a job is made of besides the plan. All references outlive the job.
struct JobEnvironment {
  lake::Catalog& catalog;
  ObjectStore& store;
  FileEnv& files;
  const Clock& clock;
  RandomSource& random;
  std::function<void(bool is_warning, std::string_view line)> log;  ///< lines for people from sources; any thread
  std::function<void(bool is_warning, std::string_view line)> table_log = {};  ///< what is said of tables
  bool once = false;  ///< read what is there now and stop at its end
  /// Told the path of each file that is left to a later run; any thread.
  std::function<void(const std::string& path)> leave = {};
};

/// Builds the job: committer, and a graph for each task. `plan` outlives it. Errors: as the connectors' specs are
/// checked.
Result<runtime::Job> make_job(const Plan& plan, const JobEnvironment& environment);

/// The host's options as the plan sets them.
runtime::RunOptions run_options(const Plan& plan);

}  // namespace weir::planner

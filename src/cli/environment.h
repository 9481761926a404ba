/// \file
/// The real ports of the process, and what several commands do first.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/random.h"
#include "cli/console.h"
#include "lake/catalog.h"
#include "observe/redact.h"
#include "planner/plan.h"
#include "storage/object_store.h"

namespace weir::cli {

/// One a process.
struct Environment {
  Environment();

  /// Knows every secret that a configuration file has led to; everything that shows text asks it.
  observe::Redactor redactor;
  Console console{redactor};
  bool json = false;  ///< machine-readable output was asked for
  const Clock& clock;
  RandomSource& random;
  FileEnv& files;
  std::unique_ptr<ObjectStore> store;
  std::string working_directory;

  planner::PlanEnvironment plan_environment();
  /// Reads the pipeline file; prints every error. Nothing when there is one.
  std::optional<planner::Plan> load_plan(const std::string& file);
  Result<std::unique_ptr<lake::Catalog>> open_catalog(const lake::SqliteCatalogOptions& options);
};

/// The exit code for an error that ends a command, after printing it.
int fail(Environment& environment, const Error& error);

}  // namespace weir::cli

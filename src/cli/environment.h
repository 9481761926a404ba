/// \file
/// The real ports of the process, and what several commands do first.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file_env.h"
#include "base/random.h"
#include "cli/output/console.h"
#include "lake/catalog/catalog_kind.h"
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
  bool json = false;      ///< machine-readable output was asked for
  std::string warehouse;  ///< --warehouse, as it was given; empty when it was not
  const Clock& clock;
  RandomSource& random;
  FileEnv& files;
  std::unique_ptr<ObjectStore> store;
  std::string working_directory;

  const planner::Kinds kinds;  ///< all that there are
  planner::PlanEnvironment plan_environment();
  /// Reads the pipeline file; prints every error. Nothing when there is one: plan_exit_code() is then the command's.
  std::optional<planner::Plan> load_plan(const std::string& file);
  int plan_exit_code() const { return plan_exit_code_; }
  /// For people, on stderr: all findings with their places, and no secret.
  void print(const config::Diagnostics& diagnostics);
  /// Where a command that takes no pipeline finds its tables: the catalog of `pipeline_file`, if one is named, else the
  /// default kind's in --warehouse, WEIR_WAREHOUSE or the folder `warehouse` in the current one. `name` goes before the
  /// file's, unless it is empty. Nothing after it has printed what is wrong: plan_exit_code() is then the command's.
  std::optional<lake::BoundCatalog> catalog_of(const std::string& pipeline_file, const std::string& name);
  /// `remover`: see CatalogEnvironment.
  Result<std::unique_ptr<lake::Catalog>> open_catalog(const lake::BoundCatalog& catalog, lake::CatalogAccess access,
                                                      ObjectRemover* remover = nullptr);

 private:
  std::optional<planner::Plan> load_plan(const std::string& file, const planner::PlanEnvironment& plan_environment);
  std::string absolute_or_empty(const std::string& path) const;
  int plan_exit_code_ = 0;
};

/// Everything on stdin. Errors: limit_exceeded above `bytes_max`; io.
Result<std::string> read_stdin(size_t bytes_max);

/// The exit code for an error that ends a command, after printing it.
int fail(Environment& environment, const Error& error);

}  // namespace weir::cli

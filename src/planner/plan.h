/// \file
/// The plan: a pipeline file that was read, checked and bound to its contracts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_env.h"
#include "config/diagnostic.h"
#include "config/references.h"
#include "contract/contract.h"
#include "iceberg/schema/schema_evolution.h"
#include "lake/catalog/catalog_kind.h"
#include "planner/kinds.h"
#include "planner/memory_budget.h"
#include "planner/pipeline_spec.h"
#include "runtime/reject_limit.h"

namespace weir::planner {

/// What planning may look at. Nothing is written, nothing is contacted.
struct PlanEnvironment {
  const Kinds* kinds = nullptr;  ///< outlives the plan
  FileEnv* files = nullptr;
  config::References references;  ///< base_directory is set by the planner
  std::string working_directory;  ///< absolute; where a relative path of the pipeline file itself starts
  std::string warehouse;          ///< absolute; goes before what the file says. Empty: none
  std::string default_warehouse;  ///< absolute; where neither `warehouse` nor the file names one. Empty: none
  std::string catalog_name;       ///< of the catalog; goes before what the file says. Empty: none
};

struct PlannedSource {
  std::string name;
  EventSpec events;
  BoundSource bound;
  std::shared_ptr<const contract::Contract> contract;
};

/// Where rows come from.
struct PlannedInput {
  std::string from;  ///< a source, or an operator above
  OutputIndex output = kMainOutput;
  SchemaPtr schema = nullptr;
};

/// One operator of a step.
struct PlannedOperator {
  std::string name;  ///< of the step; of the step and the kind where others of the step follow
  std::vector<PlannedInput> inputs;
  BoundStep bound;
};

/// One step of the file: its operators, one after another.
struct PlannedStep {
  std::string name;
  std::vector<PlannedOperator> operators;
};

struct PlannedSink {
  std::string name;
  PlannedInput input;
  lake::TableDefinition definition;
  bool is_lead = false;  ///< its table decides the pipeline's commits; at most one, and with none it is the first
  iceberg::StringMap write_properties;  ///< go before the table's own when its files are written
  iceberg::EvolutionRules evolution;    ///< how a table that is there may change to take the rows
};

/// An immutable value.
struct Plan {
  std::string pipeline;
  std::string file;
  const Kinds* kinds = nullptr;
  std::string folder;  ///< absolute folder of the file: relative paths start there
  std::vector<PlannedSource> sources;
  std::vector<PlannedStep> steps;  ///< each after the one that feeds it
  std::vector<PlannedSink> sinks;
  lake::TableDefinition dead_letter;
  lake::BoundCatalog catalog;
  std::string state_directory;  ///< absolute
  CommitSpec commit;
  runtime::RejectLimits reject_limits;
  ResourcesSpec resources;
  MemoryShares memory;
  std::vector<std::string> tests;  ///< absolute paths
};

/// Name of the sink that the dead letter counts as, in reports and commits.
inline constexpr std::string_view kDeadLetterSink = "dead_letter";

/// Reads and checks the pipeline file. All errors of the file and its contracts are added to `diagnostics`, each with
/// its place; nothing is returned when there is one.
std::optional<Plan> make_plan(const std::string& file, const PlanEnvironment& environment,
                              config::Diagnostics& diagnostics);

/// The catalog of a pipeline file in environment.working_directory that names none. Errors: invalid_argument.
Result<lake::BoundCatalog> default_catalog(const PlanEnvironment& environment);

/// `path` as an absolute path, from `folder` when it is relative.
std::string absolute_path(const std::string& folder, const std::string& path);

}  // namespace weir::planner

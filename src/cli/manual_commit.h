/// \file
/// What commands share that commit to a pipeline's tables by hand.
#pragma once

#include <cstdint>
#include <vector>

#include "cli/environment.h"
#include "lake/commit/pipeline_committer.h"
#include "planner/plan.h"

namespace weir::cli {

/// A committer of all tables of `plan`. `environment` and `catalog` outlive it.
lake::PipelineCommitter committer_of(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog);

/// Makes those of `tables` that belong to `plan` and are not there yet, as a run would.
Result<void> make_missing_tables(const std::vector<lake::TableIdentifier>& tables, const planner::Plan& plan,
                                 lake::Catalog& catalog);

/// Records in the lead that a run may land up to `rejects` rejects whatever the limit says. Makes tables that are not
/// there yet.
Result<void> accept_rejects(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog,
                            int64_t rejects);

}  // namespace weir::cli

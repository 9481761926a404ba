/// \file
/// What a run did, in plain words and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/plan.h"
#include "runtime/local_host.h"

namespace weir::cli {

/// Several lines for people: rows in, landed, rejected with reasons, tables, progress.
/// `left`: paths of files that may still be written, and are left to a later run.
std::string run_report_text(const planner::Plan& plan, const runtime::RunSummary& summary,
                            const std::vector<std::string>& left, int64_t took_ms);

/// One JSON object for machines.
std::string run_report_json(const planner::Plan& plan, const runtime::RunSummary& summary,
                            const std::vector<std::string>& left, int64_t took_ms);

}  // namespace weir::cli

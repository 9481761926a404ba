/// \file
/// What a run did, in plain words and as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "planner/plan.h"
#include "runtime/local_host.h"

namespace weir::cli {

/// Several lines for people: rows in, landed, rejected with reasons, tables, progress.
std::string run_report_text(const planner::Plan& plan, const runtime::RunSummary& summary, int64_t took_ms);

/// One JSON object for machines.
std::string run_report_json(const planner::Plan& plan, const runtime::RunSummary& summary, int64_t took_ms);

}  // namespace weir::cli

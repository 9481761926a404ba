/// \file
/// What matching and restoring share.
#pragma once

#include <string>

#include "state/restore.h"

namespace weir::state {

/// Null when the checkpoint has no step of that name.
const StepDescription* find_step(const Manifest& manifest, const std::string& name);

/// What becomes of one table that both have.
MatchedTable match_table(const std::string& step, const TableDescription& stored, const StateTableSpec& spec);

}  // namespace weir::state

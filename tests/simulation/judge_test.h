/// \file
/// Whether the judge finds what it is there for.
#pragma once

namespace weir::simulation {

/// Runs worlds whose pipeline makes one mistake each. Prints which ones are not found as what they are; returns whether
/// all are.
bool judge_finds_mistakes();

}  // namespace weir::simulation

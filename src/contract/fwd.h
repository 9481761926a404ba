/// \file
/// Names of the contract module for headers that need no more than the name.
#pragma once

namespace weir::contract {
class RuleOutcome;
class RuleSet;
struct ColumnContract;
struct Contract;
struct Rule;
struct Verdict;
}  // namespace weir::contract

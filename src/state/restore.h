/// \file
/// A checkpoint back into tables: what fits by name, what does not, and the reading of it for any parallelism.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "state/checkpoint_store.h"
#include "state/tables.h"

namespace weir::state {

/// What becomes of a table when a pipeline starts from a checkpoint.
enum class TableMatch : uint8_t {
  restored,  ///< its state goes on
  migrated,  ///< its state goes on, from an older codec version
  fresh,     ///< the checkpoint has none: it begins empty
  dropped,   ///< the pipeline has none any more: the state is left behind
  refused,   ///< both have it and it cannot be read: nothing may start unless somebody decides
};

struct MatchedTable {
  std::string step;
  std::string table;
  TableMatch match = TableMatch::fresh;
  std::string why;  ///< of `refused`: for people

  friend bool operator==(const MatchedTable&, const MatchedTable&) = default;
};

/// The state tables of a step as the pipeline has it now.
struct StepTables {
  std::string step;
  std::vector<StateTableSpec> tables;
};

/// Compares the pipeline with a checkpoint: steps and tables by their names, those of `steps` first and in order, then
/// what is dropped. A pure function, for `weir plan` and for the start.
std::vector<MatchedTable> match_state(const Manifest& manifest, std::span<const StepTables> steps,
                                      uint32_t group_count = kKeyGroupCount);

/// Fills the empty tables of a task of `step` from a checkpoint that was taken with any parallelism. Tables that the
/// checkpoint does not have stay empty. Reads one part at a time. Errors: corrupt, unsupported (a table that
/// match_state() refuses), resource_exhausted, those of the store and of migrations.
Result<void> restore_tables(const CheckpointStore& store, const Manifest& manifest, const std::string& step,
                            Tables& tables);

}  // namespace weir::state

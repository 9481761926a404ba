/// \file
/// What to do with a prepared epoch, decided from facts alone (exactly-once.md rules 5, 7 and 8). No I/O: every row of
/// the tables is tested.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::lake {

/// How what a table remembers of this pipeline relates to a prepared epoch.
enum class Remembered {
  before,   ///< what the epoch was prepared on
  after,    ///< the epoch itself, by its own key
  foreign,  ///< anything else
};

/// What a fresh look at the lead says.
struct LeadFacts {
  bool same_table = true;           ///< the table's uuid is the one the epoch was prepared for
  bool own_snapshot_found = false;  ///< the epoch's snapshot id stands in main's past
  Remembered remembered = Remembered::before;
  int64_t table_fence = 0;        ///< fence epoch in the record
  int64_t own_fence = 0;          ///< fence epoch of this process
  bool parent_is_current = true;  ///< main stands where the epoch was prepared
  bool history_intact = true;     ///< main still has what this pipeline had committed before
};

/// What a fresh look at another table says of an epoch that the lead has decided.
struct FollowingFacts {
  bool same_table = true;
  bool own_snapshot_found = false;
  Remembered remembered = Remembered::before;
  bool lead_is_ours = true;  ///< the record still has this process's fence epoch and the epoch's key
  bool parent_is_current = true;
  bool history_intact = true;
};

enum class CommitDecision {
  applied,          ///< the table has it: nothing to do
  commit,           ///< try it as it was prepared
  rebase,           ///< only foreign commits since: try it on the new parent, with all checks again
  fenced,           ///< a newer process of this pipeline goes on: stop, delete nothing
  table_changed,    ///< another table under the same name: halt
  history_changed,  ///< the table or its property went back behind this pipeline's progress: halt
};

/// Whether the epoch is decided, and if not, whether this process may decide it. Facts of one look: a request that is
/// made of an older one names a base that was not judged.
CommitDecision decide_epoch(const LeadFacts& facts);

/// How another table follows a decided epoch. Never refuses it: what is decided lands, or somebody must look.
CommitDecision decide_roll_forward(const FollowingFacts& facts);

std::string_view to_string(CommitDecision decision);

}  // namespace weir::lake

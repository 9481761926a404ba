/// \file
/// What to do with a prepared commit, decided from facts alone (exactly-once.md rules 5, 7 and 8). No I/O: every row of
/// the table is tested.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::lake {

/// How the table's stored progress of this pipeline relates to a prepared commit.
enum class StoredProgress {
  before,   ///< what the commit was prepared on
  after,    ///< what the commit writes, under the commit's own key
  foreign,  ///< anything else: somebody committed for this pipeline
};

/// What a fresh look at one table says.
struct CommitFacts {
  bool same_table = true;           ///< the table's uuid is the one the commit was prepared for
  bool own_snapshot_found = false;  ///< the commit's snapshot id stands in the ancestry of main
  StoredProgress progress = StoredProgress::before;
  int64_t table_fence = 0;        ///< fence epoch of this pipeline in the table
  int64_t own_fence = 0;          ///< fence epoch of this process
  bool parent_is_current = true;  ///< main stands where the commit was prepared
  bool is_rolled_back = false;    ///< main has lost what this pipeline had committed before; see is_rolled_back()
};

enum class CommitDecision {
  applied,          ///< the commit is in the table: nothing to do
  commit,           ///< try it as it was prepared
  rebase,           ///< only foreign commits since: try it on the new parent, with all checks again
  fenced,           ///< a newer process of this pipeline owns the table: stop, delete nothing
  table_changed,    ///< another table under the same name: halt
  history_changed,  ///< the table was rolled back behind this pipeline's progress: halt
};

CommitDecision decide_commit(const CommitFacts& facts);

std::string_view to_string(CommitDecision decision);

}  // namespace weir::lake

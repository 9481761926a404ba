#include "lake/commit_decision.h"

namespace weir::lake {

CommitDecision decide_commit(const CommitFacts& facts) {
  if (!facts.same_table) return CommitDecision::table_changed;
  if (facts.own_snapshot_found || facts.progress == StoredProgress::after) return CommitDecision::applied;
  if (facts.table_fence > facts.own_fence) return CommitDecision::fenced;
  if (facts.progress == StoredProgress::foreign) return CommitDecision::fenced;
  if (facts.parent_is_current) return CommitDecision::commit;
  if (facts.is_rolled_back) return CommitDecision::history_changed;
  return CommitDecision::rebase;
}

std::string_view to_string(CommitDecision decision) {
  switch (decision) {
    case CommitDecision::applied: return "applied";
    case CommitDecision::commit: return "commit";
    case CommitDecision::rebase: return "rebase";
    case CommitDecision::fenced: return "fenced";
    case CommitDecision::table_changed: return "table_changed";
    case CommitDecision::history_changed: return "history_changed";
  }
  return "fenced";
}

}  // namespace weir::lake

#include "lake/commit/commit_decision.h"

namespace weir::lake {
namespace {

CommitDecision on_present_main(bool parent_is_current, bool history_intact) {
  if (parent_is_current) return CommitDecision::commit;
  return history_intact ? CommitDecision::rebase : CommitDecision::history_changed;
}

}  // namespace

CommitDecision decide_epoch(const LeadFacts& facts) {
  if (!facts.same_table) return CommitDecision::table_changed;
  if (facts.own_snapshot_found || facts.remembered == Remembered::after) return CommitDecision::applied;
  if (facts.table_fence > facts.own_fence) return CommitDecision::fenced;
  // Below our own fence, or with progress that we neither wrote nor found: somebody put an older record back.
  if (facts.table_fence < facts.own_fence || facts.remembered == Remembered::foreign)
    return CommitDecision::history_changed;
  return on_present_main(facts.parent_is_current, facts.history_intact);
}

CommitDecision decide_roll_forward(const FollowingFacts& facts) {
  if (!facts.same_table) return CommitDecision::table_changed;
  if (facts.own_snapshot_found || facts.remembered == Remembered::after) return CommitDecision::applied;
  if (facts.remembered == Remembered::foreign)
    return facts.lead_is_ours ? CommitDecision::history_changed : CommitDecision::fenced;
  return on_present_main(facts.parent_is_current, facts.history_intact);
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

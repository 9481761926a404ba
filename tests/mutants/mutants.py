"""The mistakes: each a line of the code as it is, the same line with a switch, and the test that must notice.

SWITCH stands for "this mutant is on". `old` occurs once in its file, so that a mutant whose line has changed is noticed.
`of`: M1 to M18 are the protocol mistakes that peers made; "review" are those that once survived the whole suite.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    name: str
    of: str
    what: str
    file: str
    old: str
    new: str
    caught_by: tuple  # a test program and its arguments


def unit(module, tests):
    return (f"weir_{module}_test", f"--gtest_filter={tests}")


LAKE = "lake"
SIMULATION = ("weir_simulation", "--seeds", "400", "--jobs", "2", "--first")

MUTANTS = [
    # What a reply means.
    Mutant("unknown_is_refused", "M2", "an answer that got lost counts as a refusal", "src/lake/commit/epoch_commit.cc",
           "catalog_.commit(request->changes, request->key));\n    if (outcome == CommitOutcome::unknown) return outcome;",
           "catalog_.commit(request->changes, request->key));\n    if (outcome == CommitOutcome::unknown) return SWITCH ? CommitOutcome::refused : outcome;",
           SIMULATION),
    Mutant("refusal_is_final", "M3", "a refusal after an unknown outcome is believed, without a look for our own key", "src/lake/commit/epoch_commit.cc",
           "    if (outcome == CommitOutcome::refused) continue;\n    take_over(prepared, place);",
           "    if (outcome == CommitOutcome::refused) { if (SWITCH) return outcome; continue; }\n    take_over(prepared, place);",
           unit(LAKE, "ProtocolTest.ARefusal*")),
    Mutant("refused_counts_as_committed", "review", "a commit that was refused for good counts as committed", "src/runtime/epoch_committer.cc",
           "  if (report.outcome == CommitOutcome::refused)\n    return Error(",
           "  if (!SWITCH && report.outcome == CommitOutcome::refused)\n    return Error(",
           unit("runtime", "LocalHostTest.ARefusedCommit*")),
    Mutant("failed_commit_is_refused", "review", "a failed COMMIT of the catalog's database counts as refused", "src/lake/catalog/sqlite_catalog.cc",
           "failed_ = std::move(committed).error();\n    return CommitOutcome::unknown;",
           "failed_ = std::move(committed).error();\n    return SWITCH ? CommitOutcome::refused : CommitOutcome::unknown;",
           unit(LAKE, "SqliteCatalogTest.*")),
    # Who may decide.
    Mutant("no_fence", "M5", "a process that was fenced goes on", "src/lake/commit/commit_decision.cc",
           "if (facts.table_fence > facts.own_fence) return CommitDecision::fenced;",
           "if (!SWITCH && facts.table_fence > facts.own_fence) return CommitDecision::fenced;",
           unit(LAKE, "ProtocolTest.*:ByHandTest.*:CommitTest.*")),
    Mutant("fence_by_property_alone", "M6", "a commit without rows is checked before it is sent, by nothing that the catalog compares", "src/lake/commit/table_change.cc",
           "} else if (!catalog_.abilities().swaps_exact_base) {",
           "} else if (!SWITCH && !catalog_.abilities().swaps_exact_base) {",
           unit(LAKE, "ProtocolTest.*:ByHandTest.*")),
    Mutant("no_parent_named", "M6", "a commit does not name the main that it was made for", "src/lake/commit/table_change.cc",
           "                           iceberg::AssertRefSnapshotId{std::string(iceberg::kMainBranch),\n                                                        base.metadata->current_snapshot_id}},",
           "                           iceberg::AssertRefSnapshotId{std::string(SWITCH ? std::string_view(\"theirs-not\") : iceberg::kMainBranch),\n                                                        SWITCH ? std::nullopt : base.metadata->current_snapshot_id}},",
           unit(LAKE, "ProtocolTest.EveryRequest*")),
    Mutant("same_fence_again", "M5", "a start takes the fence that is there instead of the next", "src/lake/commit/pipeline_committer.cc",
           "      ++record.fence_epoch;", "      if (!SWITCH) ++record.fence_epoch;", unit(LAKE, "ProtocolTest.*:ByHandTest.*:CommitTest.*")),
    Mutant("fence_of_the_last_table", "review", "the fence goes on from the last table's instead of the highest", "src/lake/commit/pipeline_tables.cc",
           "    all.record.fence_epoch = std::max(all.record.fence_epoch, state->fence_epoch);",
           "    all.record.fence_epoch = SWITCH ? state->fence_epoch : std::max(all.record.fence_epoch, state->fence_epoch);",
           unit(LAKE, "CommitTest.TheLeadGoesOn*")),
    # Dedupe of epochs.
    Mutant("epoch_known_by_counter", "M7", "an epoch is known by the fence that it was prepared under, not by its key", "src/lake/commit/epoch_commit.cc",
           "  const std::string& key = i == 0 ? look.record.commit_key : found.last().key;",
           "  const std::string key = SWITCH && i == 0 && look.record.commit_fence == prepared.fence_epoch ? prepared.commit_key : i == 0 ? look.record.commit_key : found.last().key;",
           unit(LAKE, "ProtocolTest.*:ByHandTest.*:CommitTest.*")),
    Mutant("epoch_known_by_run", "M8", "the property with the progress is of one run", "src/lake/commit/epoch_commit.cc",
           "  record.progress = progress_;\n  record.progress.merge(prepared.moved);",
           "  if (!SWITCH) record.progress = progress_;\n  record.progress.merge(prepared.moved);",
           unit(LAKE, "ProtocolTest.*:ByHandTest.*:CommitTest.*")),
    Mutant("own_snapshot_not_recognised", "review", "our own snapshot in main's past is not recognised", "src/lake/commit/epoch_commit.cc",
           "    own_snapshot_found = table.snapshot_id != 0 && is_in_main(metadata, table.snapshot_id);",
           "    own_snapshot_found = !SWITCH && table.snapshot_id != 0 && is_in_main(metadata, table.snapshot_id);",
           unit(LAKE, "ProtocolTest.*:ByHandTest.*:CommitTest.*")),
    Mutant("own_key_not_recognised", "M4", "a retry does not look for its own key", "src/lake/commit/commit_decision.cc",
           "CommitDecision decide_epoch(const LeadFacts& facts) {\n  if (!facts.same_table) return CommitDecision::table_changed;\n  if (facts.own_snapshot_found || facts.remembered == Remembered::after) return CommitDecision::applied;",
           "CommitDecision decide_epoch(const LeadFacts& facts) {\n  if (!facts.same_table) return CommitDecision::table_changed;\n  if (!SWITCH && (facts.own_snapshot_found || facts.remembered == Remembered::after)) return CommitDecision::applied;",
           unit(LAKE, "DecideEpoch.*")),
    # History.
    Mutant("rebase_without_history", "M4", "a rebase does not ask whether ours is still there", "src/lake/commit/commit_decision.cc",
           "  return history_intact ? CommitDecision::rebase : CommitDecision::history_changed;",
           "  return SWITCH || history_intact ? CommitDecision::rebase : CommitDecision::history_changed;",
           unit(LAKE, "Catalogs/*/ExactBaseOneByOne")),
    Mutant("start_without_history", "review", "the first look at the start does not notice a rollback", "src/lake/commit/pipeline_tables.cc",
           "  return history_error(verdict, table.target.table, all.pipeline);",
           "  return SWITCH ? Result<void>() : history_error(verdict, table.target.table, all.pipeline);",
           unit(LAKE, "Catalogs/*/ExactBaseOneByOne")),
    Mutant("sequence_number_forgotten", "review", "the sequence number of our snapshot is not remembered", "src/lake/commit/table_change.cc",
           "  const LastCommit last{.key = {}, .snapshot_id = snapshot.id, .sequence_number = snapshot.sequence_number};",
           "  const LastCommit last{.key = {}, .snapshot_id = snapshot.id, .sequence_number = SWITCH ? 0 : snapshot.sequence_number};",
           unit(LAKE, "CommitTest.RemembersItsLastSnapshot*")),
    Mutant("log_looks_at_main_only", "model", "a younger snapshot of ours that only the log knows is not looked for", "src/lake/commit/table_history.cc",
           "    facts.has_newer_own = facts.has_newer_own || has_newer_own(*older, pipeline, last);",
           "    if (!SWITCH) facts.has_newer_own = facts.has_newer_own || has_newer_own(*older, pipeline, last);",
           unit(LAKE, "ForeignOperationsTest.PropertiesPutBack*")),
    Mutant("torn_look_believed", "model", "tables that were read at two moments are believed", "src/lake/commit/epoch_commit.cc",
           "judged.error().kind() == ErrorKind::table_changed && now != before;",
           "!SWITCH && judged.error().kind() == ErrorKind::table_changed && now != before;",
           unit(LAKE, "ProtocolTest.AProcessThatIsFencedBetween*")),
    Mutant("anothers_fence", "model", "an override that is found made takes the fence of whoever came after it", "src/lake/commit/pipeline_committer.cc",
           "      fence_epoch_ = is_made ? record.commit_fence : record.fence_epoch;",
           "      fence_epoch_ = is_made && !SWITCH ? record.commit_fence : record.fence_epoch;",
           unit(LAKE, "ProtocolTest.AnOverrideThatIsFoundMade*")),
    # What a commit carries.
    Mutant("merge_keeps_deleted", "review", "a merge of manifests keeps the entries of deleted files", "src/lake/commit/manifest_merge.cc",
           "    if (!entry.is_live()) continue;\n    entry.status = iceberg::EntryStatus::existing;",
           "    if (!SWITCH && !entry.is_live()) continue;\n    entry.status = iceberg::EntryStatus::existing;",
           unit(LAKE, "ManifestMergeTest.EntriesOfDeletedFiles*")),
    Mutant("dead_letter_apart", "M16", "rejects are no part of the commit", "src/lake/commit/epoch_commit.cc",
           "  for (size_t i = 0; i < targets.size(); ++i) {\n    look.tables[i].target = targets[i];",
           "  for (size_t i = 0; i < targets.size(); ++i) {\n    look.tables[i].target = targets[i];\n    if (SWITCH && targets[i].is_dead_letter) continue;",
           SIMULATION),
    Mutant("new_ids_on_roll_forward", "protocol", "a table that follows gets its rows again after a lost answer", "src/lake/commit/commit_decision.cc",
           "CommitDecision decide_roll_forward(const FollowingFacts& facts) {\n  if (!facts.same_table) return CommitDecision::table_changed;\n  if (facts.own_snapshot_found || facts.remembered == Remembered::after) return CommitDecision::applied;",
           "CommitDecision decide_roll_forward(const FollowingFacts& facts) {\n  if (!facts.same_table) return CommitDecision::table_changed;\n  if (!SWITCH && (facts.own_snapshot_found || facts.remembered == Remembered::after)) return CommitDecision::applied;",
           unit(LAKE, "DecideRollForward.*")),
    Mutant("decided_epoch_left", "protocol", "a start does not finish what the lead has decided", "src/lake/commit/pipeline_committer.cc",
           "  if (!behind.empty()) unfinished.decided = all.record.prepared;",
           "  if (!SWITCH && !behind.empty()) unfinished.decided = all.record.prepared;",
           SIMULATION),
    # Durability.
    Mutant("acknowledged_before_sync", "M11", "a file is called finished before it is durable", "src/storage/local_store.cc",
           "    WEIR_TRY(file_->sync());", "    if (!SWITCH) WEIR_TRY(file_->sync());", unit("storage", "LocalStoreTest.*")),
    Mutant("sync_tried_again", "M12", "a sync that failed is tried again", "src/storage/local_store.cc",
           "    WEIR_TRY(fault_point(\"storage.sync\"));\n",
           "    WEIR_TRY(fault_point(\"storage.sync\"));\n    if (SWITCH) (void)file_->sync();\n",
           unit("storage", "LocalStoreTest.*")),
    Mutant("name_not_durable", "M13", "a new file's name is not made durable", "src/storage/local_store.cc",
           "    return files_.sync_directory(directory_);", "    return SWITCH ? Result<void>() : files_.sync_directory(directory_);",
           unit("storage", "LocalStoreTest.*")),
    # Positions.
    Mutant("begins_at_the_end", "M10", "a partition without progress begins at its end", "src/connector/kafka/start.cc",
           "    case KafkaStart::At::earliest: return facts.low;", "    case KafkaStart::At::earliest: return SWITCH ? facts.stable : facts.low;", unit("connector_kafka", "DecideStart.*")),
    Mutant("offset_lands_again", "review", "an offset that Kafka sends again lands again", "src/connector/kafka/batches.cc",
           "  if (message.offset < partition.next) {", "  if (!SWITCH && message.offset < partition.next) {", unit("connector_kafka", "KafkaBatches.*")),
    # Barriers, state, time.
    Mutant("failed_barrier_ignored", "review", "the barrier result of a failed task is ignored", "src/runtime/local_host.cc",
           "    case TaskReport::Kind::failed: return *report.error;",
           "    case TaskReport::Kind::failed: if (!SWITCH) return *report.error; report.share = EpochResult{}; return take_share(report);",
           unit("runtime", "LocalHostTest.ABarrierThatFails*")),
    Mutant("progress_from_nothing", "review", "an epoch's progress begins with nothing instead of what is committed", "src/runtime/local_host.cc",
           "                  .progress = summary_.progress,\n", "                  .progress = SWITCH ? Progress() : summary_.progress,\n",
           unit("runtime", "LocalHostTest.ProgressOfASource*")),
    Mutant("commit_not_told", "review", "sources are not told what is decided", "src/runtime/local_host.cc",
           "  tasks_->release(durable);\n  splitters_->release(durable);", "  if (!SWITCH) tasks_->release(durable);\n  if (!SWITCH) splitters_->release(durable);",
           unit("runtime", "LocalHostTest.SourcesAreTold*")),
    Mutant("released_before_decided", "M9", "sources are told of an epoch before it is decided", "src/runtime/local_host.cc",
           "  is_committing_ = true;\n", "  is_committing_ = true;\n  if (SWITCH) { const auto early = std::make_shared<const Progress>(epoch.progress); tasks_->release(early); splitters_->release(early); }\n",
           unit("runtime", "LocalHostTest.SourcesAreTold*")),
    Mutant("state_not_restored", "protocol", "a start goes on with empty state", "src/runtime/local_host.cc",
           "  if (const std::optional<StoredObject> state = committer_.state()) {",
           "  if (const std::optional<StoredObject> state = committer_.state(); state && !SWITCH) {", SIMULATION),
    Mutant("barrier_overtakes", "M14", "a barrier overtakes the rows before it", "src/dataflow/channel.cc",
           "    items_.push_back(std::move(item));",
           "    if (SWITCH && std::holds_alternative<Barrier>(item)) items_.push_front(std::move(item)); else items_.push_back(std::move(item));",
           SIMULATION),
    Mutant("not_aligned", "M14", "an input is not held back until the barrier has come by all", "src/runtime/task/task.cc",
           "    if (input.passed != 0 || graph_->is_busy()", "    if ((!SWITCH && input.passed != 0) || graph_->is_busy()",
           unit("runtime", "FedTask.*:Deployment.*")),
    Mutant("intake_waits_by_task", "review", "a task waits at a share of its own of the bound, while epochs are cut by the sum", "src/runtime/threads/task_thread.cc",
           "!is_finished_ && !meter_.must_wait();", "!is_finished_ && (SWITCH ? epoch_bytes_ < 25'000 : !meter_.must_wait());",
           unit("runtime", "LocalHostTest.EpochsAreCutByTheSum*")),
    Mutant("exchange_by_other_groups", "protocol", "rows go to another task than their state", "src/runtime/task/exchange.cc",
           "state::task_of_key_group(state::key_group_of(keys_.hashes[i]), tasks);",
           "SWITCH ? static_cast<uint32_t>(i) % tasks : state::task_of_key_group(state::key_group_of(keys_.hashes[i]), tasks);",
           SIMULATION),
    Mutant("newest_state_removed", "protocol", "the newest state is removed instead of the oldest", "src/runtime/store/checkpoints.cc",
           "  for (auto place = named_.rbegin(); place != named_.rend(); ++place) {\n    const auto objects = objects_of(*place);",
           "  auto oldest_last = named_; if (SWITCH) std::ranges::reverse(oldest_last);\n"
           "  for (auto place = oldest_last.rbegin(); place != oldest_last.rend(); ++place) {\n    const auto objects = objects_of(*place);",
           SIMULATION),
    Mutant("lost_positions_passed_over", "M10", "positions that retention has removed are passed over", "src/connector/kafka/start.cc",
           "  if (stored->next < facts.low) return offsets_gone(facts.partition, stored->next, facts.low);",
           "  if (stored->next < facts.low) { if (SWITCH) return facts.low; return offsets_gone(facts.partition, stored->next, facts.low); }",
           (*SIMULATION, "--set", "log_fault=1", "--set", "harm=0")),
    Mutant("wall_clock", "M15", "a window closes by the clock on the wall", "src/operator/window.cc",
           "    clock_.advance(watermark);", "    clock_.advance(SWITCH ? 1'700'000'000'000'000 : watermark);",
           unit("operator", "Window.IsEmittedOnceEventTime*")),
    Mutant("late_rows_lost", "M15", "rows that come too late for their window are dropped", "src/operator/window.cc",
           "      WEIR_TRY(out.emit(kLateOutput, batch.with_selection(std::exchange(late_, {}))));",
           "      if (!SWITCH) WEIR_TRY(out.emit(kLateOutput, batch.with_selection(std::exchange(late_, {}))));",
           SIMULATION),
    Mutant("window_twice", "M15", "a window that was written stays in the state", "src/operator/window.cc",
           "    table_->drop_due();\n    WEIR_TRY(out.emit(rows));\n    return Step::more;",
           "    if (SWITCH) { WEIR_TRY(out.emit(rows)); }\n    table_->drop_due();\n    WEIR_TRY(out.emit(rows));\n    return Step::more;",
           SIMULATION),
]

# Mistakes of peers that cannot be made here, and why.
CANNOT_BE_MADE = {
    "M1": "the commit code has no delete: ObjectStore, which it is given, has no such function",
    "M17": "there is no operational store yet",
    "M18": "progress is a property, written by the same request as the rows; summaries are never read for it",
}

#include "lake/commit/lead_record.h"

#include <gtest/gtest.h>

namespace weir::lake {
namespace {

LeadRecord whole() {
  LeadRecord record{.fence_epoch = 7,
                    .uuid = "uuid-of-lead",
                    .commit_key = "key",
                    .commit_fence = 6,
                    .last = {.key = "older key", .snapshot_id = 42, .sequence_number = 5}};
  record.progress.sources["s"].partitions["p/0"] = {.next = 10};
  record.prepared = StoredObject{.uri = "file:///w/.weir/p/prepared/x", .size_bytes = 100, .hash = UINT64_MAX};
  record.state = StoredObject{.uri = "file:///w/.weir/p/state/x", .size_bytes = 7, .hash = 1};
  record.older_states = {{.uri = "file:///w/.weir/p/state/w", .size_bytes = 8, .hash = 2}};
  record.tables["ops.more"] = {.uuid = "uuid",
                               .last = {.key = "key", .snapshot_id = 43, .sequence_number = 0},
                               .before_key = "older",
                               .counts = {{"rows.dropped", 2}}};
  record.counts = {{"rule.a.broken", 3}};
  record.epochs = 9;
  record.followers = {{"database", {.since = 2, .applied = 7}}};
  record.unfollowed = {{.number = 8, .prepared = *record.prepared, .followers = {"database", "topic"}}};
  return record;
}

TEST(LeadRecord, KeepsItselfInItsText) {
  const LeadRecord record = whole();
  EXPECT_EQ(*pipeline_property_from_text(record.to_text()), PipelineProperty(record));
}

TEST(LeadRecord, RemembersWhatBecameOfTheStateByHand) {
  LeadRecord record = whole();
  record.decisions.push_back({.at_ms = 5,
                              .state = kStateForgotten,
                              .table = {},
                              .source = {},
                              .partition = {},
                              .before = {},
                              .next = {},
                              .reason = "the disk is gone"});
  EXPECT_EQ(*pipeline_property_from_text(record.to_text()), PipelineProperty(record));
}

TEST(LeadRecord, RemembersThatRejectsWereAccepted) {
  LeadRecord record = whole();
  ProgressDecision accepted;
  accepted.at_ms = 6;
  accepted.rejects = 900;
  accepted.reason = "weir run --accept-rejects";
  record.decisions.push_back(accepted);
  EXPECT_EQ(*pipeline_property_from_text(record.to_text()), PipelineProperty(record));
}

TEST(LeadRecord, ReadsARecordThatNamesNoOlderStates) {
  const auto read = pipeline_property_from_text(
      R"({"v":2,"role":"lead","fence":3,"uuid":"u","commit":"k","state":{"uri":"file:///x","size":7,"xxh3":1},)"
      R"("progress":{"v":1,"sources":{}},"tables":{}})");
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(std::get<LeadRecord>(*read).state->uri, "file:///x");
  EXPECT_TRUE(std::get<LeadRecord>(*read).older_states.empty());
}

StoredObject state_number(int64_t number) {
  return {.uri = "file:///" + std::to_string(number), .size_bytes = number, .hash = 0};
}

TEST(LeadRecord, AStateThatIsFollowedIsNamedUntilThreeMoreHaveCome) {
  std::optional<StoredObject> state;
  std::vector<StoredObject> older;
  for (int64_t number = 1; number <= 5; ++number) {
    advance_state(state_number(number), state, older);
    advance_state(state_number(number), state, older);  // found to be done already
  }
  EXPECT_EQ(state, state_number(5));
  EXPECT_EQ(older, (std::vector{state_number(4), state_number(3), state_number(2)}));
  advance_state(std::nullopt, state, older);
  advance_state(std::nullopt, state, older);
  EXPECT_EQ(state, std::nullopt);
  EXPECT_EQ(older, (std::vector{state_number(5), state_number(4), state_number(3)}));
}

TEST(LeadRecord, AnEpochIsNamedUntilNoFollowerWaitsForIt) {
  const auto outbox = [](int64_t followed, int64_t applied, const std::vector<std::string>& parts) {
    Outbox made{.parts = {}, .followers = {{"database", {.since = 0, .applied = applied}}}, .followed = followed};
    for (const std::string& follower : parts) made.parts.push_back({.follower = follower, .object = state_number(0)});
    return made;
  };
  FollowerRecords followers;
  std::vector<UnfollowedEpoch> unfollowed;
  for (int again = 0; again < 2; ++again)
    advance_followers(outbox(0, 0, {"database", "database", "topic"}), 1, state_number(1), followers, unfollowed);
  advance_followers(outbox(0, 0, {}), 2, state_number(2), followers, unfollowed);
  advance_followers(outbox(0, 1, {"topic"}), 3, state_number(3), followers, unfollowed);
  EXPECT_EQ(unfollowed, (std::vector<UnfollowedEpoch>{
                            {.number = 1, .prepared = state_number(1), .followers = {"database", "topic"}},
                            {.number = 3, .prepared = state_number(3), .followers = {"topic"}}}));
  EXPECT_EQ(followers.at("database").applied, 1);
  advance_followers(outbox(2, 1, {}), 4, state_number(4), followers, unfollowed);
  ASSERT_EQ(unfollowed.size(), 1U);
  EXPECT_EQ(unfollowed[0].number, 3);
}

TEST(LeadRecord, NamesProgressThatLiesElsewhereBesideWhatMovedSince) {
  LeadRecord record = whole();
  record.progress_at = StoredObject{.uri = "file:///w/.weir/p/progress/x", .size_bytes = 9, .hash = 2};
  EXPECT_EQ(*pipeline_property_from_text(record.to_text()), PipelineProperty(record));
}

TEST(LeadRecord, ATableThatFollowsSaysWhomAndWhatLast) {
  const TableMarker marker{
      .lead = "ops.rows", .lead_uuid = "uuid", .last = {.key = "key", .snapshot_id = 1, .sequence_number = 2}};
  EXPECT_EQ(*pipeline_property_from_text(marker.to_text()), PipelineProperty(marker));
}

TEST(LeadRecord, ReadsWhatAReleaseBeforeWrote) {
  const auto read = pipeline_property_from_text(
      R"({"v":1,"fence":3,"commit":"k","snapshot":37,"sequence":4,"progress":{"v":1,"sources":{}},)"
      R"("tables":{"ops.flights":"83f593be"},"counts":{"rows.dropped":1}})");
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  const auto& record = std::get<LeadRecord>(*read);
  EXPECT_TRUE(record.is_version_1);
  EXPECT_EQ(record.fence_epoch, 3);
  EXPECT_EQ(record.last, (LastCommit{.key = "k", .snapshot_id = 37, .sequence_number = 4}));
  EXPECT_EQ(record.tables.at("ops.flights").uuid, "83f593be");
  EXPECT_EQ(record.counts, (Counts{{"rows.dropped", 1}}));
}

TEST(LeadRecord, WhatIsDamagedOrNewerIsSaidToBe) {
  EXPECT_EQ(*pipeline_property_from_text(""), PipelineProperty());
  for (const char* text :
       {"{", "[]", "{}", R"({"v":2})", R"({"v":2,"role":"lead","fence":"x"})", R"({"v":1,"fence":1})"})
    EXPECT_EQ(pipeline_property_from_text(text).error().kind(), ErrorKind::corrupt) << text;
  EXPECT_EQ(pipeline_property_from_text(R"({"v":3})").error().kind(), ErrorKind::unsupported);
}

}  // namespace
}  // namespace weir::lake

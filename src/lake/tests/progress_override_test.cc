#include "lake/commit/progress_override.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::lake {
namespace {

using ::testing::HasSubstr;

Progress kafka() {
  Progress progress;
  progress.sources["feed"] = {.identity = "cluster",
                              .partitions = {{"events/0", {.next = 500, .next_byte = 0, .identity = "topic"}},
                                             {"events/1", {.next = 70, .next_byte = 0, .identity = "topic"}}},
                              .finished = {}};
  return progress;
}

Progress files() {
  Progress progress;
  SourceProgress& source = progress.sources["source"];
  for (const char* name : {"a.ndjson", "b.ndjson"}) {
    source.partitions[name] = {.next = 10, .next_byte = 100, .identity = "size"};
    source.finish(name);
  }
  source.partitions["c.ndjson"] = {.next = 3, .next_byte = 30, .identity = "size"};
  return progress;
}

ProgressOverride wanted(std::string source, std::vector<std::string> partitions, std::optional<int64_t> next = {}) {
  return {.source = std::move(source), .partitions = std::move(partitions), .next = next, .reason = "told so"};
}

TEST(ProgressOverride, SetsOnePartitionAndDropsWhatItWas) {
  Progress progress = kafka();
  const auto decisions = override_progress(wanted("feed", {"events/0"}, 700), 42, progress);
  ASSERT_TRUE(decisions.ok()) << decisions.error().to_string();
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_EQ(decisions->front(), (ProgressDecision{.at_ms = 42,
                                                  .source = "feed",
                                                  .partition = "events/0",
                                                  .before = PartitionProgress{500, 0, "topic"},
                                                  .next = 700,
                                                  .reason = "told so"}));
  EXPECT_EQ(progress.sources.at("feed").partitions.at("events/0"), (PartitionProgress{700, 0, ""}));
  EXPECT_EQ(progress.sources.at("feed").partitions.at("events/1").next, 70);
}

TEST(ProgressOverride, ForgetsOpenAndFinishedPartitions) {
  Progress progress = files();
  const auto decisions = override_progress(wanted("source", {"c.ndjson", "a.ndjson"}), 1, progress);
  ASSERT_TRUE(decisions.ok()) << decisions.error().to_string();
  EXPECT_EQ(decisions->at(0).before->next, 3);
  EXPECT_FALSE(decisions->at(1).before.has_value());
  const SourceProgress& source = progress.sources.at("source");
  EXPECT_TRUE(source.partitions.empty());
  EXPECT_EQ(source.find_finished("a.ndjson"), nullptr);
  EXPECT_NE(source.find_finished("b.ndjson"), nullptr);
}

TEST(ProgressOverride, ForgetsAllOfASourceWithItsIdentity) {
  Progress progress = kafka();
  EXPECT_EQ(override_progress(wanted("feed", {}), 1, progress)->size(), 2U);
  EXPECT_TRUE(progress.empty());
  progress = files();
  EXPECT_EQ(override_progress(wanted("source", {}), 1, progress)->size(), 2U);  // c.ndjson, and the finished ones
  EXPECT_TRUE(progress.empty());
}

TEST(ProgressOverride, RefusesWhatItCannotMean) {
  Progress progress = kafka();
  const auto refusal = [&](const ProgressOverride& of) {
    Progress before = progress;
    const auto decisions = override_progress(of, 1, before);
    return decisions.ok() ? std::string("accepted") : decisions.error().to_string();
  };
  EXPECT_THAT(refusal(wanted("feeed", {"events/0"})), HasSubstr("did you mean 'feed'"));
  EXPECT_THAT(refusal(wanted("feed", {"event/0"})), HasSubstr("did you mean 'events/0'"));
  EXPECT_THAT(refusal(wanted("feed", {}, 7)), HasSubstr("name the partitions"));
  EXPECT_THAT(refusal(wanted("feed", {"events/0"}, -1)), HasSubstr("cannot be negative"));
  ProgressOverride silent = wanted("feed", {"events/0"});
  silent.reason.clear();
  EXPECT_THAT(refusal(silent), HasSubstr("reason"));
  progress = files();
  EXPECT_THAT(refusal(wanted("source", {"a.ndjson"}, 3)), HasSubstr("only be forgotten"));
}

TEST(ProgressOverride, IsKeptInTheStatesText) {
  Progress progress = files();
  LeadRecord state{.fence_epoch = 3, .progress = kafka()};
  state.decisions = *override_progress(wanted("source", {}), 9, progress);
  const auto more = override_progress(wanted("feed", {"events/1"}, 71), 10, state.progress);
  state.decisions.insert(state.decisions.end(), more->begin(), more->end());
  const auto read = pipeline_property_from_text(state.to_text());
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  EXPECT_EQ(*read, PipelineProperty(state));
  std::string damaged = state.to_text();
  damaged.replace(damaged.find("\"reason\""), 8, "\"season\"");
  EXPECT_EQ(pipeline_property_from_text(damaged).error().kind(), ErrorKind::corrupt);
}

// It goes into a table's property, which is JSON.
TEST(ProgressOverride, AReasonThatIsNoTextIsRefused) {
  Progress progress = kafka();
  ProgressOverride bad = wanted("feed", {"events/0"}, 700);
  bad.reason = "\xff";
  const auto decisions = override_progress(bad, 1, progress);
  ASSERT_FALSE(decisions.ok());
  EXPECT_EQ(decisions.error().kind(), ErrorKind::invalid_argument);
  EXPECT_THAT(decisions.error().message(), HasSubstr("UTF-8"));
  LeadRecord state;
  state.decisions.push_back({.at_ms = 1, .table = {}, .source = "feed", .partition = {}, .reason = "\xff"});
  EXPECT_TRUE(pipeline_property_from_text(state.to_text()).ok()) << "and never ends the process";
}

}  // namespace
}  // namespace weir::lake

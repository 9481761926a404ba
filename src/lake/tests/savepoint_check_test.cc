#include "lake/commit/savepoint_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::lake {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Progress at(int64_t first, int64_t second, const std::string& identity = "topic") {
  Progress progress;
  progress.sources["feed"] = {.identity = "cluster",
                              .partitions = {{"events/0", {.next = first, .next_byte = 0, .identity = identity}},
                                             {"events/1", {.next = second, .next_byte = 0, .identity = identity}}},
                              .finished = {}};
  return progress;
}

FinishedPartition of_content(uint64_t low) {
  FinishedPartition entry;
  entry.content.low = low;
  return entry;
}

Progress files(std::initializer_list<const char*> finished) {
  Progress progress;
  for (const char* name : finished) progress.sources["in"].finish(name, of_content(name_hash(name)));
  return progress;
}

std::string refused(const Progress& tables, const Progress& savepoint) {
  const auto checked = check_savepoint(tables, savepoint);
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().kind(), ErrorKind::position_lost);
  return checked.error().message();
}

TEST(SavepointCheck, TablesThatHoldJustWhatItCoversOrNothingAreFine) {
  EXPECT_TRUE(check_savepoint(at(10, 20), at(10, 20)).ok());
  EXPECT_TRUE(check_savepoint(Progress(), at(10, 20)).ok());
  EXPECT_TRUE(check_savepoint(Progress(), Progress()).ok());
  EXPECT_TRUE(check_savepoint(files({"a", "b"}), files({"a", "b"})).ok());
}

TEST(SavepointCheck, NamesWhatWouldLandTwice) {
  EXPECT_THAT(refused(at(15, 20), at(10, 20)), HasSubstr("would land twice: events/0 10 to 14."));
  EXPECT_THAT(refused(at(11, 20), at(10, 20)), HasSubstr("would land twice: events/0 10."));
  EXPECT_THAT(refused(at(11, 20), {}), HasSubstr("would land twice: events/0 0 to 10, events/1 0 to 19."));
  EXPECT_THAT(refused(files({"a", "b"}), files({"a"})), HasSubstr("would land twice: 1 whole file"));
}

TEST(SavepointCheck, NamesTheRestOfAFileThatWasReadToItsEndSince) {
  Progress savepoint = files({"a"});
  savepoint.sources["in"].partitions["b"] = {.next = 7};
  EXPECT_THAT(refused(files({"a", "b"}), savepoint), HasSubstr("would land twice: b from 7 on"));
}

TEST(SavepointCheck, NamesWhatWouldBeLeftOut) {
  EXPECT_THAT(refused(at(10, 20), at(10, 30)), HasSubstr("would be left out: events/1 20 to 29"));
  EXPECT_THAT(refused(files({"a"}), files({"a", "b"})), HasSubstr("would be left out: 1 whole file"));
  Progress more = at(10, 20);
  more.sources["second"].partitions["x"] = {.next = 3};
  EXPECT_THAT(refused(at(10, 20), more), HasSubstr("would be left out: x 0 to 2"));
}

TEST(SavepointCheck, NamesBothAndTheWaysOn) {
  const std::string message = refused(at(15, 20), at(10, 30));
  for (const char* said : {"events/0 10 to 14", "events/1 20 to 29", "Leave --from out", "weir progress set"})
    EXPECT_THAT(message, HasSubstr(said));
}

TEST(SavepointCheck, AnotherTopicOrClusterIsNotTheSame) {
  EXPECT_THAT(refused(at(10, 20, "made again"), at(10, 20)), HasSubstr("events/0 is another one"));
  Progress elsewhere = at(10, 20);
  elsewhere.sources["feed"].identity = "other";
  EXPECT_THAT(refused(elsewhere, at(10, 20)), HasSubstr("source 'feed' is another cluster"));
}

TEST(SavepointCheck, AFileWithOtherContentIsNotTheSame) {
  Progress changed;
  changed.sources["in"].finish("a", of_content(1));
  EXPECT_NE(refused(changed, files({"a"})), "");
}

// What `weir progress set` leaves: a position whose identity nobody has seen yet.
TEST(SavepointCheck, APositionThatWasSetByHandHasNoIdentityYet) {
  EXPECT_TRUE(check_savepoint(at(10, 20, ""), at(10, 20)).ok());
}

TEST(SavepointCheck, WhenAFileWasLastLookedAtDoesNotMatter) {
  Progress looked_at;
  FinishedPartition entry = of_content(name_hash("a"));
  entry.facts_hash = 5;
  looked_at.sources["in"].finish("a", entry);
  EXPECT_TRUE(check_savepoint(looked_at, files({"a"})).ok());
}

TEST(SavepointCheck, NamesAtMostTen) {
  Progress many;
  for (int i = 0; i < 50; ++i) many.sources["in"].partitions["p/" + std::to_string(i)] = {.next = 1};
  EXPECT_THAT(refused(many, {}), HasSubstr("and 40 more"));
  EXPECT_THAT(refused(many, {}), Not(HasSubstr("p/49")));
}

}  // namespace
}  // namespace weir::lake

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/kafka/topics_internal.h"

namespace weir::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kExisting = {
    "__consumer_offsets", "flights.v1", "flights.v2", "ops-a", "ops-b", "xops-c"};

std::string refusal(const std::string& entry) {
  const Result<TopicSelection> made = TopicSelection::make({entry});
  if (made.ok()) return "";
  EXPECT_EQ(made.error().kind(), ErrorKind::invalid_argument);
  return made.error().message();
}

TEST(TopicSelection, TakesNamesAsTheyAreAndPatternsAtTheBeginning) {
  const Result<TopicSelection> selection = TopicSelection::make({"later", "^ops-", "^flights\\.v[0-9]$"});
  ASSERT_TRUE(selection.ok());
  EXPECT_TRUE(selection->has_patterns());
  EXPECT_THAT(selection->resolve(kExisting), ElementsAre("flights.v1", "flights.v2", "later", "ops-a", "ops-b"));
}

TEST(TopicSelection, DotInANameIsADot) {
  const Result<TopicSelection> selection = TopicSelection::make({"flights.v1"});
  ASSERT_TRUE(selection.ok());
  EXPECT_FALSE(selection->selects("flightsXv1"));
  EXPECT_FALSE(selection->has_patterns());
}

TEST(TopicSelection, PatternsNeverMatchKafkasOwnTopics) {
  const Result<TopicSelection> selection = TopicSelection::make({"^.*"});
  ASSERT_TRUE(selection.ok());
  EXPECT_THAT(selection->resolve(kExisting), ElementsAre("flights.v1", "flights.v2", "ops-a", "ops-b", "xops-c"));
  EXPECT_FALSE(selection->selects(std::string(300, 'a')));
}

TEST(TopicSelection, RefusesNamesThatKafkaDoesNotHave) {
  for (const std::string entry : {"", ".", "..", "a b", "a/b", "a*", "ops-.*", "\xc3\xa4"}) {
    EXPECT_THAT(refusal(entry), HasSubstr("topic name")) << entry;
  }
  EXPECT_THAT(refusal(std::string(250, 'a')), HasSubstr("topic name"));
}

TEST(TopicSelection, RefusesPatternsThatCostTooMuchOrMeanSomethingElseElsewhere) {
  EXPECT_THAT(refusal("^(a{1000}){1000}"), HasSubstr("{}"));
  EXPECT_THAT(refusal("^(a)\\1"), HasSubstr("\\1"));
  EXPECT_THAT(refusal("^flights-\\d+"), HasSubstr("\\d"));
  EXPECT_THAT(refusal("^a\\"), HasSubstr("backslash"));
  EXPECT_THAT(refusal("^(a"), HasSubstr("is not a regular expression"));
  EXPECT_THAT(refusal("^(?:a)"), HasSubstr("is not a regular expression"));
  EXPECT_THAT(refusal("^" + std::string(600, 'a')), HasSubstr("longer than 512"));
  EXPECT_THAT(refusal("^a\tb"), HasSubstr("character"));
}

TEST(TopicSelection, MatchesNestedAlternativesInBoundedTime) {
  const Result<TopicSelection> selection =
      TopicSelection::make({"^((a|aa)*)*(a|b)*(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c$"});
  ASSERT_TRUE(selection.ok());
  EXPECT_FALSE(selection->selects(std::string(249, 'a')));
}

TEST(TopicSelection, SurvivesDeepNesting) {
  std::string pattern = "^";
  for (int i = 0; i < 250; ++i) pattern += '(';
  pattern += 'a';
  for (int i = 0; i < 250; ++i) pattern += ')';
  const Result<TopicSelection> selection = TopicSelection::make({pattern});
  ASSERT_TRUE(selection.ok());
  EXPECT_TRUE(selection->selects("a"));
}

}  // namespace
}  // namespace weir::connector

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/kafka/survey_internal.h"
#include "connector/kafka/tests/kafka_mock.h"

namespace weir::connector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class PartitionSurveyTest : public ::testing::Test {
 protected:
  PartitionSurveyTest() : selection_(*TopicSelection::make({"flights"})) {
    kafka_.create_topic("flights", 2);
    spec_.brokers = kafka_.bootstrap();
    spec_.topics = {"flights"};
    client_ = std::move(KafkaClient::make(spec_, system_clock_source(), nullptr, KafkaClient::Role::looks)).value();
    EXPECT_TRUE(client_->connect(Deadline::after_ms(system_clock_source(), 10'000), [] { return false; }).ok());
    survey_ = std::make_unique<PartitionSurvey>(*client_, spec_, selection_);
  }

  /// Looks until there is an answer, or an error that trying again does not change.
  Result<std::vector<PartitionFacts>> look() {
    const Deadline deadline = Deadline::after_ms(system_clock_source(), 20'000);
    while (!deadline.passed(system_clock_source())) {
      WEIR_TRY(survey_->begin(1000, 5000));
      while (true) {
        auto facts = survey_->step(100, [](const TopicPartition& partition) { return partition.partition != 0; });
        if (facts.ok() && !*facts) continue;
        if (facts.ok()) return std::move(**facts);
        if (facts.error().retry() == RetryHint::no) return std::move(facts).error();
        break;
      }
    }
    return Error(ErrorKind::timeout, "no answer");
  }

  MockKafka kafka_;
  KafkaSpec spec_;
  TopicSelection selection_;
  std::unique_ptr<KafkaClient> client_;
  std::unique_ptr<PartitionSurvey> survey_;
};

TEST_F(PartitionSurveyTest, BringsTheEndsOfNewPartitions) {
  kafka_.produce_many("flights", 1, 12);
  kafka_.delete_records("flights", 1, 5);
  const Result<std::vector<PartitionFacts>> facts = look();
  ASSERT_TRUE(facts.ok()) << facts.error().to_string();
  ASSERT_THAT(*facts, SizeIs(1));
  EXPECT_EQ(facts->front().partition.name(), "flights/1");
  EXPECT_EQ(facts->front().low, 5);
  EXPECT_EQ(facts->front().high, 12);
  EXPECT_EQ(facts->front().stable, 12);
  EXPECT_THAT(facts->front().topic_id, SizeIs(22));
  EXPECT_EQ(survey_->known().at("flights").id, facts->front().topic_id);
}

TEST_F(PartitionSurveyTest, AKnownTopicWithAnotherIdIsALostPosition) {
  survey_->known()["flights"] = {.id = "AAAAAAAAAAAAAAAAAAAAAQ", .example = {"flights", 1}, .next = 17};
  const Result<std::vector<PartitionFacts>> facts = look();
  ASSERT_FALSE(facts.ok());
  EXPECT_EQ(facts.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(facts.error().message(),
              AllOf(HasSubstr("flights/1"), HasSubstr("offset 17"), HasSubstr("AAAAAAAAAAAAAAAAAAAAAQ")));
}

TEST_F(PartitionSurveyTest, AKnownTopicThatIsGoneIsALostPositionOnlyWhenItStaysAway) {
  survey_->known()["other"] = {.id = "", .example = {"other", 0}, .next = 3};
  ASSERT_TRUE(survey_->begin(1000, 5000).ok());
  Result<std::optional<std::vector<PartitionFacts>>> first = std::optional<std::vector<PartitionFacts>>();
  while (first.ok() && !*first) first = survey_->step(100, [](const TopicPartition&) { return true; });
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().retry(), RetryHint::backoff);
  const Result<std::vector<PartitionFacts>> facts = look();
  ASSERT_FALSE(facts.ok());
  EXPECT_EQ(facts.error().kind(), ErrorKind::position_lost);
  EXPECT_THAT(facts.error().message(), AllOf(HasSubstr("other/0"), HasSubstr("offset 3")));
}

TEST_F(PartitionSurveyTest, LosingItsAnswersHalfwayIsHarmless) {
  ASSERT_TRUE(survey_->begin(1000, 5000).ok());
  ASSERT_TRUE(survey_->begin(1000, 5000).ok());
  survey_ = nullptr;
}

}  // namespace
}  // namespace weir::connector

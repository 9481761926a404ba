#include <algorithm>

#include <gmock/gmock.h>

#include "operator/tests/operator_fixture.h"
#include "operator/tests/random_events.h"
#include "operator/tests/stateful_job.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000;

std::unique_ptr<Operator> dedupe_of(int64_t ttl_us, int64_t lateness_us = 3'600 * kSecond) {
  auto made = make_dedupe({.name = "once", .key = {"id"}, .time = "ts", .ttl_us = ttl_us, .lateness_us = lateness_us},
                          event_schema());
  EXPECT_TRUE(made.ok()) << made.error().to_string();
  return *std::move(made);
}

std::vector<EventRow> at_seconds(const std::string& id, const std::vector<int64_t>& seconds) {
  std::vector<EventRow> rows;
  for (const int64_t second : seconds) rows.push_back({.id = id, .k = "k", .ts_us = second * kSecond, .x = 1});
  return rows;
}

TEST(Dedupe, HandsOnTheFirstOfAKeyUntilItsTimeIsOver) {
  OperatorPool pool([] { return dedupe_of(10 * kSecond); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  job.process(batch_of(at_seconds("a", {100, 100, 105, 109, 110, 111, 95})));
  EXPECT_EQ(sorted_texts(job.output().main).size(), 2U) << "100 and 110";
  EXPECT_THAT(job.output().late, IsEmpty());
}

TEST(Dedupe, RowsBehindTheLatenessAreLate) {
  OperatorPool pool([] { return dedupe_of(10 * kSecond, 5 * kSecond); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  job.process(batch_of(at_seconds("a", {100})));
  job.process(batch_of(at_seconds("b", {95, 96})));
  EXPECT_EQ(sorted_texts(job.output().late).size(), 1U);
  EXPECT_EQ(sorted_texts(job.output().main).size(), 2U);
}

TEST(Dedupe, ABatchWithoutDuplicatesGoesOnUntouched) {
  OperatorPool pool([] { return dedupe_of(10 * kSecond); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  const Batch batch = batch_of(std::vector<EventRow>{{.id = "a", .ts_us = 1}, {.id = "b", .ts_us = 1}});
  job.process(batch);
  ASSERT_EQ(job.output().main.size(), 1U);
  EXPECT_EQ(job.output().main[0].columns(), batch.columns());
  EXPECT_TRUE(job.output().main[0].all_selected());
}

TEST(Dedupe, SaysWhatIsWrongWithItsSpec) {
  DedupeSpec spec{.name = "once", .key = {"idd"}, .time = "ts", .ttl_us = 1};
  EXPECT_THAT(make_dedupe(spec, event_schema()).error().message(), HasSubstr("did you mean 'id'?"));
  spec.key = {"id"};
  spec.time = "k";
  EXPECT_THAT(make_dedupe(spec, event_schema()).error().message(), HasSubstr("event time is a timestamp"));
  spec.time = "ts";
  spec.ttl_us = 0;
  EXPECT_FALSE(make_dedupe(spec, event_schema()).ok());
}

/// Whatever the sizes of batches, the count of tasks, and kills with a restore from any barrier: each row once, however
/// often it was delivered.
TEST(Dedupe, LeavesEachRowOnceInRandomStreams) {
  OperatorPool pool([] { return dedupe_of(24 * 3'600 * kSecond); });
  const RandomCases cases = random_cases();
  for (uint64_t seed = cases.first; seed < cases.first + cases.count; ++seed) {
    SCOPED_TRACE("case " + std::to_string(seed));
    RandomStream stream(seed);
    const JobOutput output = stream.run(pool, "id");
    std::vector<EventRow> once = stream.rows();
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    ASSERT_THAT(output.late, IsEmpty());
    ASSERT_EQ(sorted_texts(output.main), sorted_texts({batch_of(once)}));
  }
}

}  // namespace
}  // namespace weir::operators

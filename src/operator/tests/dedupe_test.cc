#include <algorithm>
#include <map>

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

std::unique_ptr<Operator> last_of(int64_t ttl_us, int64_t lateness_us, const std::string& key = "id") {
  auto made = make_dedupe(
      {.name = "once", .key = {key}, .time = "ts", .ttl_us = ttl_us, .lateness_us = lateness_us, .keep = Keep::last},
      event_schema());
  EXPECT_TRUE(made.ok()) << made.error().to_string();
  return *std::move(made);
}

TEST(DedupeLast, HandsOnTheNewestOfAKeyOnceItsIntervalIsOver) {
  OperatorPool pool([] { return last_of(10 * kSecond, 0); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  job.process(batch_of(at_seconds("a", {101, 104, 103})));
  job.process(batch_of(at_seconds("b", {105})));
  EXPECT_THAT(job.output().main, IsEmpty()) << "a newer one may come";
  job.process(batch_of(at_seconds("a", {110})));
  EXPECT_EQ(sorted_texts(job.output().main),
            sorted_texts({batch_of(at_seconds("a", {104})), batch_of(at_seconds("b", {105}))}));
  job.process(batch_of(at_seconds("b", {109})));
  EXPECT_EQ(sorted_texts(job.output().late), sorted_texts({batch_of(at_seconds("b", {109}))}));
  job.finish();
  EXPECT_EQ(sorted_texts(job.output().main).size(), 3U);
}

TEST(DedupeLast, RowsKeepTheirPositions) {
  OperatorPool pool([] { return last_of(10 * kSecond, 0); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  std::vector<EventRow> rows = at_seconds("a", {101, 102, 103});
  rows[1].split = 1;
  const Batch batch = batch_of(rows);
  job.process(batch);
  job.finish();
  ASSERT_EQ(job.output().main.size(), 1U);
  const Batch& out = job.output().main[0];
  ASSERT_TRUE(out.origins());
  EXPECT_EQ(out.origins()->split(0), batch.origins()->split(2));
  EXPECT_EQ(out.origins()->offset[0], batch.origins()->offset[2]);
  EXPECT_EQ(out.event_time_us(0), 103 * kSecond);
}

TEST(DedupeLast, ARowThatCannotBeKeptIsRejectedAndHidesNoOther) {
  OperatorPool pool([] { return last_of(10 * kSecond, 0); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "id", 1);
  std::vector<EventRow> rows = at_seconds("a", {101, 105});
  rows[1].k = std::string(17 << 20, 'x');
  job.process(batch_of(rows));
  job.finish();
  EXPECT_EQ(sorted_texts(job.output().main), sorted_texts({batch_of(at_seconds("a", {101}))}));
  EXPECT_EQ(job.output().rejected, 1U);
}

/// Held against a plain recomputation over all rows: those of one time by the highest position.
TEST(DedupeLast, EqualsARecomputationInRandomStreams) {
  constexpr int64_t kTtl = 7 * kSecond;
  constexpr int64_t kLateness = 3'600 * kSecond;
  OperatorPool pool([] { return last_of(kTtl, kLateness, "k"); });
  const RandomCases cases = random_cases();
  for (uint64_t seed = cases.first; seed < cases.first + cases.count; ++seed) {
    SCOPED_TRACE("case " + std::to_string(seed));
    RandomStream stream(seed);
    const JobOutput output = stream.run(pool, "k");
    std::map<std::pair<std::string, int64_t>, EventRow> newest;
    for (const EventRow& row : stream.rows()) {  // within a split in the order of their offsets
      const auto [at, is_new] = newest.try_emplace({row.k, row.ts_us / kTtl}, row);
      const EventRow& known = at->second;
      if (!is_new && std::pair(row.ts_us, row.split) >= std::pair(known.ts_us, known.split)) at->second = row;
    }
    std::vector<EventRow> expected;
    for (const auto& [key, row] : newest) expected.push_back(row);
    ASSERT_THAT(output.late, IsEmpty());
    ASSERT_EQ(sorted_texts(output.main), sorted_texts({batch_of(expected)}));
  }
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

#include <algorithm>
#include <charconv>

#include <gmock/gmock.h>

#include "base/random.h"
#include "expression/query.h"
#include "operator/tests/operator_fixture.h"
#include "operator/tests/random_events.h"
#include "operator/tests/stateful_job.h"

namespace weir::operators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000;

WindowSpec window_spec(int64_t size_us, int64_t lateness_us = 0) {
  return {.name = "w",
          .time = "ts",
          .size_us = size_us,
          .lateness_us = lateness_us,
          .by = {"k"},
          .aggregates = {{"n", "count(*)"},
                         {"nx", "count(x)"},
                         {"sx", "sum(x)"},
                         {"ax", "avg(x)"},
                         {"sd", "sum(d)"},
                         {"lo", "min(x)"},
                         {"hi", "max(d)"},
                         {"some", "sum(x) filter (where x > 3)"}}};
}

std::unique_ptr<Operator> window_of(const WindowSpec& spec) {
  auto made = make_window(spec, event_schema());
  EXPECT_TRUE(made.ok()) << made.error().to_string();
  return *std::move(made);
}

TEST(Window, IsEmittedOnceEventTimeHasPassedItsEnd) {
  OperatorPool pool([] { return window_of(window_spec(10 * kSecond)); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "k", 1);
  const std::vector<EventRow> rows = {{.id = "1", .k = "a", .ts_us = 1 * kSecond, .x = 4, .d = 0.5},
                                      {.id = "2", .k = "a", .ts_us = 9 * kSecond, .x = std::nullopt, .d = 0.25}};
  job.process(batch_of(rows));
  EXPECT_THAT(sorted_texts(job.output().main), IsEmpty());
  job.process(batch_of(std::vector<EventRow>{{.id = "3", .k = "b", .ts_us = 10 * kSecond, .x = 1, .d = 1}}));
  EXPECT_THAT(sorted_texts(job.output().main), ElementsAre(HasSubstr("n=2 nx=1 sx=4 ax=4 sd=0.75 lo=4 hi=0.5 some=4")));
  job.finish();
  EXPECT_EQ(sorted_texts(job.output().main).size(), 2U);
}

TEST(Window, WithoutGroupsIsOneRowAWindow) {
  WindowSpec spec = window_spec(10 * kSecond);
  spec.by.clear();
  spec.aggregates = {{"n", "count(*)"}};
  OperatorPool pool([&] { return window_of(spec); });
  StatefulJob job(pool, {.name = "t", .time = "ts"}, "k", 1);
  job.process(batch_of(std::vector<EventRow>{{.k = "a", .ts_us = -1}, {.k = "b", .ts_us = 0}, {.k = "c", .ts_us = 1}}));
  job.finish();
  EXPECT_THAT(sorted_texts(job.output().main), ElementsAre(HasSubstr("n=1"), HasSubstr("n=2")));
}

TEST(Window, LateRowsLeaveAsTheyCameAndLatenessKeepsWindowsOpen) {
  for (const int64_t lateness : {int64_t{0}, 20 * kSecond}) {
    OperatorPool pool([&] { return window_of(window_spec(10 * kSecond, lateness)); });
    StatefulJob job(pool, {.name = "t", .time = "ts"}, "k", 1);
    job.process(batch_of(std::vector<EventRow>{{.id = "1", .k = "a", .ts_us = 1 * kSecond}}));
    job.process(batch_of(std::vector<EventRow>{{.id = "2", .k = "a", .ts_us = 25 * kSecond}}));
    job.process(batch_of(std::vector<EventRow>{{.id = "late", .k = "a", .ts_us = 2 * kSecond}}));
    job.finish();
    const auto late = sorted_texts(job.output().late);
    EXPECT_EQ(late.size(), lateness == 0 ? 1U : 0U);
    EXPECT_TRUE(late.empty() || late[0].find("late") != std::string::npos);
  }
}

TEST(Window, SaysWhatIsWrongWithItsSpec) {
  const auto why = [](const WindowSpec& spec) {
    const auto made = make_window(spec, event_schema());
    EXPECT_FALSE(made.ok());
    return made.ok() ? std::string() : made.error().message();
  };
  WindowSpec spec = window_spec(kSecond);
  spec.time = "tss";
  EXPECT_THAT(why(spec), HasSubstr("did you mean 'ts'?"));
  spec = window_spec(kSecond);
  spec.by = {"x", "kk"};
  EXPECT_THAT(why(spec), HasSubstr("did you mean 'k'?"));
  spec = window_spec(kSecond);
  spec.aggregates = {{"n", "sum(k)"}};
  EXPECT_THAT(why(spec), HasSubstr("sum takes numbers"));
  spec.aggregates = {{"n", "sum(x) filter (where x)"}};
  EXPECT_THAT(why(spec), HasSubstr("boolean"));
  spec.aggregates = {{"k", "count(*)"}};
  EXPECT_THAT(why(spec), HasSubstr("two columns are called 'k'"));
  spec.aggregates = {{"n", "sum(nothing)"}};
  EXPECT_THAT(why(spec), HasSubstr("nothing"));
  spec = window_spec(0);
  EXPECT_THAT(why(spec), HasSubstr("size"));
}

TEST(Window, ChangedAggregatesAreAnotherTable) {
  WindowSpec spec = window_spec(kSecond);
  const std::string codec = window_of(spec)->tables()[0].codec;
  spec.aggregates[2].text = "sum(x + 1)";
  EXPECT_NE(window_of(spec)->tables()[0].codec, codec);
}

/// What DuckDB makes of the same rows.
std::vector<std::string> by_duckdb(expression::QuerySession& session, const std::vector<EventRow>& rows,
                                   int64_t size_us) {
  std::string sql =
      "select k, (ts // SIZE) * SIZE as w, count(*), count(x), sum(x), avg(x), sum(d), min(x), max(d), "
      "sum(x) filter (where x > 3) from (values ";
  for (size_t at = sql.find("SIZE"); at != std::string::npos; at = sql.find("SIZE")) {
    sql.replace(at, 4, std::to_string(size_us));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    sql += (i == 0 ? "('" : ", ('") + rows[i].k + "', " + std::to_string(rows[i].ts_us) + "::bigint, " +
           (rows[i].x ? std::to_string(*rows[i].x) : "null") + "::bigint, " + std::to_string(rows[i].d) + "::double)";
  }
  sql += ") v(k, ts, x, d) group by all";
  auto result = session.run(sql);
  EXPECT_TRUE(result.ok()) << result.error().to_string();
  std::vector<std::string> texts;
  while (*(*result)->next()) {
    for (int64_t row = 0; row < (*result)->rows(); ++row) {
      std::string& text = texts.emplace_back();
      for (size_t column = 0; column < (*result)->columns().size(); ++column) {
        text += "|";
        if ((*result)->is_null(row, column)) {
          text += "null";
        } else {
          (*result)->append_text(row, column, text);
        }
      }
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::string shortest(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// The rows of windows in the same form.
std::vector<std::string> by_window(const std::vector<Batch>& batches) {
  std::vector<std::string> texts;
  for (const Batch& batch : batches) {
    for (int64_t row = 0; row < batch.rows(); ++row) {
      std::string& text = texts.emplace_back();
      for (size_t i = 0; i < batch.columns().size(); ++i) {
        if (batch.schema()->field(i).name == "window_end") continue;
        const Column& column = batch.column(i);
        text += "|";
        if (column.is_null(row)) {
          text += "null";
        } else if (column.type->kind() == TypeKind::timestamptz) {
          text += std::to_string(column.values_as<int64_t>()[static_cast<size_t>(row)]);
        } else if (column.type->kind() == TypeKind::float64) {
          text += shortest(column.values_as<double>()[static_cast<size_t>(row)]);
        } else if (column.type->kind() == TypeKind::string) {
          text += column.bytes_at(row);
        } else {
          text += value_text(column, row);
        }
      }
    }
  }
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// Random streams: whatever the order within the allowed disorder, the sizes of batches, the count of tasks, and kills
/// with a restore from any barrier, windows and late rows together are DuckDB's answer over all rows.
TEST(Window, IsWhatDuckDBMakesOfAllRows) {
  const int64_t size = 60 * kSecond;
  auto session = *expression::QuerySession::open();
  OperatorPool pool([&] { return window_of(window_spec(size, 30 * kSecond)); });
  const RandomCases cases = random_cases();
  int late_cases = 0;
  for (uint64_t seed = cases.first; seed < cases.first + cases.count; ++seed) {
    SCOPED_TRACE("case " + std::to_string(seed));
    RandomStream stream(seed);
    const JobOutput output = stream.run(pool, "k");
    std::vector<EventRow> in_time = stream.rows();
    const std::vector<std::string> late = sorted_texts(output.late);
    ASSERT_TRUE(late.empty() || !stream.is_ordered_enough(30 * kSecond));
    late_cases += late.empty() ? 0 : 1;
    for (const std::string& text : late) {
      const auto row = std::ranges::find_if(in_time, [&](const EventRow& one) {
        return sorted_texts({batch_of({&one, 1})})[0] == text;
      });
      ASSERT_NE(row, in_time.end()) << "a late row that never came";
      in_time.erase(row);
    }
    ASSERT_EQ(by_window(output.main), by_duckdb(*session, in_time, size));
  }
  EXPECT_GT(late_cases, static_cast<int>(cases.count / 20)) << "late rows are tried, too";
}

}  // namespace
}  // namespace weir::operators

#include "planner/state_tables.h"

#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;

std::vector<std::string> named(const std::vector<state::StepTables>& steps) {
  std::vector<std::string> names;
  for (const state::StepTables& step : steps)
    for (const state::StateTableSpec& table : step.tables) names.push_back(step.step + "/" + table.name);
  return names;
}

TEST_F(PlanTest, StateTablesAreThoseOfStepsThatRememberInTheirOrder) {
  const auto made = plan(
      "pipeline: flights\n"
      "source: {files: data, contract: flight.yaml}\n"
      "steps:\n"
      "  - {name: timed, watermark: {time: seen, disorder: 1m}}\n"
      "  - {name: late, filter: delay > 10}\n"
      "  - {name: once, dedupe: {key: [id], ttl: 1h}}\n"
      "  - {name: hours, window: {tumble: 1h}, by: [origin], aggregate: {rows: count(*)}}\n"
      "sink: {iceberg: ops.flights}\n");
  ASSERT_TRUE(made.has_value());
  const auto steps = state_tables(*made);
  ASSERT_TRUE(steps.ok()) << steps.error().to_string();
  EXPECT_THAT(named(*steps),
              ElementsAre("timed/clocks", "once/seen", "once/event_time", "hours/windows", "hours/event_time"));
}

TEST_F(PlanTest, StepsThatRememberNothingHaveNoStateTables) {
  const auto made = plan(kPipeline);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(state_tables(*made)->empty());
}

}  // namespace
}  // namespace weir::planner

#include "planner/trace.h"

#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

const std::string kFiltered =
    "pipeline: flights\n"
    "source: {files: data, contract: flight.yaml}\n"
    "steps:\n"
    "  - {name: late, filter: \"delay > 0\"}\n"
    "sink: {iceberg: ops.flights}\n";

class TraceTest : public PlanTest {
 protected:
  /// The nodes that the event came to.
  Texts reached(const std::string& event) {
    const Plan plan = good_plan(kFiltered);
    RawBatchBuilder builder;
    builder.add(event, {});
    const auto nodes = trace_events(plan, 0, builder.finish());
    EXPECT_TRUE(nodes.ok()) << nodes.error().message();
    Texts names;
    for (const TracedNode& node : *nodes) {
      if (node.stats.rows_in > 0) names.push_back(node.name);
    }
    return names;
  }
};

TEST_F(TraceTest, AnEventThatLandsReachesTheSink) {
  EXPECT_THAT(reached(R"({"id": 1, "delay": 5})"), testing::Contains("sink"));
}

TEST_F(TraceTest, AnEventThatAFilterLeavesOutEndsThere) {
  const Texts names = reached(R"({"id": 1, "delay": 0})");
  EXPECT_THAT(names, testing::Contains("late"));
  EXPECT_THAT(names, testing::Not(testing::Contains("sink")));
}

TEST_F(TraceTest, AnEventThatIsRejectedEndsBeforeTheSteps) {
  EXPECT_THAT(reached("not json"), testing::Not(testing::Contains("late")));
}

}  // namespace
}  // namespace weir::planner

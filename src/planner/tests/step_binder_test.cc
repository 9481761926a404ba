#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

class StepBinderTest : public PlanTest {
 protected:
  /// A pipeline over the source `source` whose steps stand on lines 4, 5, ... and whose sinks take what is named.
  static std::string with(const std::string& steps, const std::string& sinks = "sink: {iceberg: t.rows}\n") {
    return "pipeline: p\nsource: {files: data, contract: flight.yaml}\nsteps:\n" + steps + sinks;
  }
  static std::string marked(const std::string& steps, const std::string& sinks = "sink: {iceberg: t.rows}\n") {
    return with("  - {name: timed, watermark: seen}\n" + steps, sinks);
  }
};

TEST_F(StepBinderTest, FiveMistakesAreFiveErrors) {
  EXPECT_THAT(
      errors("pipeline: p\n"
             "source: {files: data, contract: flight.yaml, depth_max: 0}\n"
             "steps:\n"
             "  - {name: timed, watermark: {time: sene}}\n"
             "  - {name: late, filter: \"dealy > 0\"}\n"
             "  - {name: once, dedupe: {key: [idd], ttl: 1h}}\n"
             "  - {name: shaped, select: [origin, \"delay / 60 as hours\"]}\n"
             "sink: {from: shapd, iceberg: {table: ops.flights, partition: [origin]}}\n"),
      ElementsAre(HasSubstr("2:57: source.depth_max: expected at least 1"),
                  HasSubstr("4:37: steps[0].watermark.time: there is no column 'sene' here; did you mean 'seen'"),
                  HasSubstr("5:27: steps[1].filter: "),
                  HasSubstr("6:33: steps[2].dedupe.key[0]: there is no column 'idd' here; did you mean 'id'"),
                  HasSubstr("8:14: sink.from: there is no source or step 'shapd' above; did you mean 'shaped'")));
}

TEST_F(StepBinderTest, OneMistakeIsOneError) {
  // Everything below takes what the wrong step would have yielded.
  EXPECT_THAT(errors(marked("  - {name: shaped, select: [\"idd as key\", seen, delay]}\n"
                            "  - {name: once, dedupe: {key: key, ttl: 1h}}\n"
                            "  - {name: counts, window: {tumble: 1h}, by: key, aggregate: {n: count(*)}}\n"
                            "  - {name: some, filter: \"n > 1\"}\n",
                            "sinks:\n"
                            "  a: {iceberg: {table: t.a, partition: [bucket(4, key)]}}\n"
                            "  b: {from: counts.late, iceberg: t.b}\n"
                            "  c: {from: once.late, iceberg: t.c}\n")),
              ElementsAre(HasSubstr("steps[1].select[0]")));
}

TEST_F(StepBinderTest, AStepWithStateSaysItsKeyAndItsOutputs) {
  const Plan plan =
      good_plan(marked("  - {name: once, dedupe: {key: [origin, id], ttl: 24h}}\n"
                       "  - {name: delays, window: {tumble: 5m}, by: [origin], aggregate: {n: count(*)}}\n",
                       "sinks: {a: {iceberg: t.a}, b: {from: delays.late, iceberg: t.b}}\n"));
  ASSERT_THAT(plan.steps, SizeIs(3));
  EXPECT_EQ(plan.steps[0].operators[0].bound.key, std::nullopt);
  EXPECT_THAT(plan.steps[1].operators[0].bound.key, Optional(ElementsAre(1, 0)));
  EXPECT_THAT(plan.steps[2].operators[0].bound.key, Optional(ElementsAre(1)));
  EXPECT_THAT(plan.sinks[0].input.schema->names(), ElementsAre("origin", "window_start", "window_end", "n"));
  EXPECT_EQ(plan.sinks[1].input.from, "delays");
  EXPECT_EQ(plan.sinks[1].input.output, 1);
  EXPECT_THAT(plan.sinks[1].input.schema->names(), ElementsAre("id", "origin", "delay", "seen"));
}

TEST_F(StepBinderTest, AWindowWithoutGroupsTakesAllRowsToOneTask) {
  const Plan plan = good_plan(marked("  - {name: all, window: {tumble: 5m}, aggregate: {n: count(*)}}\n"));
  EXPECT_THAT(plan.steps[1].operators[0].bound.key, Optional(IsEmpty()));
}

TEST_F(StepBinderTest, AFilterGoesBeforeWhatElseAStepIs) {
  const Plan plan =
      good_plan(marked("  - {name: n, filter: \"delay > 0\", window: {tumble: 5m}, aggregate: {n: count(*)}}\n"));
  ASSERT_THAT(plan.steps[1].operators, SizeIs(2));
  EXPECT_EQ(plan.steps[1].operators[0].name, "n.filter");
  EXPECT_EQ(plan.steps[1].operators[1].name, "n");
  EXPECT_EQ(plan.steps[1].operators[1].inputs[0].from, "n.filter");
}

TEST_F(StepBinderTest, SeveralInputsBecomeOne) {
  const Plan plan =
      good_plan(with("  - {name: some, filter: \"id = 1\"}\n"
                     "  - {name: others, from: source, filter: \"id > 1\"}\n"
                     "  - {name: all, from: [others, some]}\n"
                     "  - {name: both, from: [some, others], filter: \"id > 0\"}\n",
                     "sinks: {a: {from: all, iceberg: t.a}, b: {iceberg: t.b}}\n"));
  ASSERT_THAT(plan.steps[2].operators, SizeIs(1));
  EXPECT_EQ(plan.steps[2].operators[0].inputs[0].from, "others");
  EXPECT_EQ(plan.steps[2].operators[0].inputs[1].from, "some");
  EXPECT_EQ(plan.steps[3].operators[0].name, "both.union");
  EXPECT_EQ(plan.steps[3].operators[1].name, "both");
  EXPECT_THAT(errors(with("  - {name: few, select: [id]}\n  - {name: all, from: [few, source]}\n")),
              ElementsAre(HasSubstr("5:23: steps[1].from: input 2 has a column 'origin' that the first has not")));
}

TEST_F(StepBinderTest, EventTimeNeedsAWatermark) {
  const Texts missing = errors(with("  - {name: once, dedupe: {key: id, ttl: 1h}}\n"));
  EXPECT_THAT(missing, ElementsAre(HasSubstr("4:26: steps[0].dedupe: there is no watermark above")));
  EXPECT_THAT(errors(with("  - {name: timed, watermark: {disorder: 1s}}\n")),
              ElementsAre(HasSubstr("which column tells the time?")));
  EXPECT_THAT(errors(marked("  - {name: few, select: [id]}\n  - {name: once, dedupe: {key: id, ttl: 1h}}\n")),
              ElementsAre(HasSubstr("the column that the watermark follows is not among the columns here")));
  EXPECT_THAT(errors(with("  - {name: timed, watermark: delay}\n")),
              ElementsAre(HasSubstr("column 'delay' is int; event time is a timestamp or timestamptz")));
  EXPECT_THAT(errors(marked("  - {name: n, window: {tumble: 5m}, aggregate: {n: count(*)}}\n"
                            "  - {name: again, watermark: window_start}\n")),
              ElementsAre(HasSubstr("stands before the first step with state")));
}

TEST_F(StepBinderTest, TheContractMayNameTheTime) {
  files_["/home/flight.yaml"] = "contract: f\nevent_time: seen\ncolumns:\n  - {name: seen, type: timestamptz}\n";
  good_plan(with("  - {name: timed, watermark: {}}\n"));
}

/// A step whose rows are changes, as those of a database are.
StepKind change_maker() {
  using Spec = std::optional<bool>;
  return {.key = "changes",
          .make_spec = [] { return std::make_shared<Spec>(); },
          .is_given = [](const void* spec) { return static_cast<const Spec*>(spec)->has_value(); },
          .describe = [](config::Description& step,
                         void* spec) { step.field("changes", *static_cast<Spec*>(spec)).doc("x"); },
          .bind =
              [](const void*, StepContext& context) {
                Stream output = context.inputs.front();
                output.has_changes = true;
                return BoundStep{.outputs = {output}};
              }};
}

TEST_F(StepBinderTest, ChangesComeOnlyToStepsThatKnowWhatTheyAre) {
  kinds_.steps.add(change_maker());
  const std::string maker = "  - {name: c, changes: true}\n";
  EXPECT_THAT(errors(marked(maker + "  - {name: few, filter: \"id > 0\", select: [id]}\n")),
              ElementsAre(HasSubstr("sink: its rows are changes (updates and removals)")));
  EXPECT_THAT(errors(marked(maker + "  - {name: once, dedupe: {key: id, ttl: 1h}}\n")),
              ElementsAre(HasSubstr("steps[2]: its rows are changes (updates and removals) of a database, and 'dedupe' "
                                    "takes rows that stay as they are")));
}

TEST_F(StepBinderTest, KeysOfAKindAreForItsStepsAlone) {
  EXPECT_THAT(errors(marked("  - {name: x, filter: \"id > 0\", by: [origin]}\n")),
              ElementsAre(HasSubstr("5:37: steps[1].by: 'by' says more about 'window', which is missing here")));
  EXPECT_THAT(errors(marked("  - {name: x, select: [id], dedupe: {key: id, ttl: 1h}}\n")),
              ElementsAre(HasSubstr("'select' and 'dedupe' exclude each other")));
  EXPECT_THAT(
      errors(with("  - {name: x}\n")),
      ElementsAre(HasSubstr("4:5: steps[0]: one of 'filter', 'select', 'watermark', 'dedupe' or 'window' is needed")));
  EXPECT_THAT(errors(marked("  - {name: x, window: {tumble: 5m}}\n")),
              ElementsAre(HasSubstr("needs the key 'aggregate'")));
}

TEST_F(StepBinderTest, WrongAggregatesAreSaidEachInItsPlace) {
  EXPECT_THAT(errors(marked("  - name: x\n    window: {tumble: 5m}\n    by: [orign]\n    aggregate:\n"
                            "      n: cuont(*)\n      m: avg(dely)\n      ok: count(*)\n")),
              ElementsAre(HasSubstr("7:10: steps[1].by[0]: there is no column 'orign' here; did you mean 'origin'?")));
  EXPECT_THAT(
      errors(marked("  - name: x\n    window: {tumble: 5m}\n    aggregate:\n"
                    "      n: cuont(*)\n      m: avg(dely)\n      ok: count(*)\n")),
      ElementsAre(
          HasSubstr(
              "8:10: steps[1].aggregate.n: 'cuont' is none of count, sum, avg, min and max; did you mean 'count'?"),
          HasSubstr("9:10: steps[1].aggregate.m: ")));
}

TEST_F(StepBinderTest, AnOutputThatIsNotThereIsAnErrorWithThoseThatAre) {
  EXPECT_THAT(errors(marked("  - {name: once, dedupe: {key: id, ttl: 1h}}\n",
                            "sinks: {a: {from: once.lte, iceberg: t.a}, b: {iceberg: t.b}}\n")),
              ElementsAre(HasSubstr("'once' has no output 'lte'; it has 'once.late'")));
  EXPECT_THAT(errors(with("  - {name: some, filter: \"id > 1\"}\n",
                          "sinks: {a: {from: some.late, iceberg: t.a}, b: {iceberg: t.b}}\n")),
              ElementsAre(HasSubstr("'some' has no output 'late'; it has none beside its rows")));
}

TEST_F(StepBinderTest, WhoseLateRowsAloneAreTakenLosesTheOthers) {
  EXPECT_THAT(
      errors(marked("  - {name: once, dedupe: {key: id, ttl: 1h}}\n", "sink: {from: once.late, iceberg: t.a}\n")),
      ElementsAre(HasSubstr("no step and no sink takes the step 'once'")));
}

}  // namespace
}  // namespace weir::planner

#include "planner/case_runner.h"

#include "planner/tests/plan_fixture.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const std::string kTested =
    "pipeline: flights\n"
    "source: {files: data, contract: flight.yaml}\n"
    "steps:\n"
    "  - {name: late, filter: \"delay > 0\", select: [id, origin, \"delay * 2 as twice\", seen]}\n"
    "sink: {iceberg: ops.flights}\n"
    "tests: tests.yaml\n";

class CaseRunnerTest : public PlanTest {
 protected:
  /// Runs the cases of `tests` against `pipeline`: "name: difference | difference" of each.
  Texts run(const std::string& tests, const std::string& pipeline = kTested, const Texts& names = {}) {
    files_["/home/tests.yaml"] = tests;
    const Plan plan = good_plan(pipeline);
    const auto outcomes = run_pipeline_tests(plan, names, environment(), diagnostics_);
    if (!outcomes) return messages();
    Texts texts;
    for (const CaseOutcome& outcome : *outcomes) {
      std::string text = outcome.name + ":";
      for (const std::string& difference : outcome.differences) text += " | " + difference;
      texts.push_back(text);
    }
    return texts;
  }
};

TEST_F(CaseRunnerTest, ACaseThatHoldsHasNoDifferences) {
  EXPECT_THAT(run("cases:\n"
                  "  - name: good\n"
                  "    events:\n"
                  "      - {id: 1, origin: JFK, delay: 5, seen: \"2014-01-02T03:04:05Z\"}\n"
                  "      - {id: 2, delay: 0}\n"
                  "      - '{\"id\": 3, \"delay\": 7}'\n"
                  "      - not json\n"
                  "      - {id: 5, origin: LONG, delay: 1}\n"
                  "    rows:\n"
                  "      - {id: 1, origin: JFK, twice: 10, seen: \"2014-01-02T03:04:05Z\"}\n"
                  "      - {id: 3, origin: null}\n"
                  "    rejects:\n"
                  "      - {event: 4, class: malformed}\n"
                  "      - {event: 5, rule: origin_length, column: origin}\n"),
              ElementsAre("good:"));
}

TEST_F(CaseRunnerTest, AWindowIsClosedByAnEventThatIsLateEnough) {
  const std::string pipeline =
      "pipeline: flights\n"
      "sources: {one: {files: data, contract: flight.yaml}, other: {files: data, contract: flight.yaml}}\n"
      "steps:\n"
      "  - {name: all, from: [one, other]}\n"
      "  - {name: timed, watermark: {time: seen, disorder: 0s}}\n"
      "  - {name: counts, window: {tumble: 1h}, by: origin, aggregate: {flights: count(*)}}\n"
      "sink: {iceberg: ops.counts}\n"
      "tests: tests.yaml\n";
  EXPECT_THAT(run("cases:\n"
                  "  - name: hourly\n"
                  "    source: one\n"
                  "    events:\n"
                  "      - {id: 1, origin: JFK, seen: \"2014-01-02T03:04:05Z\"}\n"
                  "      - {id: 2, origin: JFK, seen: \"2014-01-02T03:59:59Z\"}\n"
                  "      - {id: 3, origin: JFK, seen: \"2014-01-02T04:00:00Z\"}\n"
                  "    rows:\n"
                  "      - {origin: JFK, window_start: \"2014-01-02T03:00:00Z\", flights: 2}\n",
                  pipeline),
              ElementsAre("hourly:"));
}

TEST_F(CaseRunnerTest, EveryDifferenceIsSaid) {
  EXPECT_THAT(
      run("cases:\n"
          "  - name: bad\n"
          "    events: [{id: 1, delay: 5}, {id: 2, delay: 6}, {id: x}]\n"
          "    rows: [{id: 1, twice: 11, nope: 1}]\n"
          "    rejects: [{event: 2}]\n"),
      ElementsAre("bad: | sink 'sink', row 1: twice is 10, expected 11 | sink 'sink', row 1: there is no column "
                  "'nope' | sink 'sink' got 2 rows, expected 1 | event 3 was rejected: wrong_type: expected long, "
                  "got the text 'x' | event 2 was not rejected"));
}

TEST_F(CaseRunnerTest, ARejectForAnotherReasonIsADifference) {
  const std::string event = "cases:\n  - name: c\n    events: [{id: x}]\n    rejects: ";
  EXPECT_THAT(run(event + "[{event: 1, class: malformed}]\n"),
              ElementsAre(HasSubstr("event 1 was rejected for another reason: wrong_type")));
  EXPECT_THAT(run(event + "[{event: 1, class: wrong_type, column: origin}]\n"),
              ElementsAre(HasSubstr("another reason")));
  EXPECT_THAT(run(event + "[{event: 1, rule: some}]\n"), ElementsAre(HasSubstr("another reason")));
  EXPECT_THAT(run(event + "[{event: 1}]\n"), ElementsAre("c:"));
}

TEST_F(CaseRunnerTest, RowsThatAreMissingAreCounted) {
  EXPECT_THAT(run("cases:\n  - name: c\n    events: [{id: 1, delay: 0}]\n    rows: [{id: 1}]\n"),
              ElementsAre("c: | sink 'sink' got 0 rows, expected 1"));
  EXPECT_THAT(run("cases:\n  - name: c\n    events: [{id: 1, delay: 0}]\n    rejects: []\n"), ElementsAre("c:"))
      << "rows are not compared";
}

TEST_F(CaseRunnerTest, ValuesOfEveryTypeAreCompared) {
  files_["/home/flight.yaml"] =
      "contract: f\n"
      "columns:\n"
      "  - {name: b, type: boolean}\n"
      "  - {name: f, type: float}\n"
      "  - {name: d, type: double}\n"
      "  - {name: p, type: \"decimal(9, 2)\"}\n"
      "  - {name: day, type: date}\n"
      "  - {name: clock, type: time}\n"
      "  - {name: u, type: uuid}\n"
      "  - {name: x, type: binary}\n"
      "  - {name: st, type: struct, fields: [{name: a, type: int}, {name: b, type: int}]}\n"
      "  - {name: l, type: list, element: int}\n"
      "  - {name: m, type: map, value: int}\n";
  const std::string pipeline =
      "pipeline: p\nsource: {files: data, contract: flight.yaml}\nsink: {iceberg: a.b}\ntests: tests.yaml\n";
  const std::string value =
      "{b: true, f: 0.5, d: 1.5, p: 12.50, day: 2014-01-02, clock: \"03:04:05\", u: "
      "f79c3e09-677c-4bbd-a479-3f349cb785e7, "
      "x: AAEC, st: {a: 1, b: 2}, l: [1, null], m: {k: 1}}";
  const std::string event = "cases:\n  - name: c\n    events: [" + value + "]\n    rows: ";
  EXPECT_THAT(run(event + "[" + value + "]\n", pipeline), ElementsAre("c:"));
  EXPECT_THAT(run(event + "[{st: {a: 1}}]\n", pipeline), ElementsAre("c:")) << "fields that are left out";
  for (const char* wrong : {"b: false", "f: 0.25", "d: 1", "p: 12.51", "day: 2014-01-03", "clock: \"03:04:06\"",
                            "u: f79c3e09-677c-4bbd-a479-3f349cb785e8", "x: AAED", "st: {a: 2}", "st: {c: 1}",
                            "st: null", "l: [1]", "l: [1, 2]", "m: {k: 2}", "m: {}", "m: {j: 1}", "d: text"}) {
    EXPECT_THAT(run(event + "[{" + wrong + "}]\n", pipeline), ElementsAre(HasSubstr(", expected "))) << wrong;
  }
}

TEST_F(CaseRunnerTest, SeveralSinksAreComparedByName) {
  const std::string pipeline =
      "pipeline: p\nsource: {files: data, contract: flight.yaml}\nsteps: [{name: s, filter: \"id > 1\"}]\n"
      "sinks: {all: {from: source, iceberg: t.a}, some: {iceberg: t.s}}\ntests: tests.yaml\n";
  const std::string events = "cases:\n  - name: c\n    events: [{id: 1}, {id: 2}]\n";
  EXPECT_THAT(run(events + "    sinks: {all: [{id: 1}, {id: 2}], some: [{id: 2}]}\n", pipeline), ElementsAre("c:"));
  EXPECT_THAT(run(events + "    sinks: {some: [{id: 3}], none: []}\n", pipeline),
              ElementsAre("c: | sink 'some', row 1: id is 2, expected 3 | the pipeline has no sink 'none'"));
  EXPECT_THAT(run(events + "    rows: []\n", pipeline),
              ElementsAre("c: | `rows` is for pipelines with one sink; use `sinks`"));
}

TEST_F(CaseRunnerTest, CsvCasesGiveTheirHeader) {
  const std::string pipeline =
      "pipeline: p\nsource: {files: data, format: csv, contract: flight.yaml}\nsink: {iceberg: t.a}\ntests: "
      "tests.yaml\n";
  EXPECT_THAT(run("cases:\n  - name: c\n    header: \"origin,id\"\n    events: ['JFK,1', '\"a\",b']\n"
                  "    rows: [{id: 1, origin: JFK}]\n    rejects: [{event: 2, class: wrong_type}]\n",
                  pipeline),
              ElementsAre("c:"));
  EXPECT_THAT(run("cases:\n  - name: c\n    events: ['JFK,1']\n    rows: []\n", pipeline),
              ElementsAre(HasSubstr("'source': the CSV header is missing")));
}

TEST_F(CaseRunnerTest, ARuleThatFailsStopsTheCaseAndSaysSo) {
  files_["/home/flight.yaml"] = kContract + "rules: [{name: never, sql: \"id < 5\", action: fail}]\n";
  EXPECT_THAT(run("cases:\n  - name: c\n    events: [{id: 7}]\n    rows: []\n"),
              ElementsAre(HasSubstr("'source', partition 0, offset 0 breaks rule 'never'")));
}

TEST_F(CaseRunnerTest, CasesCanBeChosenByName) {
  const std::string two =
      "cases:\n  - {name: one, events: [{id: 1}], rows: []}\n  - {name: two, events: [{id: x}], rows: []}\n";
  EXPECT_THAT(run(two), SizeIs(2));
  EXPECT_THAT(run(two, kTested, {"one"}), ElementsAre("one:"));
  EXPECT_THAT(run(two, kTested, {"three"}), IsEmpty());
}

TEST_F(CaseRunnerTest, EachCaseBeginsAnew) {
  const std::string twice = "    events: [{id: 1, delay: 1}]\n    rows: [{id: 1}]\n";
  EXPECT_THAT(run("cases:\n  - name: one\n" + twice + "  - name: two\n" + twice), ElementsAre("one:", "two:"));
}

TEST_F(CaseRunnerTest, ErrorsInTestFilesAreDiagnosticsWithTheirPlace) {
  EXPECT_THAT(run("cases:\n  - {name: one, evnts: [{id: 1}]}\n"),
              testing::Contains(HasSubstr("unknown key 'evnts'; did you mean 'events'?")));
  EXPECT_THAT(run("cases: []\n"), ElementsAre(StartsWith("/home/tests.yaml:1:8: cases: ")));
  EXPECT_THAT(run("cases: [\n"), SizeIs(1));
  EXPECT_THAT(run("cases: [{name: c, source: nope, events: [{id: 1}], rows: []}]\n"),
              ElementsAre(HasSubstr("the pipeline has no source 'nope'")));
}

TEST_F(CaseRunnerTest, OfSeveralSourcesACaseNamesOne) {
  const std::string pipeline =
      "pipeline: p\nsources: {a: {files: data, contract: flight.yaml}, b: {files: data, contract: flight.yaml}}\n"
      "sinks: {a: {from: a, iceberg: t.a}, b: {from: b, iceberg: t.b}}\ntests: tests.yaml\n";
  EXPECT_THAT(run("cases: [{name: c, source: b, events: [{id: 1}], sinks: {a: [], b: [{id: 1}]}}]\n", pipeline),
              ElementsAre("c:"));
  EXPECT_THAT(run("cases: [{name: c, events: [{id: 1}], rows: []}]\n", pipeline),
              ElementsAre(HasSubstr("the pipeline has several sources: say with `source`")));
}

TEST_F(CaseRunnerTest, TheSchemaOfTestFilesNamesTheirKeys) {
  for (const char* key : {"cases", "events", "rows", "sinks", "rejects", "header"})
    EXPECT_THAT(test_file_schema(), HasSubstr("\"" + std::string(key) + "\""));
}

}  // namespace
}  // namespace weir::planner

#include "cli/output/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

planner::Plan plan() {
  auto contract = std::make_shared<contract::Contract>();
  contract->rules.push_back({.name = "odd", .action = contract::RuleAction::warn});
  contract->rules.push_back({.name = "short", .action = contract::RuleAction::reject});
  planner::Plan plan;
  plan.pipeline = "flights";
  plan.catalog.warehouse = "/w";
  plan.sources.push_back({.name = "source",
                          .events = {},
                          .bound = {.nothing_there = "source 'clicks' has no events yet"},
                          .contract = std::move(contract)});
  plan.dead_letter.table = *lake::TableIdentifier::parse("ops.flights_dead_letter");
  return plan;
}

runtime::RunSummary summary() {
  runtime::RunSummary summary;
  summary.status = {.events = 1500,
                    .bytes = 2'500'000,
                    .rows_committed = 1390,
                    .rejects_committed = 10,
                    .commits = 2,
                    .nodes = {"source"},
                    .node_stats = {{.rows_in = 1500, .rows_out = 1490, .rejected = 10, .cpu_ns = 2'000'000}}};
  summary.tables = {
      {.sink = "sink", .table = "ops.flights", .snapshot_id = 77, .rows = 1390, .files = 2, .bytes = 5000},
      {.sink = "empty", .table = "ops.none"}};
  summary.counters = {{{.kind = CounterKind::rows_dropped}, 60},
                      {{.kind = CounterKind::filter_removed, .name = "late"}, 40},
                      {{.kind = CounterKind::rejected, .reject_class = RejectClass::wrong_type}, 4},
                      {{.kind = CounterKind::rejected, .name = "short", .reject_class = RejectClass::rule}, 6},
                      {{.kind = CounterKind::rule_broken, .name = "odd"}, 3},
                      {{.kind = CounterKind::rule_broken, .name = "short"}, 6}};
  summary.progress.sources["source"].partitions["a.ndjson"] = {.next = 1500};
  return summary;
}

TEST(RunReport, SaysWhichRowsWereThereBeforeOrCameTooLate) {
  runtime::RunSummary run = summary();
  run.counters = {{{.kind = CounterKind::dedupe_removed, .name = "once"}, 1200},
                  {{.kind = CounterKind::late, .name = "totals"}, 3}};
  EXPECT_THAT(run_report_text(plan(), run, {}, 1250), HasSubstr("  1,390 rows landed\n"
                                                                "  1,200 left out because their key was there before\n"
                                                                "  3 too late for 'totals'\n"));
}

TEST(RunReport, SaysWhereEveryEventWent) {
  EXPECT_EQ(run_report_text(plan(), summary(), {}, 1250),
            "1,500 events read (2.5 MB) in 1.2 s, 2 commits\n"
            "  1,390 rows landed\n"
            "  100 left out by filters and rules\n"
            "  10 rejected, kept in ops.flights_dead_letter:\n"
            "    6  rule short\n"
            "    4  wrong_type\n"
            "  landed with a warning:\n"
            "    3  rule odd\n"
            "table         rows  files  bytes   snapshot\n"
            "ops.flights  1,390      2  5.0 kB        77\n"
            "in the warehouse /w\n");
}

TEST(RunReport, SaysThatThereWasNothingNew) {
  runtime::RunSummary nothing;
  nothing.status.ready = true;
  nothing.progress.sources["source"].partitions["t/0"] = {.next = 7};
  EXPECT_EQ(run_report_text(plan(), nothing, {}, 10), "nothing new since the last commit\n");
  nothing.recovered_epochs = 1;
  nothing.abandoned_epoch = true;
  const std::string text = run_report_text(plan(), nothing, {}, 10);
  EXPECT_THAT(text, HasSubstr("completed 1 commit of an earlier run\n"));
  EXPECT_THAT(text, HasSubstr("the next start reads them again\n"));
}

TEST(RunReport, SaysWhatHasNeverHadAnEvent) {
  planner::Plan two = plan();
  two.sources.push_back(two.sources.front());
  two.sources[0].bound = {.files = SourceFiles{}, .nothing_there = "no file was found at /data/*.ndjson"};
  two.sources[1].name = "clicks";
  runtime::RunSummary nothing;
  EXPECT_EQ(run_report_text(two, nothing, {}, 10), "nothing was read\n") << "stopped before the sources were open";
  nothing.status.ready = true;
  nothing.progress.sources["clicks"].partitions["t/0"] = {.next = 0};
  EXPECT_EQ(run_report_text(two, nothing, {}, 10),
            "no file was found at /data/*.ndjson\nsource 'clicks' has no events yet\n");
  nothing.progress.sources["clicks"].partitions["t/0"] = {.next = 1};
  EXPECT_EQ(run_report_text(two, nothing, {}, 10),
            "no file was found at /data/*.ndjson\nnothing new since the last commit\n");
}

TEST(RunReport, NothingRejectedIsSaidInALine) {
  runtime::RunSummary clean = summary();
  clean.status.rejects_committed = 0;
  clean.counters.clear();
  const std::string text = run_report_text(plan(), clean, {}, 10);
  EXPECT_THAT(text, HasSubstr("\n  0 rejected\n"));
  EXPECT_THAT(text, Not(HasSubstr("left out")));
  EXPECT_THAT(text, Not(HasSubstr("warning")));
}

TEST(RunReport, IsOneObjectForMachines) {
  const std::string text = run_report_json(plan(), summary(), {}, 1250);
  ASSERT_TRUE(text.ends_with("}\n"));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["events"], 1500);
  EXPECT_EQ(json["rows_landed"], 1390);
  EXPECT_EQ(json["left_out"], 100);
  EXPECT_EQ(json["took_ms"], 1250);
  EXPECT_EQ(json["tables"][0]["snapshot"], 77);
  EXPECT_EQ(json["steps"][0]["cpu_ms"], 2.0);
  EXPECT_EQ(json["progress"]["sources"]["source"]["p"].size(), 1U) << json["progress"];
}

TEST(RunReport, FilesThatAreLeftAreNamedTheFirstFew) {
  runtime::RunSummary nothing;
  nothing.status.ready = true;
  EXPECT_EQ(run_report_text(plan(), nothing, {"/in/a.csv"}, 10),
            "1 file left to a later run, changed too lately (`settle`): /in/a.csv\n");
  EXPECT_EQ(run_report_text(plan(), nothing, {"1", "2", "3", "4", "5", "6"}, 10),
            "6 files left to a later run, changed too lately (`settle`): 1, 2, 3, 4, 5, ...\n");
}

}  // namespace
}  // namespace weir::cli

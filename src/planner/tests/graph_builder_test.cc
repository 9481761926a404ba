#include <deque>

#include "columnar/value_text.h"
#include "dataflow/tests/fakes.h"
#include "planner/graph_builder_internal.h"
#include "planner/tests/plan_fixture.h"
#include "runtime/task/deployment.h"

namespace weir::planner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

/// Keeps the first column of every row as text.
class TextWriter final : public SinkWriter {
 public:
  explicit TextWriter(Texts& rows) : rows_(rows) {}
  Result<void> write(const Batch& batch) override {
    const Batch dense = batch.compact();
    for (int64_t row = 0; row < dense.rows(); ++row) rows_.push_back(value_text(dense.column(0), row));
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string("part")); }
  int64_t memory_bytes() const override { return 0; }

 private:
  Texts& rows_;
};

/// Keeps "source topic class rule" of the dead letter's rows.
class TextRejects final : public SinkWriter {
 public:
  explicit TextRejects(Texts& rejects) : rejects_(rejects) {}
  Result<void> write(const Batch& batch) override {
    const auto text = [&](std::string_view name, int64_t row) {
      const Column& column = batch.column(static_cast<size_t>(batch.schema()->find(name)));
      return column.is_null(row) ? std::string() : std::string(column.bytes_at(row));
    };
    for (int64_t row = 0; row < batch.rows(); ++row) {
      rejects_.push_back(text("source", row) + " " + text("topic", row) + " " + text("error_class", row) + " " +
                         text("rule", row));
    }
    return {};
  }
  Result<Pending<std::string>> prepare() override { return Pending<std::string>(std::string("rejects")); }
  int64_t memory_bytes() const override { return 0; }

 private:
  Texts& rejects_;
};

/// Yields what it is given.
class GivenReader final : public QuietReader {
 public:
  explicit GivenReader(std::deque<std::shared_ptr<const RawBatch>> given) : given_(std::move(given)) {}
  Result<Poll> poll() override {
    if (given_.empty()) return Poll{.state = Poll::State::finished};
    const Poll poll{.state = Poll::State::events, .events = given_.front()};
    given_.pop_front();
    return poll;
  }

 private:
  std::deque<std::shared_ptr<const RawBatch>> given_;
};

class GraphBuilderTest : public PlanTest {
 protected:
  GraphEnds ends(const Plan& plan) {
    GraphEnds ends;
    ends.intakes = make_intakes(plan, [this](std::string_view source, std::string_view note) {
      notes_.push_back(std::string(source) + ": " + std::string(note));
    });
    ends.source_of = [this](const PlannedSource& source) {
      return std::make_shared<FakeSource>(
          [given = given_[source.name]](int) { return std::make_unique<GivenReader>(given); });
    };
    ends.make_sink = [this](const std::string& name, const SchemaPtr&,
                            const WriterStart&) -> Result<std::unique_ptr<SinkWriter>> {
      if (name == kDeadLetterSink) return std::unique_ptr<SinkWriter>(std::make_unique<TextRejects>(rejects_));
      return std::unique_ptr<SinkWriter>(std::make_unique<TextWriter>(rows_[name]));
    };
    return ends;
  }

  /// One epoch of all that is given.
  EpochResult run(const Plan& plan) {
    auto tasks =
        runtime::deploy(build_graph(plan, ends(plan)), {}, runtime::system_threads(), runtime::no_writer_context);
    EXPECT_TRUE(tasks.ok());
    runtime::Task& task = *tasks->front().task;
    while (true) {
      const Result<runtime::Task::Step> step = task.step(0, true);
      EXPECT_TRUE(step.ok());
      if (!step.ok() || step->outcome == runtime::Task::Outcome::finished) break;
    }
    EpochResult epoch{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
    EXPECT_TRUE(task.barrier(epoch).ok());
    EXPECT_TRUE(task.take_parts(epoch).value());
    return epoch;
  }

  static std::shared_ptr<const RawBatch> events(const std::string& source, const Texts& lines,
                                                std::string_view header = {}) {
    const auto split = std::make_shared<const Split>(Split{.source = source, .topic = source + ".file"});
    RawBatchBuilder builder;
    builder.set_context(header);
    for (const std::string& line : lines)
      builder.add(line, {.split = &split, .offset = static_cast<int64_t>(builder.size())});
    return builder.finish();
  }

  std::map<std::string, std::deque<std::shared_ptr<const RawBatch>>> given_;  ///< by source
  std::map<std::string, Texts> rows_;
  Texts rejects_;
  Texts notes_;
};

const std::string kFlow =
    "pipeline: p\n"
    "sources:\n"
    "  left: {files: data, contract: flight.yaml, depth_max: 2}\n"
    "  right: {files: {path: data, delimiter: \";\"}, format: csv, contract: flight.yaml, event_max: 20B}\n"
    "steps:\n"
    "  - {name: late, from: left, filter: \"delay > 0\"}\n"
    "  - {name: shaped, select: [\"id * 2 as twice\"]}\n"
    "  - {name: both, from: right, filter: \"id > 1\", select: [origin]}\n"
    "sinks:\n"
    "  all: {from: left, iceberg: t.everything}\n"
    "  shaped: {from: shaped, iceberg: t.shaped}\n"
    "  right: {from: both, iceberg: t.r}\n";

TEST_F(GraphBuilderTest, NodesAreSourcesWithDecodeAndRulesThenStepsThenSinks) {
  const Plan plan = good_plan(kFlow);
  Texts names;
  for (const LogicalNode& node : build_graph(plan, ends(plan)).nodes) names.push_back(node.name);
  EXPECT_THAT(
      names, ElementsAre("left", "left.decode", "left.validate", "right", "right.decode", "right.validate", "late",
                         "shaped", "both.filter", "both", "all", "shaped", "right", "dead_letter.rows", "dead_letter"));
}

TEST_F(GraphBuilderTest, EventsFlowToEverySinkThatHangsOnTheirSource) {
  given_["left"] = {events("left", {R"({"id": 1, "delay": 5})", R"({"id": 2, "delay": 0})", R"({"id": "x"})",
                                    R"({"id": 3, "origin": "LONG", "delay": 1})", R"({"id": 4, "x": [[1]]})"})};
  given_["right"] = {events("right", {"1;JFK", "2;LAX", "3;SFO;", "4;AAAAAAAAAAAAAAAAAAAAAAAAA"}, "id;origin")};
  const Plan plan = good_plan(kFlow);
  const EpochResult epoch = run(plan);
  EXPECT_THAT(rows_, UnorderedElementsAre(Pair("all", ElementsAre("1", "2")), Pair("shaped", ElementsAre("2")),
                                          Pair("right", ElementsAre("'LAX'"))));
  EXPECT_THAT(rejects_,
              ElementsAre("left left.file wrong_type ", "left left.file too_deep ", "left left.file rule origin_length",
                          "right right.file wrong_columns ", "right right.file too_large "));
  EXPECT_THAT(epoch.parts,
              UnorderedElementsAre(Pair("all", ElementsAre("part")), Pair("shaped", ElementsAre("part")),
                                   Pair("right", ElementsAre("part")), Pair("dead_letter", ElementsAre("rejects"))));
  EXPECT_EQ(to_texts(epoch.counters).at("filter.late.removed"), 1);
  EXPECT_EQ(to_texts(epoch.counters).at("filter.both.removed"), 1);
  EXPECT_EQ(to_texts(epoch.counters).at("reject.rule.origin_length"), 1);
}

TEST_F(GraphBuilderTest, NotesOfTheDecoderComeWithTheSourcesName) {
  given_["right"] = {events("right", {"1;x"}, "id;surprise")};
  const Plan plan = good_plan(kFlow);
  run(plan);
  EXPECT_THAT(notes_,
              ElementsAre(HasSubstr("right: the CSV header lacks"), HasSubstr("the field 'surprise' is not in")));
}

TEST_F(GraphBuilderTest, WhatAnEndCannotDoIsTheErrorOfItsNode) {
  const Plan plan = good_plan(kFlow);
  GraphEnds broken = ends(plan);
  broken.make_sink = [](const std::string& name, const SchemaPtr&,
                        const WriterStart&) -> Result<std::unique_ptr<SinkWriter>> {
    return Error(ErrorKind::permission_denied, "sink " + name);
  };
  const auto deployed =
      runtime::deploy(build_graph(plan, broken), {}, runtime::system_threads(), runtime::no_writer_context);
  EXPECT_EQ(deployed.error().message(), "sink all");
}

}  // namespace
}  // namespace weir::planner

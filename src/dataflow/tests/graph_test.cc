#include "dataflow/graph.h"

#include <gtest/gtest.h>

#include "dataflow/tests/fakes.h"

namespace weir {
namespace {

/// Moves only when a node works.
class ManualCpuClock final : public CpuClock {
 public:
  int64_t thread_cpu_ns() const override { return now_ns; }
  int64_t now_ns = 0;
};

SchemaPtr no_columns() {
  return std::make_shared<const Schema>(std::vector<Field>());
}

class OneEvent final : public QuietSource {
 public:
  explicit OneEvent(ManualCpuClock& clock) : clock_(clock) {}
  Result<Poll> poll(int) override {
    clock_.now_ns += 1;
    RawBatchBuilder builder;
    builder.add("event", {});
    return Poll{Poll::State::events, builder.finish()};
  }

 private:
  ManualCpuClock& clock_;
};

/// Works before and after it hands on.
class Worker final : public Operator {
 public:
  explicit Worker(ManualCpuClock& clock) : clock_(clock), schema_(no_columns()) {}
  Result<void> process(const Batch& batch, Collector& out) override {
    clock_.now_ns += 10;
    WEIR_TRY(out.emit(batch));
    clock_.now_ns += 20;
    return {};
  }
  const SchemaPtr& output_schema() const override { return schema_; }

 private:
  ManualCpuClock& clock_;
  SchemaPtr schema_;
};

class Writer final : public CountingWriter {
 public:
  explicit Writer(ManualCpuClock& clock) : clock_(clock) {}
  Result<void> write(const Batch&) override {
    clock_.now_ns += 300;
    return {};
  }
  Result<std::string> prepare() override {
    clock_.now_ns += 4000;
    return std::string();
  }

 private:
  ManualCpuClock& clock_;
};

/// Rejects the first event of each batch, once for each of `entries`.
class Rejecter final : public Operator {
 public:
  explicit Rejecter(std::vector<Reject> entries) : entries_(std::move(entries)), schema_(no_columns()) {}
  Result<void> process(const Batch& batch, Collector& out) override {
    return out.reject({.raw = batch.raw(), .rejects = entries_});
  }
  const SchemaPtr& output_schema() const override { return schema_; }

 private:
  std::vector<Reject> entries_;
  SchemaPtr schema_;
};

/// What becomes of `entries` on their way through a graph.
struct Rejected {
  std::vector<Reject> kept;
  Counters counters;
};

Rejected reject(std::vector<Reject> entries) {
  Rejected rejected;
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietSource>());
  graph.add_operator("step", source, std::make_unique<Rejecter>(std::move(entries)));
  graph.set_reject_writer("dead_letter", std::make_unique<KeptRejects>(&rejected.kept));
  RawBatchBuilder events;
  events.add("event", {});
  EpochResult epoch;
  EXPECT_TRUE(graph.push(0, events.finish()).ok());
  EXPECT_TRUE(graph.barrier(epoch).ok());
  rejected.counters = std::move(epoch.counters);
  return rejected;
}

TEST(Graph, CountsTheTimeOfEachNodeWithoutWhatItHandsOnTo) {
  ManualCpuClock clock;
  Graph graph;
  graph.measure_with(clock);
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<OneEvent>(clock));
  const Graph::NodeIndex first = graph.add_operator("first", source, std::make_unique<Worker>(clock));
  const Graph::NodeIndex second = graph.add_operator("second", first, std::make_unique<Worker>(clock));
  graph.add_sink("left", second, std::make_unique<Writer>(clock));
  graph.add_sink("right", second, std::make_unique<Writer>(clock));
  graph.set_reject_writer("dead_letter", std::make_unique<KeptRejects>());

  const Result<Poll> poll = graph.poll(0, 0);
  ASSERT_TRUE(poll.ok());
  ASSERT_TRUE(graph.push(0, poll->events).ok());
  EpochResult epoch;
  ASSERT_TRUE(graph.barrier(epoch).ok());

  std::vector<int64_t> spent;
  int64_t all = 0;
  for (const NodeStats& node : graph.node_stats()) {
    spent.push_back(node.cpu_ns);
    all += node.cpu_ns;
  }
  EXPECT_EQ(spent, (std::vector<int64_t>{1, 30, 30, 4300, 4300}));
  EXPECT_EQ(all, clock.now_ns);
}

TEST(Graph, ARejectsMessageIsCutBetweenCharacters) {
  std::string message = "x";
  for (int i = 0; i < 300; ++i) message += "\xc3\xa9";
  const std::vector<Reject> kept = reject({{.message = "short"}, {.message = message}}).kept;
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].message, "short");
  EXPECT_EQ(kept[1].message, message.substr(0, kRejectMessageBytesMax - 1));
}

TEST(Graph, CountsRejectsByClassAndByTheRuleOrStepThatMadeThem) {
  const Counters counters = reject({{.reject_class = RejectClass::malformed},
                                    {.reject_class = RejectClass::rule, .rule = "a.b"},
                                    {.reject_class = RejectClass::malformed},
                                    {.reject_class = RejectClass::expression, .rule = "a.b"},
                                    {.reject_class = RejectClass::rule, .rule = "c"}})
                                .counters;
  EXPECT_EQ(
      counters,
      (Counters{{"reject.malformed", 2}, {"reject.rule.a.b", 1}, {"reject.expression.a.b", 1}, {"reject.rule.c", 1}}));
}

}  // namespace
}  // namespace weir

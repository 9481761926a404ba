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

class OneEvent final : public QuietReader {
 public:
  explicit OneEvent(ManualCpuClock& clock) : clock_(clock) {}
  Result<Poll> poll() override {
    clock_.now_ns += 1;
    RawBatchBuilder builder;
    builder.add("event", {});
    return Poll{.state = Poll::State::events, .events = builder.finish()};
  }

 private:
  ManualCpuClock& clock_;
};

/// Works before and after it hands on.
class Worker final : public Operator {
 public:
  explicit Worker(ManualCpuClock& clock) : clock_(clock), schema_(no_columns()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    clock_.now_ns += 10;
    WEIR_TRY(out.emit(batch));
    clock_.now_ns += 20;
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

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
  Result<Pending<std::string>> prepare() override {
    clock_.now_ns += 4000;
    return Pending<std::string>(std::string());
  }

 private:
  ManualCpuClock& clock_;
};

/// Rejects events of each batch, as `entries` says.
class Rejecter final : public Operator {
 public:
  explicit Rejecter(std::vector<Reject> entries) : entries_(std::move(entries)), schema_(no_columns()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_TRY(out.reject({.raw = batch.raw(), .rejects = entries_}));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::vector<Reject> entries_;
  SchemaPtr schema_;
};

/// What becomes of `entries`, of an event each, on their way through a graph.
struct Rejected {
  std::vector<Batch> kept;
  Counters counters;
};

Rejected reject(std::vector<Reject> entries) {
  Rejected rejected;
  RawBatchBuilder events;
  for (Reject& entry : entries) {
    entry.raw_index = static_cast<uint32_t>(events.size());
    events.add("event", {});
  }
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  const Graph::NodeIndex step = graph.add_operator("step", {source}, std::make_unique<Rejecter>(std::move(entries)));
  graph.add_sink("dead_letter", {step, kRejectOutput}, std::make_unique<KeptBatches>(rejected.kept));
  EpochResult epoch;
  EXPECT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  EXPECT_TRUE(graph.barrier(epoch).ok());
  rejected.counters = std::move(epoch.counters);
  return rejected;
}

TEST(Graph, CountsTheTimeOfEachNodeWithoutWhatItHandsOnTo) {
  ManualCpuClock clock;
  Graph graph;
  graph.measure_with(clock);
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<OneEvent>(clock));
  const Graph::NodeIndex first = graph.add_operator("first", {source}, std::make_unique<Worker>(clock));
  const Graph::NodeIndex second = graph.add_operator("second", {first}, std::make_unique<Worker>(clock));
  graph.add_sink("left", second, std::make_unique<Writer>(clock));
  graph.add_sink("right", second, std::make_unique<Writer>(clock));

  const Result<Poll> poll = graph.poll(0);
  ASSERT_TRUE(poll.ok());
  ASSERT_TRUE(graph.push(size_t{0}, poll->events).ok());
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
  const Column messages =
      reject({{.message = "short"}, {.message = message}}).kept.at(0).column(RejectColumn::kMessage);
  ASSERT_EQ(messages.length, 2);
  EXPECT_EQ(messages.bytes_at(0), "short");
  EXPECT_EQ(messages.bytes_at(1), message.substr(0, kRejectMessageBytesMax - 1));
}

TEST(Graph, AnEventThatComesToANodeByTwoBranchesIsRejectedThereOnceAndByEachOtherNode) {
  std::vector<Batch> kept;
  Graph graph;
  ManualCpuClock clock;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  const Graph::NodeIndex left = graph.add_operator("left", {source}, std::make_unique<Worker>(clock));
  const Graph::NodeIndex right = graph.add_operator("right", {source}, std::make_unique<Worker>(clock));
  const std::vector<Reject> first = {{.raw_index = 0, .message = "so"}};
  const Graph::NodeIndex both = graph.add_operator("both", {left, right}, std::make_unique<Rejecter>(first));
  const Graph::NodeIndex other = graph.add_operator("other", {right}, std::make_unique<Rejecter>(first));
  graph.add_sink("of_both", {both, kRejectOutput}, std::make_unique<KeptBatches>(kept));
  graph.add_sink("of_other", {other, kRejectOutput}, std::make_unique<KeptBatches>(kept));
  for (int batch = 0; batch < 2; ++batch) {
    RawBatchBuilder events;
    events.add("event", {.offset = batch});
    ASSERT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  }
  EpochResult epoch;
  ASSERT_TRUE(graph.barrier(epoch).ok());
  int64_t rows = 0;
  for (const Batch& batch : kept) rows += batch.rows();
  EXPECT_EQ(rows, 4) << "two events, two nodes";
  EXPECT_EQ(graph.rejected(), 4);
  EXPECT_EQ(epoch.counters, (Counters{{{.kind = CounterKind::rejected, .reject_class = RejectClass::malformed}, 4}}));
}

/// Emits what it was given as many times over as it was made with, one batch a call.
class Repeater final : public Operator {
 public:
  explicit Repeater(int times) : times_(times), schema_(no_columns()) {}
  Result<Step> process(InputIndex input, const Batch& batch, Collector& out) override {
    inputs.push_back(input);
    batch_ = batch;
    left_ = times_;
    return emit_more(out);
  }
  Result<Step> emit_more(Collector& out) override {
    WEIR_TRY(out.emit(batch_));
    return --left_ > 0 ? Step::more : Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

  std::vector<InputIndex> inputs;

 private:
  int times_;
  int left_ = 0;
  Batch batch_;
  SchemaPtr schema_;
};

/// Hands a batch on when it has been asked for it often enough, as one that must wait for an answer does.
class Waiter final : public Operator {
 public:
  explicit Waiter(int asks) : asks_(asks), schema_(no_columns()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector&) override {
    batch_ = batch;
    asked_ = 0;
    return Step::waiting;
  }
  Result<Step> emit_more(Collector& out) override {
    if (++asked_ < asks_) return Step::waiting;
    WEIR_TRY(out.emit(batch_));
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  int asks_;
  int asked_ = 0;
  Batch batch_;
  SchemaPtr schema_;
};

TEST(Graph, AnOperatorThatWaitsHoldsUpNobodyBesideIt) {
  std::vector<Batch> slow;
  std::vector<Batch> fast;
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  const Graph::NodeIndex waiter = graph.add_operator("waiter", {source}, std::make_unique<Waiter>(3));
  const Graph::NodeIndex repeater = graph.add_operator("repeater", {source}, std::make_unique<Repeater>(3));
  graph.add_sink("slow", waiter, std::make_unique<KeptBatches>(slow));
  graph.add_sink("fast", repeater, std::make_unique<KeptBatches>(fast));
  RawBatchBuilder events;
  events.add("event", {});
  ASSERT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  std::vector<bool> worked;
  while (graph.is_busy() && worked.size() < 10) {
    const Result<bool> step = graph.work_on();
    ASSERT_TRUE(step.ok());
    worked.push_back(*step);
    if (worked.size() == 2) {
      EXPECT_EQ(fast.size(), 3U);
    }
  }
  EXPECT_EQ(worked, (std::vector<bool>{true, true, false, false, true}));
  EXPECT_EQ(slow.size(), 1U);
}

TEST(Graph, ABarriersPartsAreTakenAsTheyCome) {
  /// Its first part is there at once, the next one after two asks.
  class SlowWriter final : public CountingWriter {
    Result<Pending<std::string>> prepare() override {
      const int wait = 2 * barriers_++;
      int asked = 0;
      return Pending<std::string>([=]() mutable -> Result<std::optional<std::string>> {
        if (asked++ < wait) return std::nullopt;
        return "part after " + std::to_string(wait);
      });
    }
    int barriers_ = 0;
  };
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  graph.add_sink("slow", source, std::make_unique<SlowWriter>());
  graph.add_sink("fast", source, std::make_unique<CountingWriter>());
  EpochResult epoch;
  ASSERT_TRUE(graph.barrier(epoch).ok());
  EXPECT_TRUE(graph.take_parts(epoch).value());
  EXPECT_EQ(epoch.parts, (std::map<std::string, std::vector<std::string>>{{"slow", {"part after 0"}}}));
  RawBatchBuilder events;
  events.add("event", {});
  ASSERT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  epoch = {};
  ASSERT_TRUE(graph.barrier(epoch).ok());
  EXPECT_FALSE(graph.take_parts(epoch).value());
  EXPECT_EQ(epoch.parts, (std::map<std::string, std::vector<std::string>>{{"fast", {"1"}}}));
  EXPECT_FALSE(graph.take_parts(epoch).value());
  EXPECT_TRUE(graph.take_parts(epoch).value());
  EXPECT_EQ(epoch.parts["slow"], std::vector<std::string>{"part after 2"});
}

TEST(Graph, AnOperatorHandsOnAllPiecesOfABatchBeforeItGetsTheNext) {
  std::vector<Batch> kept;
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  const Graph::NodeIndex outer = graph.add_operator("outer", {source}, std::make_unique<Repeater>(3));
  const Graph::NodeIndex inner = graph.add_operator("inner", {outer}, std::make_unique<Repeater>(4));
  graph.add_sink("sink", inner, std::make_unique<KeptBatches>(kept));
  RawBatchBuilder events;
  events.add("event", {});
  ASSERT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  EXPECT_EQ(kept.size(), 1U) << "the rest is handed on as there is room for it";
  while (graph.is_busy()) ASSERT_TRUE(graph.work_on().ok());
  EXPECT_EQ(kept.size(), 12U);
}

/// Notes what it is told of event time; as a maker of it, it is 5 us behind what it is told.
class TimeKeeper final : public Operator {
 public:
  explicit TimeKeeper(bool makes, std::vector<EventTime>& seen) : makes_(makes), seen_(seen), schema_(no_columns()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    WEIR_TRY(out.emit(batch));
    if (makes_) WEIR_TRY(out.advance({.watermark = batch.raw()->offset(0) - 5}));
    return Step::done;
  }
  Result<Step> on_watermark(EventTime watermark, Collector&) override {
    seen_.push_back(watermark);
    return Step::done;
  }
  bool makes_status() const override { return makes_; }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  bool makes_;
  std::vector<EventTime>& seen_;
  SchemaPtr schema_;
};

std::shared_ptr<const RawBatch> event_at(int64_t offset) {
  RawBatchBuilder builder;
  builder.add("event", {.offset = offset});
  return builder.finish();
}

TEST(Graph, AWatermarkIsTheLowestOfAllInputs) {
  std::vector<EventTime> ignored;
  std::vector<EventTime> seen;
  Graph graph;
  std::vector<Graph::Output> times;
  for (const char* name : {"left", "right"}) {
    const Graph::NodeIndex source = graph.add_source(name, std::make_unique<QuietReader>());
    times.emplace_back(graph.add_operator("time", {source}, std::make_unique<TimeKeeper>(true, ignored)));
  }
  graph.add_operator("both", times, std::make_unique<TimeKeeper>(false, seen));
  ASSERT_TRUE(graph.push(size_t{0}, event_at(100)).ok());
  EXPECT_TRUE(seen.empty()) << "the right one has promised nothing";
  ASSERT_TRUE(graph.push(size_t{1}, event_at(60)).ok());
  ASSERT_TRUE(graph.push(size_t{1}, event_at(300)).ok());
  ASSERT_TRUE(graph.push(size_t{0}, event_at(90)).ok());
  EXPECT_EQ(seen, (std::vector<EventTime>{55, 95}));
  EXPECT_TRUE(ignored.empty());
}

TEST(Graph, TheSameNodeCanFeedSeveralInputsOfAnother) {
  std::vector<Batch> kept;
  Graph graph;
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<QuietReader>());
  auto joined = std::make_unique<Repeater>(1);
  const std::vector<InputIndex>& inputs = joined->inputs;
  const Graph::NodeIndex join = graph.add_operator("join", {source, source}, std::move(joined));
  graph.add_sink("sink", join, std::make_unique<KeptBatches>(kept));
  RawBatchBuilder events;
  events.add("event", {});
  ASSERT_TRUE(graph.push(size_t{0}, events.finish()).ok());
  EXPECT_EQ(inputs, (std::vector<InputIndex>{0, 1}));
  EXPECT_EQ(kept.size(), 2U);
}

TEST(Graph, CountsRejectsByClassAndByTheRuleOrStepThatMadeThem) {
  const Counters counters = reject({{.reject_class = RejectClass::malformed},
                                    {.reject_class = RejectClass::rule, .rule = "a.b"},
                                    {.reject_class = RejectClass::malformed},
                                    {.reject_class = RejectClass::expression, .rule = "a.b"},
                                    {.reject_class = RejectClass::rule, .rule = "c"}})
                                .counters;
  EXPECT_EQ(to_texts(counters),
            (std::map<std::string, int64_t>{
                {"reject.malformed", 2}, {"reject.rule.a.b", 1}, {"reject.expression.a.b", 1}, {"reject.rule.c", 1}}));
}

}  // namespace
}  // namespace weir

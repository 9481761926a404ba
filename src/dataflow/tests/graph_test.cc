#include "dataflow/graph.h"

#include <gtest/gtest.h>

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

class OneEvent final : public Source {
 public:
  explicit OneEvent(ManualCpuClock& clock) : clock_(clock) {}
  Result<void> open(const SourceProgress*) override { return {}; }
  Result<Poll> poll(int) override {
    clock_.now_ns += 1;
    RawBatchBuilder builder;
    builder.add("event", {});
    return Poll{Poll::State::events, builder.finish()};
  }
  SourceProgress progress() const override { return {}; }
  const PartitionNames& partitions() const override { return names_; }
  SourceLag lag() const override { return {}; }
  void on_committed(const SourceProgress&) override {}

 private:
  ManualCpuClock& clock_;
  PartitionNames names_;
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

class Writer final : public SinkWriter {
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
  int64_t memory_bytes() const override { return 0; }

 private:
  ManualCpuClock& clock_;
};

class NoRejects final : public RejectWriter {
 public:
  Result<void> write(const Rejects&, const std::string&, const PartitionNames&) override { return {}; }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }
};

TEST(Graph, CountsTheTimeOfEachNodeWithoutWhatItHandsOnTo) {
  ManualCpuClock clock;
  Graph graph;
  graph.measure_with(clock);
  const Graph::NodeIndex source = graph.add_source("source", std::make_unique<OneEvent>(clock));
  const Graph::NodeIndex first = graph.add_operator("first", source, std::make_unique<Worker>(clock));
  const Graph::NodeIndex second = graph.add_operator("second", first, std::make_unique<Worker>(clock));
  graph.add_sink("left", second, std::make_unique<Writer>(clock));
  graph.add_sink("right", second, std::make_unique<Writer>(clock));
  graph.set_reject_writer("dead_letter", std::make_unique<NoRejects>());

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

}  // namespace
}  // namespace weir

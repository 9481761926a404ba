#include "runtime/task/deployment.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "columnar/column_builder.h"
#include "dataflow/tests/fakes.h"
#include "state/key_groups.h"
#include "state/key_layout.h"

namespace weir::runtime {
namespace {

SchemaPtr keyed_schema() {
  static const auto kSchema = std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{{.id = 0, .name = "key", .required = true, .type = Type::primitive(TypeKind::int64)},
                         {.id = 0, .name = "value", .required = true, .type = Type::primitive(TypeKind::int64)}}));
  return kSchema;
}

/// `count` events, their numbers as offsets; a few a poll.
class Numbers final : public QuietReader {
 public:
  Numbers(int64_t count, int reader, int readers) : count_(count), next_(reader), step_(readers) {}
  Result<Poll> poll() override {
    if (next_ >= count_) return Poll{.state = Poll::State::finished};
    RawBatchBuilder builder;
    for (int i = 0; i < 100 && next_ < count_; ++i, next_ += step_) builder.add("x", {.offset = next_});
    return Poll{.state = Poll::State::events, .events = builder.finish()};
  }

 private:
  int64_t count_;
  int64_t next_;
  int64_t step_;
};

/// Offsets to rows: the key is the offset modulo `keys`.
class MakeRows final : public Operator {
 public:
  explicit MakeRows(int64_t keys) : keys_(keys), schema_(keyed_schema()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    FixedBuilder<int64_t> key(Type::primitive(TypeKind::int64));
    FixedBuilder<int64_t> value(Type::primitive(TypeKind::int64));
    for (size_t i = 0; i < batch.raw()->size(); ++i) {
      key.append(batch.raw()->offset(i) % keys_);
      value.append(batch.raw()->offset(i));
    }
    WEIR_TRY(out.emit(Batch(schema_, {key.finish(), value.finish()}, batch.rows(), nullptr)));
    WEIR_TRY(out.advance({.watermark = batch.raw()->offset(batch.raw()->size() - 1)}));
    return Step::done;
  }
  bool makes_status() const override { return true; }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  int64_t keys_;
  SchemaPtr schema_;
};

/// Hands its input on in pieces of a row, for some of which it must wait, and remembers the watermarks.
class Piecewise final : public Operator {
 public:
  explicit Piecewise(std::vector<EventTime>* watermarks = nullptr) : watermarks_(watermarks), schema_(keyed_schema()) {}
  Result<Step> process(InputIndex, const Batch& batch, Collector& out) override {
    batch_ = batch.compact();
    next_ = 0;
    return emit_more(out);
  }
  Result<Step> emit_more(Collector& out) override {
    if (++calls_ % 3 == 0) return Step::waiting;
    WEIR_TRY(out.emit(batch_.with_selection({static_cast<int32_t>(next_)})));
    return ++next_ < batch_.rows() ? Step::more : Step::done;
  }
  Result<Step> on_watermark(EventTime watermark, Collector&) override {
    if (watermarks_ != nullptr) watermarks_->push_back(watermark);
    return Step::done;
  }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  std::vector<EventTime>* watermarks_;
  SchemaPtr schema_;
  Batch batch_;
  int64_t next_ = 0;
  int64_t calls_ = 0;
};

/// What came out: each value, with the task that wrote it and the epoch that it is of.
struct Landed {
  struct Row {
    int64_t key;
    int task;
    Epoch epoch;
  };
  std::map<int64_t, std::vector<Row>> rows;  ///< by value
  std::map<int, Epoch> epochs;               ///< the open one, by task
  std::map<int, Epoch> closed;               ///< the last one whose part was handed out, by task
};

class LandingWriter final : public SinkWriter {
 public:
  LandingWriter(Landed& landed, int task) : landed_(landed), task_(task) { landed_.epochs[task] = 1; }
  Result<void> write(const Batch& batch) override {
    const Batch dense = batch.compact();
    for (int64_t i = 0; i < dense.rows(); ++i) {
      const auto row = static_cast<size_t>(i);
      landed_.rows[dense.column(1).values_as<int64_t>()[row]].push_back(
          {dense.column(0).values_as<int64_t>()[row], task_, landed_.epochs[task_]});
    }
    return {};
  }
  Result<Pending<std::string>> prepare() override {
    const Epoch epoch = landed_.epochs[task_]++;
    int asked = 0;
    return Pending<std::string>([this, epoch, asked]() mutable -> Result<std::optional<std::string>> {
      if (++asked < 3) return std::nullopt;
      landed_.closed[task_] = epoch;
      return std::to_string(epoch);
    });
  }
  int64_t memory_bytes() const override { return 0; }

 private:
  Landed& landed_;
  int task_;
};

/// Runs tasks in a random order on this thread, as any host might.
class Runner {
 public:
  Runner(std::vector<DeployedTask> tasks, uint64_t seed) : tasks_(std::move(tasks)), random_(seed) {
    cut_.resize(tasks_.size(), 0);
    finished_.resize(tasks_.size(), false);
    closing_.resize(tasks_.size());
  }

  /// Until all sources are at their end, with a barrier now and then and one at the end. False when nothing moves.
  bool run() {
    Epoch epoch = 0;
    int idle = 0;
    while (idle < 100'000) {
      const bool is_cut = std::all_of(cut_.begin(), cut_.end(), [&](Epoch cut) { return cut == epoch; });
      if (is_cut && are_sources_finished()) {
        if (is_last_) return true;
        is_last_ = true;
        ++epoch;
      } else if (is_cut && random_.next_u64() % 50 == 0) {
        ++epoch;
      }
      idle = step(random_.next_u64() % tasks_.size(), epoch) ? 0 : idle + 1;
    }
    return false;
  }
  Epoch epochs() const { return cut_.front(); }

 private:
  bool are_sources_finished() const {
    for (size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i].task->has_sources() && !finished_[i]) return false;
    }
    return true;
  }

  bool step(size_t i, Epoch wanted) {
    Task& task = *tasks_[i].task;
    const Epoch epoch = task.has_sources() ? wanted : task.arrived_barrier();
    if (closing_[i]) {
      const Result<bool> has_all = task.take_parts(*closing_[i]);
      EXPECT_TRUE(has_all.ok());
      if (!*has_all && random_.next_u64() % 2 == 0) return true;
      if (*has_all) cut_[i] = std::exchange(closing_[i], std::nullopt)->epoch;
    }
    if (!closing_[i] && epoch != 0 && epoch != cut_[i] && task.is_aligned(epoch)) {
      EpochResult share{.epoch = epoch, .progress = {}, .parts = {}, .counters = {}};
      EXPECT_TRUE(task.barrier(share).ok());
      closing_[i] = std::move(share);
      return true;
    }
    const Result<Task::Step> step = task.step(0, !finished_[i]);
    EXPECT_TRUE(step.ok());
    if (step->outcome == Task::Outcome::finished && task.has_sources()) finished_[i] = true;
    return step->outcome == Task::Outcome::worked;
  }

  std::vector<DeployedTask> tasks_;
  SeededRandom random_;
  std::vector<Epoch> cut_;
  std::vector<bool> finished_;
  std::vector<std::optional<EpochResult>> closing_;  ///< by task: its parts are on their way
  bool is_last_ = false;
};

LogicalNode numbers(int64_t count, int readers) {
  return {.name = "numbers", .source = std::make_shared<FakeSource>([=](int reader) {
                               return std::make_unique<Numbers>(count, reader, readers);
                             })};
}
LogicalInput by(int column, int node) {
  return {.node = node, .key = std::vector<int>{column}, .schema = keyed_schema()};
}
template <typename Op, typename... Arguments>
LogicalNode node(std::string name, std::vector<LogicalInput> inputs, Arguments... arguments) {
  return {.name = std::move(name),
          .inputs = std::move(inputs),
          .make_operator = [=](TaskShare) -> Result<std::unique_ptr<Operator>> {
            return std::unique_ptr<Operator>(std::make_unique<Op>(arguments...));
          }};
}
LogicalNode landing(Landed& landed, std::vector<LogicalInput> inputs) {
  return {.name = "sink",
          .inputs = std::move(inputs),
          .make_sink = [&](const WriterStart& start) -> Result<std::unique_ptr<SinkWriter>> {
            EXPECT_EQ(start.context, "of sink");
            return std::unique_ptr<SinkWriter>(std::make_unique<LandingWriter>(landed, start.share.index));
          }};
}

/// numbers -> rows -> (by key) piecewise -> sink.
LogicalGraph keyed_graph(int readers, int64_t count, int64_t keys, Landed& landed,
                         std::vector<EventTime>* watermarks = nullptr) {
  LogicalGraph graph;
  const int source = graph.add(numbers(count, readers));
  const int rows = graph.add(node<MakeRows>("rows", {{.node = source}}, keys));
  const int keyed = graph.add(node<Piecewise>("keyed", {by(0, rows)}, watermarks));
  graph.add(landing(landed, {{.node = keyed}}));
  return graph;
}

std::vector<DeployedTask> deployed(const LogicalGraph& graph, int parallelism, int64_t channel_bytes = 1 << 20) {
  auto tasks = deploy(graph, {.parallelism = parallelism, .channel_bytes_max = channel_bytes}, system_threads(),
                      [](const std::string& sink) -> Result<std::string> { return "of " + sink; });
  EXPECT_TRUE(tasks.ok());
  return *std::move(tasks);
}

TEST(Deployment, IsOneTaskWithoutAnExchangeAtParallelismOne) {
  Landed landed;
  const auto tasks = deployed(keyed_graph(1, 10, 3, landed), 1);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].task->graph().node_names(), (std::vector<std::string>{"numbers", "rows", "keyed", "sink"}));
}

TEST(Deployment, EveryRowArrivesOnceAndRowsOfAKeyAtOneTask) {
  for (const int parallelism : {1, 2, 3, 8}) {
    Landed landed;
    Runner runner(deployed(keyed_graph(parallelism, 5000, 97, landed), parallelism),
                  static_cast<uint64_t>(parallelism));
    ASSERT_TRUE(runner.run()) << parallelism;
    EXPECT_GT(runner.epochs(), 1);
    ASSERT_EQ(landed.rows.size(), 5000U) << parallelism;
    std::map<int64_t, std::set<int>> tasks_of_key;
    for (const auto& [value, rows] : landed.rows) {
      EXPECT_EQ(rows.size(), 1U);
      EXPECT_EQ(rows[0].key, value % 97);
      tasks_of_key[rows[0].key].insert(rows[0].task);
    }
    std::set<int> busy;
    for (const auto& [key, tasks] : tasks_of_key) {
      EXPECT_EQ(tasks.size(), 1U) << key;
      busy.insert(tasks.begin(), tasks.end());
    }
    EXPECT_EQ(busy.size(), static_cast<size_t>(parallelism)) << "97 keys give each task something to do";
  }
}

TEST(Deployment, RowsOfAnEmptyKeyAllGoToTheTaskThatOwnsIt) {
  for (const int parallelism : {1, 3}) {
    Landed landed;
    LogicalGraph graph;
    const int source = graph.add(numbers(500, parallelism));
    const int rows = graph.add(node<MakeRows>("rows", {{.node = source}}, int64_t{7}));
    const LogicalInput all{.node = rows, .key = std::vector<int>(), .schema = keyed_schema()};
    graph.add(landing(landed, {{.node = graph.add(node<Piecewise>("all", {all}, nullptr))}}));
    Runner runner(deployed(graph, parallelism), 5);
    ASSERT_TRUE(runner.run());
    ASSERT_EQ(landed.rows.size(), 500U);
    const auto tasks = static_cast<uint32_t>(parallelism);
    const uint32_t owner = state::task_of_key_group(state::key_group_of(state::hash_without_key()), tasks);
    for (const auto& [value, places] : landed.rows) EXPECT_EQ(places.at(0).task, static_cast<int>(owner));
  }
}

TEST(Deployment, WatermarksBehindAnExchangeAreTheLowestOfAllTasksAndNeverStepBack) {
  Landed landed;
  std::vector<EventTime> watermarks;
  LogicalGraph graph = keyed_graph(1, 4000, 5, landed, &watermarks);
  Runner runner(deployed(graph, 1), 7);
  ASSERT_TRUE(runner.run());
  ASSERT_FALSE(watermarks.empty());
  EXPECT_TRUE(std::is_sorted(watermarks.begin(), watermarks.end()));
  EXPECT_EQ(watermarks.back(), 3999);
}

/// A stream that is split, exchanged twice and joined with itself: what one side waits for, the other must not hold.
LogicalGraph diamond(int readers, int64_t count, Landed& landed) {
  LogicalGraph graph;
  const int source = graph.add(numbers(count, readers));
  const int rows = graph.add(node<MakeRows>("rows", {{.node = source}}, int64_t{11}));
  const int left = graph.add(node<Piecewise>("left", {by(0, rows)}, nullptr));
  const int right = graph.add(node<Piecewise>("right", {by(1, rows)}, nullptr));
  const int itself =
      graph.add(node<Piecewise>("join", {by(1, left), by(0, left), by(0, right), {.node = rows}}, nullptr));
  graph.add(landing(landed, {{.node = itself}}));
  return graph;
}

TEST(Deployment, NoGraphStandsStillWithTheSmallestChannels) {
  for (const int parallelism : {2, 5, 64}) {
    Landed landed;
    const int64_t count = parallelism > 8 ? 600 : 3000;
    Runner runner(deployed(diamond(parallelism, count, landed), parallelism, 1), static_cast<uint64_t>(parallelism));
    ASSERT_TRUE(runner.run()) << parallelism;
    ASSERT_EQ(landed.rows.size(), static_cast<size_t>(count));
    for (const auto& [value, rows] : landed.rows) EXPECT_EQ(rows.size(), 4U) << value;
  }
}

}  // namespace
}  // namespace weir::runtime

#include "runtime/task/task.h"

#include <gtest/gtest.h>

#include "columnar/column_builder.h"
#include "dataflow/tests/fakes.h"

namespace weir::runtime {
namespace {

Batch row(int64_t value) {
  static const auto kSchema = std::make_shared<const Schema>(assign_ids(
      std::vector<Field>{{.id = 0, .name = "n", .required = true, .type = Type::primitive(TypeKind::int64)}}));
  FixedBuilder<int64_t> numbers(Type::primitive(TypeKind::int64));
  numbers.append(value);
  return Batch(kSchema, {numbers.finish()}, 1, nullptr);
}

std::shared_ptr<Channel> channel() {
  return std::make_shared<Channel>(
      1 << 20, [] {}, [] {});
}

/// A task that two others feed.
class FedTask : public testing::Test {
 protected:
  FedTask() {
    auto graph = std::make_unique<Graph>();
    const auto inlet = graph->add_inlet("in");
    graph->add_sink("sink", inlet, std::make_unique<KeptBatches>(kept_));
    task_ = *Task::make(std::move(graph), {{.inlet = inlet, .channels = {left_, right_}}});
  }
  void work() {
    while (task_->step(0, true)->outcome == Task::Outcome::worked) {
    }
  }
  std::vector<int64_t> seen() const {
    std::vector<int64_t> values;
    for (const Batch& batch : kept_) values.push_back(batch.column(0).values_as<int64_t>()[0]);
    return values;
  }

  std::vector<Batch> kept_;
  std::shared_ptr<Channel> left_ = channel();
  std::shared_ptr<Channel> right_ = channel();
  std::unique_ptr<Task> task_;
};

TEST_F(FedTask, TakesNothingFromBehindABarrierUntilAllHavePassedIt) {
  left_->push(row(1));
  left_->push(Barrier{.epoch = 1});
  left_->push(row(2));
  right_->push(row(10));
  work();
  EXPECT_EQ(seen(), (std::vector<int64_t>{1, 10}));
  EXPECT_EQ(task_->arrived_barrier(), 1);
  EXPECT_FALSE(task_->is_aligned(1));
  right_->push(row(11));
  right_->push(Barrier{.epoch = 1});
  work();
  EXPECT_EQ(seen(), (std::vector<int64_t>{1, 10, 11}));
  ASSERT_TRUE(task_->is_aligned(1));
  EpochResult share{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
  ASSERT_TRUE(task_->barrier(share).ok());
  work();
  EXPECT_EQ(seen(), (std::vector<int64_t>{1, 10, 11, 2}));
  EXPECT_EQ(task_->arrived_barrier(), 0);
}

/// Has no room.
class ClosedOutlet final : public Outlet {
 public:
  explicit ClosedOutlet(const bool& is_open) : is_open_(is_open) {}
  bool has_credit() const override { return is_open_; }
  Result<void> write(const Batch&) override { return {}; }
  void advance(const StreamStatus&) override {}
  void barrier(const Barrier&) override {}

 private:
  const bool& is_open_;
};

TEST(Task, TakesNothingOnWhileWhatItHandsOnHasNoRoomButPassesABarrier) {
  bool is_open = false;
  auto graph = std::make_unique<Graph>();
  const auto inlet = graph->add_inlet("in");
  graph->add_outlet("out", inlet, std::make_unique<ClosedOutlet>(is_open));
  const auto input = channel();
  const auto made = Task::make(std::move(graph), {{.inlet = inlet, .channels = {input}}});
  Task& task = **made;
  input->push(row(1));
  EXPECT_EQ(task.step(0, true)->outcome, Task::Outcome::waiting);
  EXPECT_GT(input->memory_bytes(), 0);
  is_open = true;
  EXPECT_EQ(task.step(0, true)->outcome, Task::Outcome::worked);
  EXPECT_EQ(input->memory_bytes(), 0);
}

/// One event, and with it the end of the split.
class LastEvent final : public QuietReader {
 public:
  Result<Poll> poll() override {
    if (std::exchange(is_read_, true)) return Poll{.state = Poll::State::finished};
    RawBatchBuilder builder;
    builder.add("event", {});
    return Poll{.state = Poll::State::events, .events = builder.finish(), .ended = {std::make_shared<const Split>()}};
  }

 private:
  bool is_read_ = false;
};

/// Hands nothing on and counts the splits that have ended.
class EndCounter final : public Operator {
 public:
  explicit EndCounter(size_t& ended) : ended_(ended) {}
  bool makes_status() const override { return true; }
  Result<void> on_splits(const SplitChange& change, Collector&) override {
    ended_ += change.ended.size();
    return {};
  }
  Result<Step> process(InputIndex, const Batch&, Collector&) override { return Step::done; }
  const SchemaPtr& output_schema(OutputIndex) const override { return schema_; }

 private:
  size_t& ended_;
  SchemaPtr schema_ = std::make_shared<const Schema>(std::vector<Field>());
};

TEST(Task, TellsThatASplitHasEndedBeforeItCutsTheEpochInWhichItHas) {
  size_t ended = 0;
  auto graph = std::make_unique<Graph>();
  const auto source = graph->add_source("in", std::make_unique<LastEvent>());
  graph->add_operator("count", {source}, std::make_unique<EndCounter>(ended));
  const auto made = Task::make(std::move(graph), {});
  Task& task = **made;
  ASSERT_TRUE(task.add_splits("in", {{.name = "only", .from = {}, .detail = {}}}).ok());
  while (task.totals().events == 0) ASSERT_TRUE(task.step(0, true).ok());
  EXPECT_FALSE(task.is_aligned(1)) << "a restart from here would take the split for one that goes on";
  ASSERT_TRUE(task.step(0, false).ok());
  EXPECT_TRUE(task.is_aligned(1));
  EXPECT_EQ(ended, 1U);
}

/// One event a poll, each of another of its many splits.
class ManySplits final : public QuietReader {
 public:
  ManySplits(size_t count, int& looks) : looks_(looks) {
    for (size_t i = 0; i < count; ++i)
      splits_.push_back(std::make_shared<const Split>(Split{.topic = "t", .partition = static_cast<int32_t>(i)}));
  }
  Result<Poll> poll() override {
    RawBatchBuilder builder;
    builder.add("event", {.split = &splits_[polls_++ % splits_.size()], .offset = 0});
    return Poll{.state = Poll::State::events, .events = builder.finish()};
  }
  SourceProgress progress() const override {
    ++looks_;
    SourceProgress all;
    for (const SplitPtr& split : splits_) all.partitions[std::to_string(split->partition)] = {.next = 1};
    return all;
  }

 private:
  int& looks_;
  std::vector<SplitPtr> splits_;
  size_t polls_ = 0;
};

// B10 of the review: each batch carried the names of all partitions of its source.
TEST(Task, ABatchHasItsOwnSplitsAndNoLookAtAllOfThem) {
  int looks = 0;
  std::vector<Batch> kept;
  auto graph = std::make_unique<Graph>();
  const auto source = graph->add_source("in", std::make_unique<ManySplits>(100'000, looks));
  graph->add_sink("sink", {source}, std::make_unique<KeptBatches>(kept));
  const auto made = Task::make(std::move(graph), {});
  Task& task = **made;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(task.step(0, true)->outcome, Task::Outcome::worked);
  EXPECT_EQ(looks, 0);
  ASSERT_EQ(kept.size(), 100U);
  for (const Batch& batch : kept) EXPECT_EQ(batch.raw()->splits().size(), 1U);
  EpochResult share{.epoch = 1, .progress = {}, .parts = {}, .counters = {}};
  ASSERT_TRUE(task.barrier(share).ok());
  EXPECT_EQ(looks, 1) << "an epoch asks once";
}

}  // namespace
}  // namespace weir::runtime

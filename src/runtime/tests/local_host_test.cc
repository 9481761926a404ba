#include "runtime/local_host.h"

#include <deque>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

namespace weir::runtime {
namespace {

/// What the fake tables hold: the sum of all committed events, and the progress with it.
struct FakeTables {
  std::mutex mutex;
  Progress progress;
  int64_t events = 0;
  std::vector<int64_t> epochs;                ///< events of each commit, in order
  std::deque<Result<CommitOutcome>> answers;  ///< what the next commits answer; empty: applied
  std::vector<std::string> committed;         ///< prepared bytes that were applied
  bool apply_anyway = false;                  ///< an answer that is no success is given although the commit was applied
};

/// Yields `count` events, a few a poll, then ends or idles.
class CountingSource final : public Source {
 public:
  CountingSource(int64_t count, bool endless, ReaderShare share)
      : count_(count), endless_(endless), name_("p/" + std::to_string(share.index)) {
    names_.add({.topic = "p", .partition = share.index});
  }
  Result<void> open(const SourceProgress* from) override {
    if (from != nullptr && from->partitions.contains(name_)) next_ = from->partitions.at(name_).next;
    return {};
  }
  Result<Poll> poll(int wait_ms) override {
    if (fail_at_ >= 0 && next_ >= fail_at_) return Error(ErrorKind::position_lost, "gone");
    if (next_ >= count_) {
      if (!endless_) return Poll{Poll::State::finished, nullptr};
      std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
      return Poll{Poll::State::idle, nullptr};
    }
    RawBatchBuilder builder;
    for (int i = 0; i < 7 && next_ < count_; ++i) builder.add("event", {.partition = 0, .offset = next_++});
    return Poll{Poll::State::events, builder.finish()};
  }
  SourceProgress progress() const override {
    SourceProgress progress;
    progress.partitions[name_] = {.next = next_};
    return progress;
  }
  const PartitionNames& partitions() const override { return names_; }
  SourceLag lag() const override { return {.events = count_ - next_, .bytes = -1}; }
  void on_committed(const SourceProgress&) override {}

  int64_t fail_at_ = -1;

 private:
  int64_t count_;
  bool endless_;
  std::string name_;
  int64_t next_ = 0;
  PartitionNames names_;
};

class CountingWriter final : public SinkWriter {
 public:
  Result<void> write(const Batch& batch) override {
    rows_ += batch.rows();
    return {};
  }
  Result<std::string> prepare() override {
    return rows_ == 0 ? std::string() : std::to_string(std::exchange(rows_, 0));
  }
  int64_t memory_bytes() const override { return rows_; }

 private:
  int64_t rows_ = 0;
};

class NoRejects final : public RejectWriter {
 public:
  Result<void> write(const Rejects&, const std::string&, const PartitionNames&) override { return {}; }
  Result<std::string> prepare() override { return std::string(); }
  int64_t memory_bytes() const override { return 0; }
};

class FakeCommitter final : public SinkCommitter {
 public:
  explicit FakeCommitter(FakeTables& tables) : tables_(tables) {}
  Result<void> open() override { return {}; }
  Result<Progress> committed_progress() override { return tables_.progress; }
  Result<std::string> prepare(const EpochResult& epoch) override {
    int64_t rows = 0;
    for (const auto& [sink, parts] : epoch.parts) {
      for (const std::string& part : parts) rows += std::stoll(part);
    }
    return std::to_string(rows) + " " + std::to_string(++prepared_) + " " + epoch.progress.to_text();
  }
  Result<CommitReport> commit(const std::string& prepared) override {
    const std::scoped_lock lock(tables_.mutex);
    Result<CommitOutcome> answer = CommitOutcome::applied;
    if (!tables_.answers.empty()) {
      answer = tables_.answers.front();
      tables_.answers.pop_front();
    }
    const bool known =
        std::find(tables_.committed.begin(), tables_.committed.end(), prepared) != tables_.committed.end();
    const bool applies = (answer.ok() && *answer == CommitOutcome::applied) || tables_.apply_anyway;
    if (applies && !known) apply(prepared);
    if (!answer.ok()) return answer.error();
    CommitReport report{.outcome = *answer, .tables = {}};
    report.tables.push_back(
        {.sink = "table", .table = "t", .snapshot_id = 1, .rows = std::stoll(prepared), .files = 1});
    return report;
  }
  Result<CommitReport> recover(const std::string& prepared) override { return commit(prepared); }

 private:
  void apply(const std::string& prepared) {
    tables_.events += std::stoll(prepared);
    tables_.epochs.push_back(std::stoll(prepared));
    tables_.progress = *Progress::from_text(prepared.substr(prepared.find('{')));
    tables_.committed.push_back(prepared);
  }
  FakeTables& tables_;
  int prepared_ = 0;
};

class Silent final : public RunObserver {
 public:
  void on_commit(const CommitReport&, const EpochResult&, int64_t) override { ++commits; }
  void on_commit_retry(const Error*, int64_t) override { ++retries; }
  void on_recovered(const CommitReport&) override { ++recovered; }
  int commits = 0;
  int retries = 0;
  int recovered = 0;
};

class LocalHostTest : public testing::Test {
 protected:
  LocalHostTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-host-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~LocalHostTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<LocalHost> host(int64_t events, RunOptions options, bool endless = false, int64_t fail_at = -1) {
    Job job{.committer = std::make_unique<FakeCommitter>(tables_),
            .make_graph = [=](ReaderShare share) -> Result<std::unique_ptr<Graph>> {
              auto graph = std::make_unique<Graph>();
              auto source = std::make_unique<CountingSource>(events, endless, share);
              source->fail_at_ = fail_at;
              const auto node = graph->add_source("s", std::move(source));
              graph->add_sink("table", node, std::make_unique<CountingWriter>());
              graph->set_reject_writer("dead_letter", std::make_unique<NoRejects>());
              return graph;
            }};
    return std::make_unique<LocalHost>(std::move(job), options,
                                       *IntentStore::open(posix_file_env(), directory_, system_random()),
                                       system_clock_source(), observer_);
  }
  size_t pending_intents() {
    return IntentStore::open(posix_file_env(), directory_, system_random())->pending()->size();
  }

  std::string directory_;
  FakeTables tables_;
  Silent observer_;
};

TEST_F(LocalHostTest, CommitsEverythingOfAOnePassRun) {
  const auto summary = host(1000, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(summary->status.events, 1000);
  EXPECT_EQ(summary->status.rows_committed, 1000);
  EXPECT_EQ(pending_intents(), 0U);
}

TEST_F(LocalHostTest, ASecondRunAddsNothing) {
  ASSERT_TRUE(host(1000, {})->run().ok());
  const auto again = host(1000, {})->run();
  EXPECT_EQ(again->status.events, 0);
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(tables_.epochs.size(), 1U);
}

TEST_F(LocalHostTest, SeveralTasksShareOneCommit) {
  ASSERT_TRUE(host(500, {.tasks = 3})->run().ok());
  EXPECT_EQ(tables_.events, 1500);
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.size(), 3U);
}

TEST_F(LocalHostTest, CutsAnEpochBySize) {
  ASSERT_TRUE(host(100'000, {.epoch_bytes_max = 50'000})->run().ok());
  EXPECT_GT(tables_.epochs.size(), 3U);
  EXPECT_EQ(tables_.events, 100'000);
}

TEST_F(LocalHostTest, AsksAgainWithTheSameIntentWhileTheOutcomeIsUnknown) {
  tables_.answers = {CommitOutcome::unknown, Error(ErrorKind::unavailable, "down"), CommitOutcome::unknown};
  tables_.apply_anyway = true;
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(observer_.retries, 3);
}

TEST_F(LocalHostTest, AnErrorOfTheCommitEndsTheRunAndKeepsTheIntent) {
  tables_.answers = {Error(ErrorKind::fenced, "newer process")};
  const auto summary = host(100, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::fenced);
  EXPECT_EQ(pending_intents(), 1U);
}

TEST_F(LocalHostTest, TheNextRunBringsAnIntentToItsEndFirst) {
  tables_.answers = {Error(ErrorKind::io, "disk")};
  ASSERT_FALSE(host(100, {})->run().ok());
  const auto summary = host(100, {})->run();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->recovered_intents, 1);
  EXPECT_EQ(summary->status.events, 0);
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(pending_intents(), 0U);
}

TEST_F(LocalHostTest, AnIntentThatWasOvertakenIsDropped) {
  ASSERT_TRUE(
      IntentStore::open(posix_file_env(), directory_, system_random())->put("5 1 {\"v\":1,\"sources\":{}}").ok());
  tables_.answers = {CommitOutcome::refused};
  ASSERT_TRUE(host(10, {})->run().ok());
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(pending_intents(), 0U);
}

TEST_F(LocalHostTest, AFailingSourceEndsTheRunAtACommittedEpoch) {
  const auto summary = host(1000, {.epoch_bytes_max = 500}, false, 400)->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::position_lost);
  EXPECT_NE(summary.error().message().find("source 's'"), std::string::npos);
  EXPECT_EQ(tables_.events,
            tables_.progress.sources.empty() ? 0 : tables_.progress.sources.at("s").partitions.at("p/0").next);
}

TEST_F(LocalHostTest, AStopCommitsWhatWasRead) {
  const auto endless = host(700, {.commit_every_ms = 60'000}, true);
  std::thread stopper([&] {
    while (endless->status().events < 700) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    endless->request_stop();
  });
  const auto summary = endless->run();
  stopper.join();
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(tables_.events, 700);
  EXPECT_FALSE(summary->abandoned_epoch);
}

TEST_F(LocalHostTest, AStopDuringAnOutageGivesTheEpochUpAndKeepsTheIntent) {
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto endless = host(70, {.commit_every_ms = 10, .stop_deadline_ms = 50}, true);
  std::thread stopper([&] {
    while (!endless->status().committing) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    endless->request_stop();
  });
  const auto summary = endless->run();
  stopper.join();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_TRUE(summary->abandoned_epoch);
  EXPECT_EQ(pending_intents(), 1U);
}

}  // namespace
}  // namespace weir::runtime

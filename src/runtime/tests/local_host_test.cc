#include "runtime/local_host.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <set>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "base/tests/temporary_folder.h"
#include "dataflow/tests/fakes.h"

namespace weir::runtime {
namespace {

/// The name under which an undecided epoch may lie.
const std::string kUndecided = "left";

/// What the fake tables hold: the sum of all committed events, and the progress with it.
struct FakeTables {
  std::mutex mutex;
  Progress progress;
  int64_t events = 0;
  std::vector<int64_t> epochs;                ///< events of each commit, in order
  std::deque<Result<CommitOutcome>> answers;  ///< what the next commits answer; empty: applied
  std::vector<std::string> committed;         ///< prepared bytes that were applied
  std::deque<Error> open_errors;              ///< what the next open() calls answer
  std::deque<Error> prepare_errors;           ///< what the next prepare() calls answer
  std::optional<StoredObject> decided;
  std::optional<StoredObject> state;
  std::optional<StoredObject> prepared_state;  ///< what a prepared epoch names
  int prepared = 0;
  int recoveries = 0;
  bool apply_anyway = false;  ///< an answer that is no success is given although the commit was applied
};

/// What is unusual about a source or a sink.
struct Quirks {
  std::string_view payload = "event";
  int64_t gap = 0;             ///< a while after the last event, progress moves on by so much without events
  bool opens_forever = false;  ///< the splitter's open() waits until it is told to stop
  int passing_faults = 0;      ///< so many calls of each of open(), discover() and poll() fail before one succeeds
  ErrorKind fault = ErrorKind::unavailable;
  bool barrier_fails = false;                      ///< the writer's files cannot be closed
  const std::atomic<bool>* stuck_while = nullptr;  ///< a write does not come back while this is true
  std::function<void(std::string_view who, int64_t next)> released = {};  ///< "reader" or "splitter"; any thread
};

/// Counts the rows it is given, unless it has quirks.
class QuirkyWriter final : public CountingWriter {
 public:
  explicit QuirkyWriter(Quirks quirks) : quirks_(quirks) {}
  Result<void> write(const Batch& batch) override {
    while (quirks_.stuck_while != nullptr && *quirks_.stuck_while)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return CountingWriter::write(batch);
  }
  Result<std::string> prepare() override {
    if (quirks_.barrier_fails) return Error(ErrorKind::resource_exhausted, "the disk is full");
    return CountingWriter::prepare();
  }

 private:
  Quirks quirks_;
};

/// Yields `count` events, a few a poll, then ends or idles.
class CountingReader final : public QuietReader {
 public:
  CountingReader(int64_t count, bool endless, Quirks quirks) : count_(count), endless_(endless), quirks_(quirks) {}
  Result<void> add(std::vector<AssignedSplit> splits) override {
    EXPECT_EQ(splits.size(), 1U);
    name_ = splits[0].name;
    next_ = splits[0].from.next;
    return {};
  }
  Result<Poll> poll() override {
    if (name_.empty()) return Poll{};
    if (quirks_.passing_faults-- > 0) return Error(quirks_.fault, "away");
    if (fail_at_ >= 0 && next_ >= fail_at_) return Error(ErrorKind::position_lost, "gone");
    if (next_ >= count_) {
      if (++idle_polls_ == 10) next_ += quirks_.gap;
      return Poll{.state = endless_ ? Poll::State::idle : Poll::State::finished};
    }
    RawBatchBuilder builder;
    for (int i = 0; i < 7 && next_ < count_; ++i) builder.add(quirks_.payload, {.offset = next_++});
    return Poll{.state = Poll::State::events, .events = builder.finish()};
  }
  SourceProgress progress() const override {
    SourceProgress progress;
    if (!name_.empty()) progress.partitions[name_] = {.next = next_};
    return progress;
  }
  SourceLag lag() const override { return {.events = count_ - next_, .bytes = -1}; }
  void release(const SourceProgress& durable) override {
    if (quirks_.released) quirks_.released("reader", durable.partitions.at(name_).next);
  }

  int64_t fail_at_ = -1;

 private:
  int64_t count_;
  bool endless_;
  Quirks quirks_;
  std::string name_;  ///< of its split, once it has one
  int64_t next_ = 0;
  int idle_polls_ = 0;
};

/// Opens when it can.
class QuirkySplitter final : public OneSplitEach {
 public:
  QuirkySplitter(int readers, Quirks quirks)
      : OneSplitEach(readers), quirks_(quirks), discover_faults_(quirks.passing_faults) {}
  Result<void> open(const SourceProgress* from, const StopAsked& stop_asked) override {
    if (quirks_.opens_forever) {
      while (!stop_asked()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return Error(ErrorKind::cancelled, "stopped while opening");
    }
    if (quirks_.passing_faults-- > 0) return Error(quirks_.fault, "away");
    return OneSplitEach::open(from, stop_asked);
  }
  Result<Discovery> discover(bool) override {
    if (discover_faults_-- > 0) return Error(quirks_.fault, "away");
    return OneSplitEach::discover(false);
  }
  void release(const SourceProgress& durable) override {
    if (quirks_.released) quirks_.released("splitter", durable.partitions.at("p/0").next);
  }

 private:
  Quirks quirks_;
  int discover_faults_;
};

class FakeCommitter final : public SinkCommitter {
 public:
  explicit FakeCommitter(FakeTables& tables) : tables_(tables) {}
  Result<SinkRecovery> open() override {
    if (const std::optional<Error> error = next(tables_.open_errors)) return *error;
    progress_ = tables_.progress;
    return SinkRecovery{.decided = tables_.decided, .undecided = {kUndecided}};
  }
  std::optional<StoredObject> state() const override { return tables_.state; }
  Result<std::optional<StoredObject>> state_of(const std::string&) const override { return tables_.prepared_state; }
  const Progress& progress() const override { return progress_; }
  Result<PreparedEpoch> prepare(const EpochResult& epoch) override {
    if (const std::optional<Error> error = next(tables_.prepare_errors)) return *error;
    int64_t rows = 0;
    for (const auto& [sink, parts] : epoch.parts) {
      for (const std::string& part : parts) rows += std::stoll(part);
    }
    return PreparedEpoch{
        .name = "epoch-" + std::to_string(++tables_.prepared),
        .bytes = std::to_string(rows) + " " + std::to_string(tables_.prepared) + " " + epoch.progress.to_text()};
  }
  Result<CommitReport> recover(const std::string& prepared, const StoredObject& place) override {
    ++tables_.recoveries;
    if (prepared.starts_with("foreign")) return Error(ErrorKind::invalid_argument, "another pipeline's");
    return commit(prepared, place);
  }
  Result<CommitReport> commit(const std::string& prepared, const StoredObject&) override {
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

 private:
  void apply(const std::string& prepared) {
    tables_.events += std::stoll(prepared);
    tables_.epochs.push_back(std::stoll(prepared));
    tables_.progress = *Progress::from_text(prepared.substr(prepared.find('{')));
    tables_.committed.push_back(prepared);
    progress_ = tables_.progress;
  }
  static std::optional<Error> next(std::deque<Error>& errors) {
    if (errors.empty()) return std::nullopt;
    std::optional<Error> error = errors.front();
    errors.pop_front();
    return error;
  }
  FakeTables& tables_;
  Progress progress_;
};

class Silent final : public RunObserver {
 public:
  void on_commit(const CommitReport&, const EpochResult&, int64_t) override { ++commits; }
  void on_commit_retry(const Error*, int64_t) override { ++retries; }
  void on_source_retry(const std::string& source, const Error& error, int64_t) override {
    source_retries.push_back(source + ": " + error.message());
  }
  void on_follower_retry(const std::string& sink, const Error& error, int64_t) override {
    follower_retries.push_back(sink + ": " + error.message());
  }
  void on_recovered(const CommitReport&) override { ++recovered; }
  void on_damaged_intent(const std::string& path) override { damaged.push_back(path); }
  void on_stuck(const std::string& who) override {
    stuck.push_back(who);
    if (when_stuck) when_stuck();
  }
  int commits = 0;
  int retries = 0;
  int recovered = 0;
  std::vector<std::string> source_retries;
  std::vector<std::string> follower_retries;
  std::vector<std::string> damaged;
  std::vector<std::string> stuck;
  std::function<void()> when_stuck;
};

class LocalHostTest : public testing::Test {
 protected:
  std::unique_ptr<LocalHost> host(int64_t events, RunOptions options, bool endless = false, int64_t fail_at = -1,
                                  Quirks quirks = {}) {
    Job job{.committer = std::make_unique<FakeCommitter>(tables_), .graph = {}};
    const auto make_reader = [=](int) {
      auto counting = std::make_unique<CountingReader>(events, endless, quirks);
      counting->fail_at_ = fail_at;
      return counting;
    };
    const auto make_splitter = [=](int readers) { return std::make_unique<QuirkySplitter>(readers, quirks); };
    const int source = job.graph.add({.name = "s", .source = std::make_shared<FakeSource>(make_reader, make_splitter)});
    job.graph.add({.name = "table",
                   .inputs = {{.node = source}},
                   .make_sink = [quirks](TaskShare) -> Result<std::unique_ptr<SinkWriter>> {
                     return std::unique_ptr<SinkWriter>(std::make_unique<QuirkyWriter>(quirks));
                   }});
    const std::string folder = file_uri(folder_.path(), "/");
    return std::make_unique<LocalHost>(
        std::move(job), options,
        PipelineStore{.checkpoints = Checkpoints(*store_, *remover_, folder, "p", system_random()),
                      .prepared = prepared(),
                      .old_intents = OldIntents(posix_file_env(), folder_.path()),
                      .outbox = OutboxStore(*store_, *remover_)},
        HostEnvironment{.threads = system_threads(),
                        .clock = system_clock_source(),
                        .random = system_random(),
                        .observer = observer_});
  }
  PreparedStore prepared() { return {*store_, *remover_, file_uri(folder_.path(), "/")}; }
  /// Runs `host` until `is_enough` or for `at_most_ms`, then stops it.
  Result<RunSummary> run_until(LocalHost& host, const std::function<bool()>& is_enough, int at_most_ms = 5000) {
    std::thread stopper([&] {
      const Deadline end = Deadline::after_ms(system_clock_source(), at_most_ms);
      while (!is_enough() && !end.passed(system_clock_source()))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      host.request_stop();
    });
    Result<RunSummary> summary = host.run();
    stopper.join();
    return summary;
  }
  /// What stands in the store.
  size_t kept() {
    const auto names = posix_file_env().list(folder_.path() + "/prepared");
    return names.ok() ? names->size() : 0;
  }

  TemporaryFolder folder_;
  std::unique_ptr<ObjectStore> store_ = make_local_store(posix_file_env());
  std::unique_ptr<ObjectRemover> remover_ = make_local_remover(posix_file_env());
  FakeTables tables_;
  Silent observer_;
};

TEST_F(LocalHostTest, CommitsEverythingOfAOnePassRun) {
  const auto summary = host(1000, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(summary->status.events, 1000);
  EXPECT_EQ(summary->status.rows_committed, 1000);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ASecondRunAddsNothing) {
  ASSERT_TRUE(host(1000, {})->run().ok());
  const auto again = host(1000, {})->run();
  EXPECT_EQ(again->status.events, 0);
  EXPECT_EQ(tables_.events, 1000);
  EXPECT_EQ(tables_.epochs.size(), 1U);
}

// Duplicates otherwise, when it is put back.
TEST_F(LocalHostTest, ProgressOfASourceThatWasTakenOutIsKept) {
  tables_.progress.sources["s"].partitions["p/0"] = {.next = 0};
  tables_.progress.sources["gone"].partitions["q/0"] = {.next = 77};
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.at("p/0").next, 100);
  EXPECT_EQ(tables_.progress.sources.at("gone").partitions.at("q/0").next, 77);
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
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, TheNextRunBringsWhatWasPreparedToItsEndFirst) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})").ok());
  const auto summary = host(100, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(summary->recovered_intents, 1);
  EXPECT_EQ(summary->status.events, 0);
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ADecidedEpochIsRolledForwardFirst) {
  tables_.decided = *prepared().put("decided", R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})");
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, ADecidedEpochThatCannotBeReadHaltsAndNamesTheWayOut) {
  tables_.decided = *prepared().put("decided", "100 1 {}");
  std::filesystem::resize_file(folder_.path() + "/prepared/decided", 12);
  const auto summary = host(100, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_NE(summary.error().message().find("weir progress join"), std::string::npos) << summary.error().message();
  EXPECT_EQ(tables_.events, 0);
}

TEST_F(LocalHostTest, AStateThatCannotBeReadHaltsBeforeAnythingLandsAndNamesTheWaysOn) {
  tables_.state = StoredObject{.uri = file_uri(folder_.path(), "/") + "/state/x", .size_bytes = 99, .hash = 1};
  const auto summary = host(10, {})->run();
  ASSERT_FALSE(summary.ok());
  for (const char* said : {"/state/x' is missing. Put the file back", "--from SAVEPOINT", "forget PIPELINE"})
    EXPECT_NE(summary.error().message().find(said), std::string::npos) << summary.error().message();
  EXPECT_EQ(tables_.events, 0);
}

TEST_F(LocalHostTest, AnEpochThatWasOvertakenIsVoid) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
  tables_.answers = {CommitOutcome::refused};
  ASSERT_TRUE(host(10, {})->run().ok());
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(kept(), 0U);
}

TEST_F(LocalHostTest, TheStateOfAnEpochThatIsVoidGoesAndThatOfOneThatIsAdoptedStays) {
  for (const CommitOutcome outcome : {CommitOutcome::refused, CommitOutcome::applied}) {
    const state::CheckpointStore store(*store_, file_uri(folder_.path(), "/"));
    const std::string key = std::to_string(static_cast<int>(outcome));
    const auto manifest = *store.put_manifest({.commit_key = key, .writer = "w"}, {.pipeline = "p"});
    const auto size = static_cast<int64_t>(manifest.size_bytes);
    tables_.prepared_state = {.uri = store.uri(manifest.manifest), .size_bytes = size, .hash = manifest.checksum};
    ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
    tables_.answers = {outcome};
    ASSERT_TRUE(host(10, {})->run().ok());
    EXPECT_EQ(store.load(manifest).ok(), outcome == CommitOutcome::applied) << key;
  }
}

TEST_F(LocalHostTest, ARefusedCommitOfItsOwnEndsTheRunAndCountsAsNothing) {
  tables_.answers = {CommitOutcome::refused};
  const auto summary = host(10, {})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::conflict);
  EXPECT_EQ(observer_.commits, 0);
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, OldIntentsAreBroughtToAnEndOnceAndThoseOfOthersLeftAlone) {
  const auto store = [&](const std::string& name, std::string_view prepared) {
    ASSERT_TRUE(write_file_durably(posix_file_env(), folder_.path() + "/" + name, old_intent_file(prepared)).ok());
  };
  store("intent-000000000001-aa", R"(100 1 {"v":1,"sources":{"s":{"p":{"p/0":[100]}}}})");
  store("intent-000000000002-bb", "foreign");
  ASSERT_TRUE(host(100, {})->run().ok());
  EXPECT_EQ(tables_.events, 100);
  EXPECT_EQ(tables_.recoveries, 2);
  EXPECT_EQ(kept(), 0U);
  EXPECT_FALSE(posix_file_env().stat(folder_.path() + "/intent-000000000001-aa").ok());
  EXPECT_TRUE(posix_file_env().stat(folder_.path() + "/intent-000000000002-bb").ok());
}

TEST_F(LocalHostTest, ADamagedIntentIsToldOfAndLeftAside) {
  const std::string path = folder_.path() + "/intent-000000000001-aa";
  ASSERT_TRUE(write_file_durably(posix_file_env(), path, "WEIRINT1").ok());
  ASSERT_TRUE(host(10, {})->run().ok());
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.damaged, std::vector<std::string>{path});
  EXPECT_EQ(observer_.recovered, 0);
  EXPECT_TRUE(posix_file_env().stat(path).ok());
}

// B5 of the review: one passing fault ended the run.
TEST_F(LocalHostTest, PassingFaultsOfOpenAndPrepareAreBackedOff) {
  for (int i = 0; i < 2; ++i) {
    tables_.open_errors.emplace_back(ErrorKind::unavailable, "down");
    tables_.prepare_errors.emplace_back(ErrorKind::unavailable, "down");
  }
  const auto summary = host(10, {})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.retries, 4);
}

TEST_F(LocalHostTest, ASourceThatDoesNotAnswerIsWaitedForAndThatIsSaid) {
  const auto summary = host(10, {}, false, -1, {.passing_faults = 3})->run();
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_EQ(tables_.events, 10);
  EXPECT_EQ(observer_.source_retries, std::vector<std::string>(9, "s: away")) << "of opening, looking and polling";
}

TEST_F(LocalHostTest, ASourceThatNeverAnswersIsWaitedForUntilTheStop) {
  const auto waiting = host(7, {}, true, -1, {.passing_faults = 1'000'000});
  const auto summary = run_until(
      *waiting, [&] { return observer_.commits > 0; }, 300);
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_FALSE(observer_.source_retries.empty());
}

TEST_F(LocalHostTest, ASourceThatRefusesUsIsAskedThreeTimes) {
  const auto often = host(10, {}, false, -1, {.passing_faults = 3, .fault = ErrorKind::unauthenticated})->run();
  ASSERT_FALSE(often.ok());
  EXPECT_EQ(often.error().kind(), ErrorKind::unauthenticated);
  EXPECT_EQ(observer_.source_retries.size(), 2U);
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

TEST_F(LocalHostTest, SourcesAreToldWhatIsDecidedOnceItIs) {
  tables_.answers = {CommitOutcome::unknown, CommitOutcome::unknown};  // so that a word too early has time to arrive
  std::set<std::string> told_all;
  int told_early = 0;
  const auto endless =
      host(700, {.commit_every_ms = 10}, true, -1, {.released = [&](std::string_view who, int64_t next) {
             const std::scoped_lock lock(tables_.mutex);
             if (next > tables_.progress.sources["s"].partitions["p/0"].next) ++told_early;
             if (next == 700) told_all.emplace(who);
           }});
  const auto summary = run_until(
      *endless,
      [&] {
        const std::scoped_lock lock(tables_.mutex);
        return told_all.size() == 2;
      },
      20'000);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(told_all, (std::set<std::string>{"reader", "splitter"}));
  EXPECT_EQ(told_early, 0);
}

TEST_F(LocalHostTest, ABarrierThatFailsEndsTheRunAndCommitsNothing) {
  const auto summary = host(100, {}, false, -1, {.barrier_fails = true})->run();
  ASSERT_FALSE(summary.ok());
  EXPECT_EQ(summary.error().kind(), ErrorKind::resource_exhausted);
  EXPECT_EQ(tables_.events, 0);
  EXPECT_TRUE(tables_.progress.empty());
}

TEST_F(LocalHostTest, AStopSaysSoWhenAThreadDoesNotComeBack) {
  std::atomic<bool> is_stuck = true;
  observer_.when_stuck = [&] { is_stuck = false; };  // a real process ends itself here
  const auto endless = host(70, {.stop_deadline_ms = 20, .stuck_after_ms = 50}, true, -1, {.stuck_while = &is_stuck});
  const auto summary = run_until(*endless, [&] { return endless->status().ready; });
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(summary->abandoned_epoch);
  EXPECT_EQ(observer_.stuck, std::vector<std::string>{"task-0"});
  EXPECT_EQ(tables_.events, 0);
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
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, CommitsEventsWithoutBytes) {
  const auto endless = host(70, {.commit_every_ms = 10}, true, -1, {.payload = ""});
  int64_t commits = 0;
  ASSERT_TRUE(run_until(*endless, [&] { return (commits = endless->status().commits) > 0; }).ok());
  EXPECT_GT(commits, 0);
  EXPECT_EQ(tables_.events, 70);
}

TEST_F(LocalHostTest, EventsWithoutBytesFillAnEpoch) {
  ASSERT_TRUE(host(10'000, {.epoch_bytes_max = 50'000}, false, -1, {.payload = ""})->run().ok());
  EXPECT_GT(tables_.epochs.size(), 3U);
  EXPECT_EQ(tables_.events, 10'000);
}

TEST_F(LocalHostTest, CommitsProgressThatMovedWithoutEventsOnceAndNotAgain) {
  const auto endless = host(7, {.commit_every_ms = 10, .progress_every_ms = 150}, true, -1, {.gap = 5});
  int64_t before_the_stop = 0;
  const auto is_enough = [&] {
    before_the_stop = endless->status().commits;
    return endless->status().epoch >= 6;
  };
  ASSERT_TRUE(run_until(*endless, is_enough).ok());
  EXPECT_EQ(tables_.progress.sources.at("s").partitions.at("p/0").next, 12);
  EXPECT_EQ(before_the_stop, observer_.commits) << "the stop had nothing left to commit";
  EXPECT_LE(observer_.commits, 2);
}

TEST_F(LocalHostTest, AnIdlePipelineCommitsNothing) {
  const auto idle = host(0, {.commit_every_ms = 1, .progress_every_ms = 5}, true);
  tables_.progress.sources["s"].partitions["p/0"] = {.next = 0};
  ASSERT_TRUE(run_until(*idle, [&] { return idle->status().epoch >= 10; }).ok());
  EXPECT_EQ(observer_.commits, 0);
}

TEST_F(LocalHostTest, AStopEndsTheOpeningOfSources) {
  const auto waiting = host(7, {}, true, -1, {.opens_forever = true});
  const auto summary = run_until(
      *waiting, [] { return false; }, 50);
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_EQ(observer_.commits, 0);
}

TEST_F(LocalHostTest, AStopWhileAnEarlierCommitIsUnresolvedIsNoFailureAndKeepsTheIntent) {
  ASSERT_TRUE(prepared().put(kUndecided, R"(5 1 {"v":1,"sources":{}})").ok());
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto stuck = host(7, {.stop_deadline_ms = 50}, true);
  const auto summary = run_until(*stuck, [&] { return stuck->status().committing; });
  ASSERT_TRUE(summary.ok()) << summary.error().to_string();
  EXPECT_FALSE(summary->status.ready);
  EXPECT_EQ(kept(), 1U);
}

TEST_F(LocalHostTest, AStopDoesNotSleepThroughItsDeadline) {
  for (int i = 0; i < 1000; ++i) tables_.answers.emplace_back(CommitOutcome::unknown);
  const auto endless = host(70, {.commit_every_ms = 10, .stop_deadline_ms = 50}, true);
  int64_t asked_us = 0;
  const auto in_a_long_pause = [&] {
    asked_us = system_clock_source().monotonic_us();
    return endless->status().commit_retries >= 5;  // it waits 1.6 s now
  };
  ASSERT_TRUE(run_until(*endless, in_a_long_pause).ok());
  EXPECT_LT(system_clock_source().monotonic_us() - asked_us, 1'000'000);
}

}  // namespace
}  // namespace weir::runtime

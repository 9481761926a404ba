/// \file
/// A local host over fakes that a test makes as difficult as it likes.
#pragma once

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
#include "runtime/local_host.h"

namespace weir::runtime {

/// The name under which an undecided epoch may lie.
inline const std::string kUndecided = "left";

/// What the fake tables hold: the sum of all committed events, and the progress with it.
struct FakeTables {
  std::mutex mutex;
  Progress progress;
  int64_t events = 0;
  std::vector<int64_t> epochs;                ///< events of each commit, in order
  std::deque<Result<CommitOutcome>> answers;  ///< what the next commits answer; empty: applied
  std::vector<std::string> committed;         ///< prepared bytes that were applied
  std::deque<Error> open_errors;              ///< what the next open() calls answer
  std::function<void()> on_open = {};         ///< called by open()
  std::deque<Error> prepare_errors;           ///< what the next prepare() calls answer
  std::optional<StoredObject> decided;
  std::optional<StoredObject> state;
  std::optional<StoredObject> prepared_state;  ///< what a prepared epoch names
  int prepared = 0;
  int recoveries = 0;
  std::vector<std::string> recovered_at;  ///< URIs of what was recovered
  bool apply_anyway = false;              ///< an answer that is no success is given although the commit was applied
};

/// What is unusual about a source or a sink.
struct Quirks {
  std::string_view payload = "event";
  int64_t events_of_others = -1;  ///< that readers but the first yield; -1: as many as the first
  int64_t gap = 0;                ///< a while after the last event, progress moves on by so much without events
  bool opens_forever = false;     ///< the splitter's open() waits until it is told to stop
  int passing_faults = 0;         ///< so many calls of each of open(), discover() and poll() fail before one succeeds
  ErrorKind fault = ErrorKind::unavailable;
  bool barrier_fails = false;                      ///< the writer's files cannot be closed
  bool lands_nothing = false;                      ///< no event becomes a row
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
  Result<Pending<std::string>> prepare() override {
    if (quirks_.barrier_fails) return Error(ErrorKind::resource_exhausted, "the disk is full");
    if (quirks_.lands_nothing) return Pending<std::string>(std::string());
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
    if (tables_.on_open) tables_.on_open();
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
    tables_.recovered_at.push_back(place.uri);
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
    const auto make_reader = [=](int reader) {
      const bool is_slow = reader > 0 && quirks.events_of_others >= 0;
      auto counting = std::make_unique<CountingReader>(is_slow ? quirks.events_of_others : events, endless, quirks);
      counting->fail_at_ = fail_at;
      return counting;
    };
    const auto make_splitter = [=](int readers) { return std::make_unique<QuirkySplitter>(readers, quirks); };
    const int source = job.graph.add({.name = "s", .source = std::make_shared<FakeSource>(make_reader, make_splitter)});
    job.graph.add({.name = "table",
                   .inputs = {{.node = source}},
                   .make_sink = [quirks](const WriterStart&) -> Result<std::unique_ptr<SinkWriter>> {
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
  int opened_ = 0;  ///< for tests to count in
};

}  // namespace weir::runtime

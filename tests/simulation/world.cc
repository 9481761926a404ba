#include "simulation/world.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "lake/commit/lead_record.h"
#include "lake/commit/pipeline_committer.h"
#include "runtime/local_host.h"
#include "simulation/followed_store.h"
#include "simulation/judge.h"
#include "simulation/others.h"
#include "simulation/pipeline.h"
#include "simulation/ports.h"
#include "simulation/scheduler.h"
#include "storage/patient_store.h"

namespace weir::simulation {
namespace {

constexpr int64_t kLongestRunMs = 6 * 3'600'000;  // of virtual time: what takes longer stands still
constexpr char kStoreFolder[] = "memory://state";

class SilentObserver final : public runtime::RunObserver {
 public:
  void on_commit(const CommitReport&, const EpochResult&, int64_t) override {}
  void on_commit_retry(const Error*, int64_t) override {}
  void on_source_retry(const std::string&, const Error&, int64_t) override {}
  void on_follower_retry(const std::string&, const Error&, int64_t) override {}
  void on_recovered(const CommitReport&) override {}
  void on_damaged_intent(const std::string&) override {}
  void on_stuck(const std::string&) override {}
};

class World {
 public:
  explicit World(const Scenario& scenario)
      : scenario_(scenario),
        rates_(scenario.rates),
        random_(scenario.seed * 31 + 7),
        scheduler_(scenario.seed),
        store_(objects_),
        catalog_(scenario.habits(), store_, "memory://tables", scheduler_, random_),
        others_(catalog_, store_, scheduler_, random_),
        log_(scenario_, scheduler_) {}

  std::vector<std::string> run() {
    scheduler_.run([this] { live(); });
    if (scheduler_.calls() > Process::kCallsMax) return {"it goes round in circles and does not come to its end"};
    if (wrong_.empty())
      wrong_ = judge(scenario_, catalog_, objects_, log_.readable(lost_at_), others_.rows(), followed_);
    return wrong_;
  }

 private:
  /// Processes come and go while things go wrong; then one brings all to its end.
  void live() {
    {
      std::vector<std::unique_ptr<runtime::StartedThread>> lives;
      for (int64_t i = 0; i < scenario_.processes; ++i)
        lives.push_back(scheduler_.start("life-" + std::to_string(i), [this] { come_and_go(); }));
      lives.push_back(scheduler_.start("late", [this] { deliver_late(); }));
      if (scenario_.log_fault != 0) lives.push_back(scheduler_.start("log", [this] { break_log(); }));
      if (scenario_.others_every_ms != 0) lives.push_back(scheduler_.start("others", [this] { let_others_act(); }));
    }
    rates_ = {};
    // The last one may have to wait for the log, and for what is late.
    while (!log_.is_complete()) scheduler_.sleep_ms(1000);
    catalog_.deliver_late();
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Result<runtime::RunSummary> outcome = run_process(true, static_cast<int>(scenario_.tasks));
      if (outcome.ok()) return;
      last_error_ = outcome.error().to_string();
      if (outcome.error().kind() == ErrorKind::position_lost && is_lost()) go_on_by_hand();
    }
    wrong_.push_back("a process does not come to its end when nothing goes wrong any more: " + last_error_);
  }

  /// Whether what is decided can no longer be gone on from.
  bool is_lost() {
    const std::optional<PartitionProgress> at = decided_of_partition_0();
    return at && !log_.go_on(0, *at).ok();
  }

  std::optional<PartitionProgress> decided_of_partition_0() {
    const lake::LeadRecord record = record_of_lead();
    const auto source = record.progress.sources.find("in");
    if (source == record.progress.sources.end()) return std::nullopt;
    const auto at = source->second.partitions.find(partition_name(0));
    return at == source->second.partitions.end() ? std::nullopt : std::optional(at->second);
  }

  /// A person says how to go on where a process halted. Who goes on without is found by the judge: events are missing.
  void go_on_by_hand() {
    const PartitionProgress at = *decided_of_partition_0();
    lost_at_ = at.next;
    lake::PipelineCommitter committer(
        {.pipeline = kPipeline, .targets = target_tables(scenario_), .store_folder = kStoreFolder}, catalog_, store_,
        scheduler_, random_);
    const auto decided = committer.override_progress(
        {.source = "in", .partitions = {partition_name(0)}, .next = log_.way_on(), .reason = "the log is broken"});
    if (!decided.ok()) wrong_.push_back("there is no way on: " + decided.error().to_string());
  }

  /// Once something of partition 0 is in the tables: else nobody could tell that it was lost.
  void break_log() {
    while (!is_calm() && (scheduler_.monotonic_us() / 1000 < scenario_.log_breaks_at_ms || !decided_of_partition_0()))
      scheduler_.sleep_ms(300);
    if (!is_calm()) log_.break_now();
  }

  /// Empty before it is made.
  lake::LeadRecord record_of_lead() {
    const auto tables = catalog_.list();
    const lake::TableIdentifier name{.ns = "t", .name = "main"};
    if (!tables.ok() || std::ranges::find(*tables, name) == tables->end()) return {};
    const auto property = lake::pipeline_property_from_text(
        catalog_.whole(name).metadata->property(lake::pipeline_property_name(kPipeline)));
    const auto* record = std::get_if<lake::LeadRecord>(&*property);
    return record == nullptr ? lake::LeadRecord() : *record;
  }

  bool is_calm() const { return scheduler_.monotonic_us() / 1000 >= scenario_.calm_after_ms; }

  void come_and_go() {
    while (!is_calm()) {
      const int tasks = 1 + static_cast<int>(random_.next_u64() % static_cast<uint64_t>(scenario_.tasks));
      const Result<runtime::RunSummary> outcome = run_process(false, tasks);
      const bool is_right = !outcome.ok() && outcome.error().kind() == ErrorKind::position_lost && log_.is_broken();
      if (!outcome.ok() && is_halt(outcome.error()) && !is_right)
        wrong_.push_back("a process halts for good: " + outcome.error().to_string());
      scheduler_.sleep_ms(static_cast<int64_t>(random_.next_u64() % 3000));
    }
  }

  /// Errors that ask a person to decide: nothing that happens here may lead to one.
  static bool is_halt(const Error& error) {
    switch (error.kind()) {
      case ErrorKind::table_changed:
      case ErrorKind::position_lost:
      case ErrorKind::corrupt:
      case ErrorKind::internal:
      case ErrorKind::invalid_argument:
      case ErrorKind::unsupported: return true;
      default: return false;
    }
  }

  void deliver_late() {
    while (!is_calm()) {
      scheduler_.sleep_ms(static_cast<int64_t>(random_.next_u64() % 20'000));
      catalog_.deliver_late();
    }
  }

  void let_others_act() {
    const std::vector<lake::TableIdentifier> tables = tables_of(scenario_);
    while (!is_calm()) {
      scheduler_.sleep_ms(
          1 + static_cast<int64_t>(random_.next_u64() % static_cast<uint64_t>(2 * scenario_.others_every_ms)));
      const auto made = catalog_.list();
      if (made.ok() && made->size() == tables.size()) others_.act(tables);
    }
  }

  Result<runtime::RunSummary> run_process(bool once, int tasks) {
    Process process(scheduler_, random_, rates_);
    FaultyStore faulty_store(objects_, process, random_);
    PatientStore store(faulty_store, faulty_store, scheduler_);
    FaultyCatalog catalog(catalog_, process);
    const std::string pieces = std::string(kStoreFolder) + "/outbox/" + std::to_string(++started_) + ".";
    runtime::Job job{
        .committer = connector::make_iceberg_committer(sink_options(scenario_), catalog, store, scheduler_, random_),
        .graph = make_graph({.scenario = scenario_,
                             .log = log_,
                             .once = once,
                             .process = process,
                             .writer_store = store,
                             .make_outbox_writer = [&store, pieces](const WriterStart& start) {
                               return runtime::make_outbox_writer(store, pieces + std::to_string(start.share.index),
                                                                  make_id_encoder());
                             }})};
    if (scenario_.has_follower != 0)
      job.followers[kFollowerSink] = make_store_follower(followed_, process, decided_, wrong_);
    runtime::LocalHost host(std::move(job),
                            {.commit_every_ms = scenario_.commit_every_ms,
                             .progress_every_ms = 5 * scenario_.commit_every_ms,
                             .tasks = tasks,
                             .stop_deadline_ms = 5000},
                            {.checkpoints = runtime::Checkpoints(store, store, kStoreFolder, kPipeline, random_),
                             .prepared = runtime::PreparedStore(store, store, kStoreFolder),
                             .old_intents = runtime::OldIntents(posix_file_env(), "/nonexistent/weir-simulation"),
                             .outbox = runtime::OutboxStore(store, store)},
                            {.threads = scheduler_, .clock = scheduler_, .random = random_, .observer = observer_});
    if (once) return host.run();
    Result<runtime::RunSummary> outcome = run_for_a_while(host);
    const bool has_given_up = !outcome.ok() && outcome.error().retry() == RetryHint::backoff && !process.is_dead();
    if (has_given_up && outcome.error().kind() != ErrorKind::conflict && !process.may_end_by_faults())
      wrong_.push_back("a passing fault ended a run: " + outcome.error().to_string());
    return outcome;
  }

  Result<runtime::RunSummary> run_for_a_while(runtime::LocalHost& host) {
    bool is_over = false;
    const auto stopper = scheduler_.start("stopper", [&] {
      const int64_t patience_ms = static_cast<int64_t>(random_.next_u64() % 60'000);
      const int64_t until_us = scheduler_.monotonic_us() + patience_ms * 1000;
      while (!is_over && scheduler_.monotonic_us() < until_us && !is_calm()) scheduler_.sleep_ms(400);
      host.request_stop();
    });
    Result<runtime::RunSummary> outcome = host.run();
    is_over = true;
    return outcome;
  }

  const Scenario scenario_;
  FaultRates rates_;
  SeededRandom random_;
  Scheduler scheduler_;
  Objects objects_;
  CalmStore store_;
  lake::MemoryCatalog catalog_;
  Others others_;
  EventLog log_;
  std::optional<int64_t> lost_at_;  ///< how far partition 0 was read when a person had to say how to go on
  FollowedStore followed_;
  const std::function<int64_t()> decided_ = [this] { return record_of_lead().epochs; };
  int64_t started_ = 0;  ///< processes
  SilentObserver observer_;
  std::vector<std::string> wrong_;
  std::string last_error_;
};

}  // namespace

std::vector<std::string> run(const Scenario& scenario) {
  return World(scenario).run();
}

}  // namespace weir::simulation

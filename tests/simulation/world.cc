#include "simulation/world.h"

#include <memory>

#include "lake/commit/lead_record.h"
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
        log_{scenario_, scheduler_} {}

  std::vector<std::string> run() {
    scheduler_.run([this] { live(); });
    if (scheduler_.calls() > Process::kCallsMax) return {"it goes round in circles and does not come to its end"};
    if (wrong_.empty()) wrong_ = judge(scenario_, catalog_, objects_, others_.rows(), followed_);
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
      if (scenario_.others_every_ms != 0) lives.push_back(scheduler_.start("others", [this] { let_others_act(); }));
    }
    rates_ = {};
    // The last one may have to wait for the log, and for what is late.
    while (log_.end_of(0) < scenario_.events) scheduler_.sleep_ms(1000);
    catalog_.deliver_late();
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Result<runtime::RunSummary> outcome = run_process(true, static_cast<int>(scenario_.tasks));
      if (outcome.ok()) return;
      last_error_ = outcome.error().to_string();
    }
    wrong_.push_back("a process does not come to its end when nothing goes wrong any more: " + last_error_);
  }

  int64_t epochs_of_lead() {
    const lake::LoadedTable lead = catalog_.whole({.ns = "t", .name = "main"});
    const auto record =
        lake::pipeline_property_from_text(lead.metadata->property(lake::pipeline_property_name(kPipeline)));
    return std::get<lake::LeadRecord>(*record).epochs;
  }

  bool is_calm() const { return scheduler_.monotonic_us() / 1000 >= scenario_.calm_after_ms; }

  void come_and_go() {
    while (!is_calm()) {
      const int tasks = 1 + static_cast<int>(random_.next_u64() % static_cast<uint64_t>(scenario_.tasks));
      const Result<runtime::RunSummary> outcome = run_process(false, tasks);
      if (!outcome.ok() && is_halt(outcome.error()))
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
    const std::unique_ptr<connector::IcebergSinks> sinks =
        connector::make_iceberg_sinks(sink_options(scenario_), catalog, store, scheduler_, random_);
    const std::string pieces = std::string(kStoreFolder) + "/outbox/" + std::to_string(++started_) + ".";
    runtime::Job job{.committer = sinks->take_committer(),
                     .graph = make_graph({.log = log_,
                                          .once = once,
                                          .process = process,
                                          .sinks = *sinks,
                                          .make_outbox_writer = [&store, pieces](TaskShare share) {
                                            return runtime::make_outbox_writer(
                                                store, pieces + std::to_string(share.index), make_id_encoder());
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
      while (!is_over && scheduler_.monotonic_us() < until_us && !is_calm()) scheduler_.sleep_ms(100);
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
  FollowedStore followed_;
  const std::function<int64_t()> decided_ = [this] { return epochs_of_lead(); };
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

#include "simulation/world.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "runtime/local_host.h"
#include "simulation/followed_store.h"
#include "simulation/judge.h"
#include "simulation/lead_view.h"
#include "simulation/others.h"
#include "simulation/person.h"
#include "simulation/pipeline.h"
#include "simulation/ports.h"
#include "simulation/scheduler.h"
#include "storage/patient_store.h"

namespace weir::simulation {
namespace {

constexpr int64_t kLongestRunMs = 6 * 3'600'000;  // of virtual time: what takes longer stands still
constexpr int64_t kStopDeadlineMs = 5'000;
constexpr int kLastAttempts = 8;  // a table of each may have to be decided on

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
  World(const Scenario& scenario, Sabotage sabotage)
      : scenario_(scenario),
        sabotage_(sabotage),
        rates_(scenario.rates),
        random_(scenario.seed * 31 + 7),
        scheduler_(scenario.seed),
        store_(disk_.objects),
        catalog_(scenario.habits(), store_, "memory://tables", scheduler_, random_),
        others_(catalog_, store_, scheduler_, random_),
        log_(scenario_, scheduler_),
        lead_(catalog_),
        person_(scenario_, catalog_, disk_, log_, scheduler_, random_, wrong_) {}

  Outcome run() {
    const size_t alive = scheduler_.run([this] { live(); });
    disk_.lose_power(random_);  // what the tables name must not depend on it
    if (scheduler_.calls() > Process::kCallsMax)
      wrong_ = {"it goes round in circles and does not come to its end"};
    else if (alive != 0)
      wrong_ = {std::to_string(alive) + " threads are left when all has come to its end"};
    else if (wrong_.empty())
      wrong_ = judge({.scenario = scenario_,
                      .catalog = catalog_,
                      .objects = disk_.objects,
                      .events = log_.readable(person_.lost_at()),
                      .others = others_.rows(),
                      .followed = followed_,
                      .processes = started_,
                      .declared = person_.declared()});
    return {.wrong = std::move(wrong_), .trace = scheduler_.trace()};
  }

 private:
  /// Processes come and go while things go wrong; then one brings all to its end.
  void live() {
    {
      std::vector<std::unique_ptr<runtime::StartedThread>> lives;
      for (int64_t i = 0; i < scenario_.processes; ++i)
        lives.push_back(scheduler_.start("life-" + std::to_string(i), [this] { come_and_go(); }));
      lives.push_back(scheduler_.start("late", [this] { deliver_late(); }));
      if (scenario_.power_lost_every_ms != 0) lives.push_back(scheduler_.start("power", [this] { lose_power(); }));
      if (scenario_.log_fault != 0) lives.push_back(scheduler_.start("log", [this] { break_log(); }));
      if (scenario_.harm != 0) lives.push_back(scheduler_.start("harm", [this] { do_harm(); }));
      if (scenario_.others_every_ms != 0) lives.push_back(scheduler_.start("others", [this] { let_others_act(); }));
    }
    rates_ = {};
    if (scenario_.power_lost_every_ms != 0) disk_.lose_power(random_);
    // The last one may have to wait for the log, and for what is late.
    while (!log_.is_complete()) scheduler_.sleep_ms(1000);
    catalog_.deliver_late();
    disk_.deliver_late();
    for (int attempt = 0; attempt < kLastAttempts; ++attempt) {
      const Result<runtime::RunSummary> outcome = run_process(true, static_cast<int>(scenario_.tasks));
      if (outcome.ok()) return;
      last_error_ = outcome.error().to_string();
      if (person_.is_asked(outcome.error())) person_.go_on(outcome.error());
    }
    wrong_.push_back("a process does not come to its end when nothing goes wrong any more: " + last_error_);
  }

  /// Once something of partition 0 is in the tables: else nobody could tell that it was lost.
  void break_log() {
    while (!is_calm() && (scheduler_.monotonic_us() / 1000 < scenario_.log_breaks_at_ms || !lead_.progress_of(0)))
      scheduler_.sleep_ms(300);
    if (!is_calm()) log_.break_now();
  }

  /// I9: what the log may forget is in the tables.
  void check_released(const SourceProgress& released) {
    if (harmed_) return;  // what is decided may have been put back
    for (const auto& [name, to] : released.partitions) {
      const int partition = partition_named(name);
      if (partition == 0 && person_.lost_at()) continue;  // it was put back by hand since
      const std::optional<PartitionProgress> decided = lead_.progress_of(partition);
      if (to.next > (decided ? decided->next : 0))
        wrong_.push_back("the log may forget '" + name + "' up to " + std::to_string(to.next) +
                         ", which is ahead of the tables");
    }
  }

  /// Once the pipeline has decided something: there is nothing to lose before.
  void do_harm() {
    while (!is_calm() && (scheduler_.monotonic_us() / 1000 < scenario_.harm_at_ms || lead_.record().epochs == 0))
      scheduler_.sleep_ms(300);
    if (is_calm()) return;
    const lake::TableIdentifier table = tables_of(scenario_)[static_cast<size_t>(scenario_.harmed_table)];
    Contents before = contents_of(scenario_, catalog_, disk_.objects);
    if (!others_.harm(static_cast<Harm>(scenario_.harm), table, scenario_.harm_depth)) return;
    harmed_ = true;
    Contents after = before;
    after[table.name].clear();
    if (catalog_.load(table).ok()) after = contents_of(scenario_, catalog_, disk_.objects);
    const auto rows_of_others = [&](const Contents& contents) {
      const auto& rows = contents.at(table.name);
      return std::distance(rows.lower_bound(kOthersRows), rows.end());
    };
    others_.set_rows(table, rows_of_others(after));
    person_.note_harm(table, std::move(before), std::move(after));
  }

  bool is_calm() const { return scheduler_.monotonic_us() / 1000 >= scenario_.calm_after_ms; }

  void come_and_go() {
    while (!is_calm()) {
      const int tasks = 1 + static_cast<int>(random_.next_u64() % static_cast<uint64_t>(scenario_.tasks));
      const Result<runtime::RunSummary> outcome = run_process(false, tasks);
      const bool is_asked = !outcome.ok() && person_.is_asked(outcome.error());
      if (!outcome.ok() && is_halt(outcome.error()) && !is_asked)
        wrong_.push_back("a process halts for good: " + outcome.error().to_string());
      scheduler_.sleep_ms(static_cast<int64_t>(random_.next_u64() % 3000));
      const bool will_decide = is_asked && random_.next_u64() % 2 == 0;  // another process may heal it
      if (will_decide) person_.go_on(outcome.error());
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
      disk_.deliver_late();
    }
  }

  void lose_power() {
    while (!is_calm()) {
      scheduler_.sleep_ms(
          1 + static_cast<int64_t>(random_.next_u64() % static_cast<uint64_t>(2 * scenario_.power_lost_every_ms)));
      for (Process* process : running_) process->die();
      disk_.lose_power(random_);
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
    running_.insert(&process);
    int64_t given_up_us = INT64_MAX;
    Result<runtime::RunSummary> outcome = run_process(process, once, tasks, given_up_us);
    running_.erase(&process);
    // A stop whose deadline has passed waits for nothing that fails then.
    const bool has_gone_on = process.has_failed() && outcome.ok() && scheduler_.monotonic_us() < given_up_us;
    if (has_gone_on) wrong_.push_back("an error of the disk did not end a run");
    return outcome;
  }

  /// `given_up_us`: when a stop gives up what is under way.
  Result<runtime::RunSummary> run_process(Process& process, bool once, int tasks, int64_t& given_up_us) {
    FaultyStore faulty_store(disk_, process, random_);
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
                             .released = released_,
                             .sabotage = sabotage_,
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
                             .stop_deadline_ms = kStopDeadlineMs},
                            {.checkpoints = runtime::Checkpoints(store, store, kStoreFolder, kPipeline, random_),
                             .prepared = runtime::PreparedStore(store, store, kStoreFolder),
                             .old_intents = runtime::OldIntents(posix_file_env(), "/nonexistent/weir-simulation"),
                             .outbox = runtime::OutboxStore(store, store)},
                            {.threads = scheduler_, .clock = scheduler_, .random = random_, .observer = observer_});
    if (once) return host.run();
    Result<runtime::RunSummary> outcome = run_for_a_while(host, given_up_us);
    const bool has_given_up = !outcome.ok() && outcome.error().retry() == RetryHint::backoff && !process.is_dead();
    if (has_given_up && outcome.error().kind() != ErrorKind::conflict && !process.may_end_by_faults())
      wrong_.push_back("a passing fault ended a run: " + outcome.error().to_string());
    return outcome;
  }

  Result<runtime::RunSummary> run_for_a_while(runtime::LocalHost& host, int64_t& given_up_us) {
    bool is_over = false;
    const auto stopper = scheduler_.start("stopper", [&] {
      const int64_t patience_ms = static_cast<int64_t>(random_.next_u64() % 60'000);
      const int64_t until_us = scheduler_.monotonic_us() + patience_ms * 1000;
      while (!is_over && scheduler_.monotonic_us() < until_us && !is_calm()) scheduler_.sleep_ms(400);
      host.request_stop();
      given_up_us = scheduler_.monotonic_us() + kStopDeadlineMs * 1000;
    });
    Result<runtime::RunSummary> outcome = host.run();
    is_over = true;
    return outcome;
  }

  const Scenario scenario_;
  const Sabotage sabotage_;
  FaultRates rates_;
  SeededRandom random_;
  Scheduler scheduler_;
  Disk disk_;
  CalmStore store_;
  lake::MemoryCatalog catalog_;
  Others others_;
  EventLog log_;
  LeadView lead_;
  std::vector<std::string> wrong_;
  Person person_;
  bool harmed_ = false;
  FollowedStore followed_;
  const std::function<void(const SourceProgress&)> released_ = [this](const SourceProgress& to) { check_released(to); };
  const std::function<int64_t()> decided_ = [this] { return lead_.record().epochs; };
  int64_t started_ = 0;         ///< processes
  std::set<Process*> running_;  ///< at this moment; the order matters to nobody
  SilentObserver observer_;
  std::string last_error_;
};

}  // namespace

Outcome run(const Scenario& scenario, Sabotage sabotage) {
  return World(scenario, sabotage).run();
}

}  // namespace weir::simulation

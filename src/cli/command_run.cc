#include <atomic>
#include <csignal>

#include "base/fault.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/live_line.h"
#include "cli/run_report.h"
#include "planner/job.h"

namespace weir::cli {
namespace {

std::atomic<runtime::LocalHost*> running_host = nullptr;

/// The first SIGTERM or SIGINT asks for an orderly stop; the handler resets itself, so that the second one ends the process.
void on_stop_signal(int) {
  if (runtime::LocalHost* host = running_host.load()) host->request_stop();
}

class StopSignals {
 public:
  explicit StopSignals(runtime::LocalHost& host) {
    running_host = &host;
    struct sigaction action {};
    action.sa_handler = on_stop_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
  }
  ~StopSignals() { running_host = nullptr; }
};

/// Tells of commits on stderr where no live line does.
class CommitPrinter final : public runtime::RunObserver {
 public:
  CommitPrinter(Environment& environment, bool quiet) : environment_(environment), quiet_(quiet || environment.console.err_is_terminal()) {}

  void on_commit(const CommitReport& report, const Progress&, int64_t took_us) override {
    if (quiet_) return;
    for (const CommittedTable& table : report.tables) {
      if (table.files == 0) continue;
      environment_.console.err("committed " + format_count(table.rows) + " rows to " + table.table + " in " + std::to_string(table.files) + " files, snapshot " +
                               std::to_string(table.snapshot_id) + ", " + format_duration_ms(took_us / 1000) + "\n");
    }
  }
  void on_commit_retry(const Error* error, int64_t wait_ms) override {
    environment_.console.err("commit not done yet: " + (error != nullptr ? error->message() : "the catalog's answer is unknown") + "; trying again in " +
                             format_duration_ms(wait_ms) + "\n");
  }
  void on_recovered(const CommitReport& report) override {
    if (quiet_) return;
    environment_.console.err(report.outcome == CommitOutcome::applied ? "a commit of an earlier run is complete\n"
                                                                       : "a commit of an earlier run was overtaken and is void\n");
  }

 private:
  Environment& environment_;
  bool quiet_;
};

Result<runtime::RunSummary> run_plan(Environment& environment, const planner::Plan& plan, const RunArguments& arguments) {
  WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog, environment.open_catalog(plan.catalog));
  WEIR_ASSIGN(runtime::IntentStore intents, runtime::IntentStore::open(environment.files, plan.state_directory));
  const planner::JobEnvironment job_environment{
      .catalog = *catalog,
      .store = *environment.store,
      .files = environment.files,
      .clock = environment.clock,
      .random = environment.random,
      .log = [&](bool is_warning, std::string_view line) { environment.console.err((is_warning ? "warning: " : "") + std::string(line) + "\n"); },
      .once = arguments.once};
  WEIR_ASSIGN(runtime::Job job, planner::make_job(plan, job_environment));
  CommitPrinter printer(environment, arguments.quiet || environment.json);
  runtime::LocalHost host(std::move(job), planner::run_options(plan), std::move(intents), environment.clock, printer);
  const StopSignals signals(host);
  const LiveLine live(environment.console, host, environment.clock, !arguments.quiet && !environment.json);
  return host.run();
}

}  // namespace

int run_command(Environment& environment, const RunArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return kExitUsage;
  const int64_t began_us = environment.clock.monotonic_us();
  const Result<runtime::RunSummary> summary = run_plan(environment, *plan, arguments);
  if (!summary.ok()) return fail(environment, summary.error());
  const int64_t took_ms = (environment.clock.monotonic_us() - began_us) / 1000;
  if (environment.json) environment.console.out(run_report_json(*plan, *summary, took_ms));
  else if (!arguments.quiet) environment.console.out(run_report_text(*plan, *summary, took_ms));
  return kExitDone;
}

}  // namespace weir::cli

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/civil_time.h"
#include "cli/build_info.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/manual_commit.h"
#include "cli/output/live_line.h"
#include "cli/output/progress_text.h"
#include "cli/output/run_monitor.h"
#include "cli/output/run_report.h"
#include "cli/savepoint_restore.h"
#include "cli/stop_signals.h"
#include "lake/commit/pipeline_tables.h"
#include "observe/metric_names.h"
#include "planner/job.h"
#include "planner/plan_diff.h"
#include "serving/observability_server.h"
#include "storage/patient_store.h"

namespace weir::cli {
namespace {

/// Each commit of each table is a line, also of a pipeline that commits ten times a second; only a storm is cut.
constexpr int kCommitLinesMax = 1000;

/// Log lines, which take the place of the live line.
class ConsoleLogSink final : public observe::LogSink {
 public:
  explicit ConsoleLogSink(Console& console) : console_(console) {}
  void write(std::string_view line) override { console_.err(line); }

 private:
  Console& console_;
};

/// What makes the run visible from outside: logger, metrics, HTTP.
struct Visibility {
  ConsoleLogSink sink;
  observe::Logger logger;
  observe::Metrics metrics;

  Visibility(Environment& environment, const planner::Plan& plan, bool quiet)
      : sink(environment.console),
        logger({.level = quiet ? observe::LogLevel::warn : observe::LogLevel::info,
                .format = environment.console.err_is_terminal() ? observe::LogFormat::text : observe::LogFormat::json,
                .colour = environment.console.err_has_colour(),
                .lines_per_event_max = kCommitLinesMax,
                .context = {{"pipeline", plan.pipeline}}},
               sink, environment.redactor, environment.clock),
        metrics(environment.redactor) {
    metrics.gauge(observe::metric::kBuildInfo, {kVersion, kRevision}).set(1);
  }
};

using Server = std::unique_ptr<serving::ObservabilityServer>;

Result<Server> serve(Environment& environment, const RunArguments& arguments, Visibility& visibility,
                     RunMonitor& monitor, const runtime::LocalHost& host) {
  if (!arguments.http) return Server();
  serving::ObservabilityCallbacks callbacks;
  callbacks.before_scrape = [&] { monitor.update(host.status()); };
  callbacks.readiness = [&] {
    return host.status().ready ? serving::Readiness{.ready = true}
                               : serving::Readiness{.ready = false, .reason = "opening tables and sources"};
  };
  WEIR_ASSIGN(Server server, serving::ObservabilityServer::start(*arguments.http, visibility.metrics,
                                                                 environment.redactor, std::move(callbacks)));
  visibility.logger.info("http.listening", "metrics and health at http://" + server->address() + "/metrics",
                         {{"address", server->address()}});
  return server;
}

/// Says what is read, from where on, and where it lands: before anything happens.
void announce(observe::Logger& logger, const planner::Plan& plan, lake::Catalog& catalog, ObjectStore& store,
              bool once) {
  for (const planner::PlannedSource& source : plan.sources)
    logger.info("run.source", source.name + ": " + source.bound.summary(once), {{"source", source.name}});
  std::string tables;
  for (const planner::PlannedSink& sink : plan.sinks)
    tables += (tables.empty() ? "" : ", ") + sink.definition.table.to_string();
  logger.info("run.tables",
              "landing in " + tables + ", rejects in " + plan.dead_letter.table.to_string() + ", in the warehouse " +
                  plan.catalog.warehouse,
              {{"warehouse", plan.catalog.warehouse}});
  const Result<lake::PipelineTables> tables_now =
      lake::look_at_tables(catalog, store, plan.pipeline, planner::target_tables(plan));
  if (!tables_now.ok()) return;  // a fault that the run is about to report
  if (!tables_now->record.progress.empty())
    logger.info("run.progress", "continuing after " + progress_line(tables_now->record.progress));
}

Result<void> go_on_from(Environment& environment, const planner::Plan& plan, lake::Catalog& catalog,
                        const std::string& folder, observe::Logger& logger) {
  WEIR_ASSIGN(const runtime::Savepoint savepoint, restore_savepoint(environment, plan, catalog, folder));
  logger.info("run.restored",
              "going on from the savepoint " + folder + " of " + format_datetime(savepoint.taken_at_ms * 1000) +
                  "Z; it is recorded, start without --from from now on",
              {{"savepoint", folder}});
  return {};
}

/// Files that the sources leave to a later run.
class LeftFiles {
 public:
  void add(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    paths_.push_back(path);
  }
  std::vector<std::string> take() {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> paths = std::exchange(paths_, {});
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> paths_;  ///< guarded by mutex_
};

Result<runtime::RunSummary> run_plan(Environment& environment, const planner::Plan& plan, const RunArguments& arguments,
                                     const StopSignals& signals, LeftFiles& left) {
  Visibility visibility(environment, plan, arguments.quiet);
  RunMonitor monitor(plan.pipeline, visibility.logger, visibility.metrics, environment);
  const std::unique_ptr<ObjectRemover> remover = make_local_remover(environment.files);
  PatientStore store(*environment.store, *remover, environment.clock, [&](const Error& error, int64_t wait_ms) {
    visibility.logger.warn("storage.retry", "storage does not answer and is asked again: " + error.message(),
                           {{"reason", std::string(to_string(error.kind()))}, {"wait_ms", wait_ms}});
  });
  WEIR_ASSIGN(const std::unique_ptr<lake::Catalog> catalog,
              environment.open_catalog(plan.catalog, lake::CatalogAccess::create, remover.get()));
  if (!arguments.from.empty()) WEIR_TRY(go_on_from(environment, plan, *catalog, arguments.from, visibility.logger));
  if (arguments.accept_rejects > 0) WEIR_TRY(accept_rejects(environment, plan, *catalog, arguments.accept_rejects));
  const auto log_as = [&](observe::LogEvent warning, observe::LogEvent info) {
    return [&logger = visibility.logger, warning, info](bool is_warning, std::string_view line) {
      if (is_warning)
        logger.warn(warning, line);
      else
        logger.info(info, line);
    };
  };
  const planner::JobEnvironment job_environment{.catalog = *catalog,
                                                .store = store,
                                                .files = environment.files,
                                                .clock = environment.clock,
                                                .random = environment.random,
                                                .log = log_as("source.warning", "source.info"),
                                                .table_log = log_as("table.warning", "table.changed"),
                                                .once = arguments.once,
                                                .leave = [&left](const std::string& path) { left.add(path); }};
  WEIR_ASSIGN(runtime::Job job, planner::make_job(plan, job_environment));
  const std::string folder = file_uri(plan.state_directory, "/");
  runtime::RunOptions options = planner::run_options(plan);
  options.reject_limits.accepted = arguments.accept_rejects;
  runtime::LocalHost host(std::move(job), options,
                          {.checkpoints = runtime::Checkpoints(store, store, folder, plan.pipeline, environment.random),
                           .prepared = runtime::PreparedStore(store, store, folder),
                           .old_intents = runtime::OldIntents(environment.files, plan.state_directory),
                           .outbox = runtime::OutboxStore(store, store)},
                          {.threads = runtime::system_threads(),
                           .clock = environment.clock,
                           .random = environment.random,
                           .observer = monitor});
  const StopSignals::Target target(host);
  announce(visibility.logger, plan, *catalog, *environment.store, arguments.once);
  const StopNotice notice(signals, environment.clock, [&] {
    visibility.logger.info("run.stopping", "stopping: what was read is being committed; a second signal stops at once");
  });
  WEIR_ASSIGN(const Server server, serve(environment, arguments, visibility, monitor, host));
  const LiveLine live(environment, host, monitor, !arguments.quiet && !environment.json);
  return host.run();
}

}  // namespace

int run_command(Environment& environment, const RunArguments& arguments) {
  const StopSignals signals;
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  const int64_t began_us = environment.clock.monotonic_us();
  LeftFiles left;
  const Result<runtime::RunSummary> summary = run_plan(environment, *plan, arguments, signals, left);
  if (!summary.ok()) {
    // The file was fine: whatever is wrong now is a failure, unless it says that tables or settings do not fit.
    const int code = fail(environment, summary.error());
    const ErrorKind kind = summary.error().kind();
    const bool is_setting = kind == ErrorKind::invalid_argument || kind == ErrorKind::unsupported;
    return code == kExitUsage && !is_setting ? kExitFailed : code;
  }
  const int64_t took_ms = (environment.clock.monotonic_us() - began_us) / 1000;
  if (environment.json)
    environment.console.out(run_report_json(*plan, *summary, left.take(), took_ms));
  else if (!arguments.quiet)
    environment.console.out(run_report_text(*plan, *summary, left.take(), took_ms));
  else if (summary->abandoned_epoch)
    environment.console.warning("stopped before the last events were committed; the next start reads them again");
  return kExitDone;
}

}  // namespace weir::cli

#include "cli/arguments.h"

#include <cerrno>
#include <sstream>
#include <system_error>

#include <CLI/CLI.hpp>

#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

constexpr int64_t kTimeoutMsMax = 24 * 3'600'000;

/// All commands with their arguments, filled by the parser.
struct Arguments {
  RunArguments run;
  ValidateArguments validate;
  PlanArguments plan;
  TestArguments test;
  SchemaArguments schema;
  QueryArguments query;
  TableArguments table;
  ProgressArguments progress;
};

void add_catalog(CLI::App& command, CatalogArguments& arguments) {
  command.add_option("--warehouse", arguments.warehouse, "Folder of the embedded catalog")
      ->envname("WEIR_WAREHOUSE")
      ->capture_default_str();
  command.add_option("--catalog", arguments.catalog_name, "Name of the catalog")->capture_default_str();
}

void add_run(CLI::App& app, RunArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("run", "Run a pipeline: read its sources and land rows in its tables, exactly once");
  command->add_option("pipeline", arguments.pipeline_file, "Pipeline file")->required();
  command->add_flag("--once", arguments.once, "Stop at the end of what is there now");
  command->add_option("--http", arguments.http,
                      "Serve /metrics, /livez and /readyz here, e.g. 127.0.0.1:9464 (off by default)");
  command->add_flag("-q,--quiet", arguments.quiet, "Say nothing but warnings and errors");
  command->footer(
      "Examples:\n  weir run flights.yaml --once\n  weir run flights.yaml --http 127.0.0.1:9464\n\n"
      "The first Ctrl-C commits what was read and stops; the second stops at once. Either way the next run goes on "
      "where the tables are.");
}

void add_validate(CLI::App& app, ValidateArguments& arguments) {
  CLI::App* command = app.add_subcommand("validate", "Check a pipeline file and its contracts; contacts nothing");
  command->add_option("pipeline", arguments.pipeline_file, "Pipeline file")->required();
  command->footer("Example:\n  weir validate flights.yaml");
}

void add_plan(CLI::App& app, PlanArguments& arguments) {
  CLI::App* command = app.add_subcommand("plan", "Show what a run would make or find in the catalog; changes nothing");
  command->add_option("pipeline", arguments.pipeline_file, "Pipeline file")->required();
  command->add_flag("--detailed-exitcode", arguments.detailed_exit_code,
                    "Exit 0: nothing to make, 1: error, 2: tables would be made or do not fit");
  command->footer("Example:\n  weir plan flights.yaml");
}

void add_test(CLI::App& app, TestArguments& arguments) {
  CLI::App* command =
      app.add_subcommand("test", "Run the unit tests that stand beside a pipeline: rows in, rows and rejects out");
  command->add_option("pipeline", arguments.pipeline_file, "Pipeline file")->required();
  command->add_option("--case", arguments.names, "Run only the case of this name (can be given again)");
  command->footer("Example:\n  weir test flights.yaml");
}

void add_schema(CLI::App& app, SchemaArguments& arguments) {
  CLI::App* command = app.add_subcommand("schema", "Print the JSON Schema of Weir's files, for editors");
  command->add_option("what", arguments.what, "pipeline, contract or test")
      ->check(CLI::IsMember({"pipeline", "contract", "test"}))
      ->capture_default_str();
  command->footer("Example:\n  weir schema pipeline > pipeline.schema.json");
}

void add_query(CLI::App& app, QueryArguments& arguments) {
  CLI::App* command = app.add_subcommand("query", "Run SQL over the tables as they are now");
  command->add_option("sql", arguments.sql, "A SELECT; tables are called NAMESPACE.TABLE")->required();
  command->add_option("--limit", arguments.rows_max, "Print at most so many rows (0: all)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--timeout", arguments.time_ms_max,
                   "End a query that takes longer, e.g. 500ms, 30s or 5m (0s: never)")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}},
                                        CLI::AsNumberWithUnit::UNIT_REQUIRED, "DURATION"))
      ->check([](const std::string& ms) {
        const bool fits = std::stoll(ms) >= 0 && std::stoll(ms) <= kTimeoutMsMax;
        return fits ? std::string() : std::string("write a duration from 0s to 1440m");
      })
      ->option_text("DURATION");
  add_catalog(*command, arguments.catalog);
  command->footer(
      "Example:\n  weir query \"select origin.airport, count(*) from ops.flights group by 1 order by 2 desc limit 5\"");
}

void add_table(CLI::App& app, TableArguments& arguments) {
  CLI::App* command = app.add_subcommand("table", "Look at tables: list, show, snapshots, files, history");
  command->add_option("action", arguments.action, "list, show, snapshots, files or history")
      ->required()
      ->check(CLI::IsMember({"list", "show", "snapshots", "files", "history"}));
  command->add_option("table", arguments.table, "NAMESPACE.TABLE");
  command->add_option("--snapshot", arguments.snapshot_id, "files: of this snapshot instead of the current one");
  add_catalog(*command, arguments.catalog);
  command->footer("Examples:\n  weir table list\n  weir table snapshots ops.flights\n  weir table files ops.flights");
}

void add_progress(CLI::App& app, ProgressArguments& arguments) {
  CLI::App* command = app.add_subcommand(
      "progress", "Show how far a pipeline has come; or decide by hand how it goes on where records are lost");
  command->add_option("action", arguments.action, "show, set, forget or join")
      ->required()
      ->check(CLI::IsMember({"show", "set", "forget", "join"}));
  command->add_option("pipeline", arguments.pipeline_file, "Pipeline file")->required();
  command->add_option("--source", arguments.source, "Source; may be left out when there is only one");
  command->add_option("--partition", arguments.partitions, "TOPIC/NUMBER, or the path of a file (can be given again)");
  command->add_flag("--all", arguments.all, "forget: all partitions of the source, and which cluster it was");
  command->add_option("--next", arguments.next, "set: go on at this offset");
  command->add_option("--table", arguments.tables, "join: NAMESPACE.TABLE (can be given again)");
  command->add_option("--reason", arguments.reason, "set, forget, join: why; it is kept in the tables");
  command->footer(
      "Examples:\n  weir progress show flights.yaml\n  weir progress set flights.yaml --partition events/0 --next 1200 "
      "--reason \"retention was too short\"\n  weir progress forget flights.yaml --partition 2026-01-01.ndjson "
      "--reason \"delivered again\"\n  weir progress join flights.yaml --table ops.late --reason \"a new table, from "
      "now on\"\n\n"
      "`set` leaves out what lies between, `forget` reads the partition again from its beginning: rows of it that are "
      "in the tables stay there. `join` lets a table that is new in the pipeline, or was restored, go on where the "
      "other "
      "tables are: it lacks what lies before. Stop the pipeline first; one that still runs is fenced.");
}

int usage_error(Environment& environment, const CLI::App& app, const std::string& message) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  const std::string command = given.empty() ? "weir" : "weir " + given.front()->get_name();
  environment.console.error(message);
  environment.console.err("Try `" + command + " --help`.\n");
  return kExitUsage;
}

/// The message for a word that is no command, with the nearest one.
int unknown_command(Environment& environment, const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return usage_error(environment, app, "there is no command '" + word + "'" + did_you_mean(word, names));
}

/// Arguments of `table` that do not go together; empty when they do.
std::string wrong_table_arguments(const TableArguments& arguments) {
  if (arguments.action == "list" && !arguments.table.empty())
    return "unexpected argument '" + arguments.table + "': list has all tables";
  if (arguments.action != "list" && arguments.table.empty())
    return "name a table: weir table " + arguments.action + " NAMESPACE.TABLE";
  if (arguments.action != "files" && arguments.snapshot_id) return "--snapshot goes with files";
  return {};
}

/// What is left to say when a command is through: output that did not arrive makes it a failure.
int check_output(Environment& environment, int code) {
  const int error = environment.console.out_error();
  if (error == 0) return code;
  // A reader that went away has what it wanted: nothing to say, and no success either, since rows may be missing.
  if (error != EPIPE) environment.console.error("cannot write the output: " + std::generic_category().message(error));
  return code == kExitDone ? kExitFailed : code;
}

int dispatch(Environment& environment, const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("run")) return run_command(environment, arguments.run);
  if (app.got_subcommand("validate")) return validate_command(environment, arguments.validate);
  if (app.got_subcommand("plan")) return plan_command(environment, arguments.plan);
  if (app.got_subcommand("test")) return test_command(environment, arguments.test);
  if (app.got_subcommand("schema")) return schema_command(environment, arguments.schema);
  if (app.got_subcommand("query")) return query_command(environment, arguments.query);
  if (app.got_subcommand("table")) return table_command(environment, arguments.table);
  if (app.got_subcommand("progress")) return progress_command(environment, arguments.progress);
  return version_command(environment);
}

}  // namespace

int run_program(int argc, char** argv, Environment& environment) {
  CLI::App app("Weir lands events and database changes in Iceberg tables, exactly once.", "weir");
  Arguments arguments;
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_flag("--json", environment.json, "Print for machines");
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  add_run(app, arguments.run);
  add_validate(app, arguments.validate);
  add_plan(app, arguments.plan);
  add_test(app, arguments.test);
  add_schema(app, arguments.schema);
  add_query(app, arguments.query);
  add_table(app, arguments.table);
  add_progress(app, arguments.progress);
  app.add_subcommand("version", "Print the version");
  app.footer(
      "Start with:\n  weir validate pipeline.yaml\n  weir run pipeline.yaml --once\n\nExit codes: 0 done, 1 failed, 2 "
      "usage or configuration, 12 fenced by a newer process, 130 interrupted.");
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help
      std::ostringstream help;
      app.exit(error, help, help);
      environment.console.out(help.str());
      return check_output(environment, kExitDone);
    }
    return usage_error(environment, app, error.what());
  }
  if (version) return check_output(environment, version_command(environment));
  const std::vector<std::string> extras = app.remaining(true);
  if (app.get_subcommands().empty()) {
    if (!extras.empty()) return unknown_command(environment, app, extras.front());
    environment.console.out(app.help());
    return kExitUsage;
  }
  if (!extras.empty()) {
    return usage_error(environment, app, "unexpected argument '" + extras.front() + "'");
  }
  if (app.got_subcommand("table")) {
    const std::string wrong = wrong_table_arguments(arguments.table);
    if (!wrong.empty()) return usage_error(environment, app, wrong);
  }
  return check_output(environment, dispatch(environment, app, arguments));
}

}  // namespace weir::cli

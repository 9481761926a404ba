#include "cli/commands/command_builder_internal.h"
#include "cli/commands/command_definitions_internal.h"

namespace weir::cli {
namespace {

constexpr int64_t kTimeoutMsMax = 24 * 3'600'000;

/// Adds commands to a program.
class ProgramBuilder {
 public:
  ProgramBuilder(CLI::App& app, ProgramHelp& help) : app_(app), help_(help) {}

  CommandBuilder command(const std::string& name, std::string summary) {
    help_.commands.push_back({.name = name, .summary = summary});
    return {*app_.add_subcommand(name, std::move(summary)), help_.commands.back()};
  }
  void hide_last() { help_.commands.back().is_hidden = true; }

 private:
  CLI::App& app_;
  ProgramHelp& help_;
};

void pipeline_argument(CommandBuilder& command, std::string& member) {
  command.argument("pipeline", member, "Pipeline file").required().completes(Completes::file);
}

void add_init(ProgramBuilder& program, InitArguments& arguments) {
  CommandBuilder command = program.command("init", "Write a pipeline and a contract for data that is there");
  command.argument("data", arguments.data, "Files, or a folder, of JSON lines or CSV; plain, gzip or zstd")
      .completes(Completes::file);
  command.option("--brokers", arguments.brokers, "HOST:PORT", "Look at a Kafka topic instead, without authentication");
  command.option("--topic", arguments.topic, "NAME", "The topic");
  command.option("--directory", arguments.directory, "FOLDER", "Where the files are written")
      .default_text(".")
      .completes(Completes::folder);
  command.option("--name", arguments.name, "NAME", "Name of the pipeline; by default from the data's name");
  command.option("--table", arguments.table, "NAMESPACE.TABLE", "The table that rows land in");
  command.option("--format", arguments.format, "FORMAT", "How events are written; by default found out by looking")
      .choices({"json", "csv"});
  command.example("weir init data/*.ndjson.gz")
      .example("weir init orders.csv --name orders --table shop.orders")
      .example("weir init --brokers localhost:9092 --topic clicks")
      .paragraph(
          "Types are inferred from the data, and every record that was sampled is decoded with the proposal before it "
          "is written: it runs at once, with no rejects on what was sampled. No file is overwritten.");
}

void add_try(ProgramBuilder& program, TryArguments& arguments) {
  CommandBuilder command =
      program.command("try", "Decode a sample with a contract: rows, and rejects with their place in the bytes");
  command.argument("contract", arguments.contract_file, "Contract file").required().completes(Completes::file);
  command.argument("sample", arguments.sample, "File with events; - is stdin, the default").completes(Completes::file);
  command.option("--format", arguments.format, "FORMAT", "How events are written; by default found out by looking")
      .choices({"json", "csv"});
  command.option("--delimiter", arguments.delimiter, "CHARACTER", "CSV: the character between fields")
      .default_text(",");
  command.option("--rows", arguments.rows_max, "COUNT", "Show at most so many rows and so many rejects")
      .default_text("20")
      .option()
      .check(CLI::NonNegativeNumber);
  command.flag("--watch", arguments.watch, "Do it again each time the contract or the sample is saved");
  command.example("weir try contracts/flight.yaml < sample.ndjson")
      .example("weir try contracts/flight.yaml sample.ndjson --watch")
      .paragraph("Exit 0 when every event was accepted, 1 when some were rejected.");
}

void add_run(ProgramBuilder& program, RunArguments& arguments) {
  CommandBuilder command =
      program.command("run", "Run a pipeline: read its sources and land rows in its tables, exactly once");
  pipeline_argument(command, arguments.pipeline_file);
  command.flag("--once", arguments.once, "Stop at the end of what is there now");
  command.option("--http", arguments.http, "HOST:PORT", "Serve /metrics, /livez and /readyz there; off by default");
  command.flag("-q,--quiet", arguments.quiet, "Print only warnings and errors");
  command
      .option("--accept-rejects", arguments.accept_rejects, "N",
              "Land up to N rejects this time, whatever `reject_limit` says; it is recorded in the tables")
      .option()
      .check(CLI::PositiveNumber);
  command.option("--from", arguments.from, "SAVEPOINT", "Go on from this savepoint, once; see `weir help savepoint`")
      .completes(Completes::folder);
  command.example("weir run flights.yaml --once")
      .example("weir run flights.yaml --http 127.0.0.1:9464")
      .paragraph(
          "The first Ctrl-C (SIGINT) or SIGTERM commits what was read and stops; the second stops at once with exit "
          "code 130 (SIGINT) or 143 (SIGTERM). Either way the next run continues where the tables are.");
}

void add_validate(ProgramBuilder& program, ValidateArguments& arguments) {
  CommandBuilder command = program.command("validate", "Check a pipeline file and its contracts; contacts nothing");
  pipeline_argument(command, arguments.pipeline_file);
  command.example("weir validate flights.yaml");
}

void add_plan(ProgramBuilder& program, PlanArguments& arguments) {
  CommandBuilder command = program.command(
      "plan",
      "Show what a run would create, change or find in the catalog, and read from its sources; changes nothing");
  pipeline_argument(command, arguments.pipeline_file);
  command.flag("--detailed-exitcode", arguments.detailed_exit_code,
               "Exit 0: nothing to do, 1: error, 2: tables would be created or changed, or do not fit");
  command
      .option("--sample", arguments.sample, "N",
              "Decode the next N events of each source and show what would become of them; none land")
      .option()
      .check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  command
      .option("--against", arguments.against, "FILE",
              "Show the sample to this pipeline file too, and what it makes otherwise; 1000 events without --sample")
      .completes(Completes::file);
  command.example("weir plan flights.yaml")
      .example("weir plan flights.yaml --sample 1000")
      .example("weir plan flights.yaml --against flights-new.yaml", "old beside new, event by event");
}

void add_test(ProgramBuilder& program, TestArguments& arguments) {
  CommandBuilder command =
      program.command("test", "Run a pipeline's unit tests: events in, expected rows and rejects out");
  pipeline_argument(command, arguments.pipeline_file);
  command.option("--case", arguments.names, "NAME", "Run only the case of this name");
  command.example("weir test flights.yaml");
}

void catalog_options(CommandBuilder& command, CatalogArguments& arguments) {
  command.option("--pipeline", arguments.pipeline_file, "FILE", "Look into the catalog of this pipeline")
      .completes(Completes::file);
  command.option("--catalog", arguments.catalog_name, "NAME", "Name of the catalog in the warehouse")
      .default_text("weir");
}

void add_query(ProgramBuilder& program, QueryArguments& arguments) {
  CommandBuilder command = program.command("query", "Run SQL over the tables as they are now");
  command.argument("sql", arguments.sql,
                   "A SELECT, `show tables` or `describe TABLE`; tables are called NAMESPACE.TABLE. Without it, or for "
                   "-, the SQL comes from --file or from stdin");
  command.option("--file", arguments.file, "FILE", "Read the SQL from a file").completes(Completes::file);
  command.option("--format", arguments.format, "FORMAT", "How rows are written")
      .choices({"table", "csv", "json", "parquet"})
      .default_text("table");
  command.option("--output", arguments.output, "FILE", "Write to a file instead of stdout; parquet needs one")
      .completes(Completes::file);
  command.option("--limit", arguments.rows_max, "ROWS", "Print at most so many rows; 0: all")
      .default_text("0")
      .option()
      .check(CLI::NonNegativeNumber);
  command
      .option("--timeout", arguments.time_ms_max, "DURATION",
              "End a query that takes longer, e.g. 500ms, 30s or 5m; 0s: never")
      .default_text("0s")
      .option()
      .transform(CLI::AsNumberWithUnit(std::map<std::string, int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}},
                                       CLI::AsNumberWithUnit::UNIT_REQUIRED, "DURATION"))
      ->check([](const std::string& ms) {
        const bool fits = std::stoll(ms) >= 0 && std::stoll(ms) <= kTimeoutMsMax;
        return fits ? std::string() : std::string("write a duration from 0s to 1440m");
      });
  catalog_options(command, arguments.catalog);
  command.example("weir query 'show tables'")
      .example("weir query 'select origin.airport, count(*) from ops.flights group by 1 order by 2 desc limit 5'")
      .example("weir query --file report.sql --format parquet --output report.parquet")
      .paragraph(
          "On a terminal, rows that are wider than the screen are shown one column a line. CSV and JSON lines (one "
          "object a row, typed values) are written row by row as they come.");
}

void add_table(ProgramBuilder& program, TableArguments& arguments) {
  CommandBuilder command = program.command("table", "Look at tables, their snapshots, files and history");
  command.argument("action", arguments.action, "list, show, snapshots, files or history")
      .required()
      .choices({"list", "show", "snapshots", "files", "history"});
  command.argument("table", arguments.table, "NAMESPACE.TABLE; not for list");
  command.option("--snapshot", arguments.snapshot_id, "ID", "files: of this snapshot instead of the current one");
  catalog_options(command, arguments.catalog);
  command.example("weir table list")
      .example("weir table snapshots ops.flights")
      .example("weir table files ops.flights");
}

void add_progress(ProgramBuilder& program, ProgressArguments& arguments) {
  CommandBuilder command = program.command(
      "progress", "Show how far a pipeline has come, or override where it continues when records are lost");
  command.argument("action", arguments.action, "show, set, forget or join")
      .required()
      .choices({"show", "set", "forget", "join"});
  pipeline_argument(command, arguments.pipeline_file);
  command.option("--source", arguments.source, "NAME", "The source; not needed when there is only one");
  command.option("--partition", arguments.partitions, "PARTITION", "TOPIC/NUMBER, or the path of a file");
  command.flag("--all", arguments.all, "forget: all partitions of the source, and which cluster it was");
  command.flag("--state", arguments.state, "forget: what the steps remember, instead of a partition");
  command.option("--next", arguments.next, "OFFSET", "set: continue at this offset");
  command.option("--table", arguments.tables, "NAMESPACE.TABLE", "join: a table that is to join");
  command.option("--reason", arguments.reason, "TEXT", "set, forget, join: why; it is recorded in the tables");
  command.example("weir progress show flights.yaml")
      .example("weir progress set flights.yaml --partition events/0 --next 1200 --reason \"retention was too short\"")
      .example("weir progress forget flights.yaml --partition 2026-01-01.ndjson --reason \"delivered again\"")
      .example("weir progress join flights.yaml --table ops.late --reason \"a new table, from now on\"")
      .paragraph(
          "set skips what lies between; forget reads the partition again from its beginning: rows of it that are in "
          "the tables stay there; forget --state empties open windows and the memory of keys. join lets a table that "
          "is new in the pipeline, or was restored, continue where the "
          "other tables are: it lacks what lies before. Stop the pipeline first; one that still runs is fenced.");
}

void add_savepoint(ProgramBuilder& program, SavepointArguments& arguments) {
  CommandBuilder command = program.command(
      "savepoint", "Copy what a pipeline's steps remember, with its progress: kept until you delete it");
  pipeline_argument(command, arguments.pipeline_file);
  command.option("--to", arguments.to, "FOLDER", "Where to; by default a new folder in the pipeline's store")
      .completes(Completes::folder);
  command.example("weir savepoint orders.yaml")
      .example("weir savepoint orders.yaml --to /backup/orders-before-upgrade")
      .example("weir run orders.yaml --from /backup/orders-before-upgrade")
      .paragraph(
          "It is of the last commit, whether the pipeline runs or not, and needs nothing else to be read: copy the "
          "folder where you like, remove it when you need it no more.")
      .paragraph(
          "`weir run --from` goes on from one where the tables hold exactly what it covers, or nothing of the pipeline "
          "yet: then it begins where the savepoint was taken. Where rows would land twice or be left out it refuses "
          "and names them. It is one commit of the lead, recorded as a manual override: later starts take no --from.");
}

void add_why(ProgramBuilder& program, WhyArguments& arguments) {
  CommandBuilder command =
      program.command("why", "Say what became of one event: the snapshot, reject or filter in which it ended");
  pipeline_argument(command, arguments.pipeline_file);
  command
      .argument("position", arguments.position,
                "PARTITION:OFFSET as in the dead letter, e.g. 2026-01-01.ndjson:89 or events/0:1200")
      .required();
  command.option("--source", arguments.source, "NAME", "The source; not needed when there is only one");
  command.example("weir why flights.yaml flights-2014-01-04.ndjson.gz:89")
      .example("weir why events.yaml events/0:1200");
}

void add_schema(ProgramBuilder& program, SchemaArguments& arguments) {
  CommandBuilder command =
      program.command("schema", "Print a JSON Schema: of Weir's files, for editors, or of a command's --json output");
  command.argument("what", arguments.what, "Which one")
      .choices({"pipeline", "contract", "test", "output-run", "output-plan", "output-validate", "output-test",
                "output-table-list", "output-table-snapshots", "output-table-files", "output-table-history",
                "output-progress", "output-savepoint", "output-why", "output-try", "output-version"})
      .default_text("pipeline");
  command.example("weir schema pipeline > pipeline.schema.json");
}

void add_program_options(CLI::App& app, Arguments& arguments, CommandHelp& help) {
  CommandBuilder program(app, help);
  program
      .option("--warehouse", arguments.warehouse, "FOLDER",
              "Folder of the embedded catalog and its tables, in place of what a pipeline file says")
      .completes(Completes::folder);
  program.flag("--json", arguments.json, "Print JSON on stdout; `weir schema output-COMMAND` describes it");
  program.flag("--version", arguments.version, "Print the version");
  program.example("weir init data.ndjson", "a pipeline and a contract for data that is there")
      .example("weir run pipeline.yaml --once")
      .example("weir query 'show tables'")
      .paragraph(
          "The warehouse is --warehouse; else the `catalog` of the pipeline file; else the folder that the variable "
          "WEIR_WAREHOUSE names; else the folder `warehouse`, beside the pipeline file where there is one and in the "
          "current folder otherwise.")
      .paragraph(
          "Exit codes: 0 done, 1 failed, 2 usage or configuration, 12 fenced by a newer process, 130 and 143 stopped "
          "by Ctrl-C and SIGTERM before the work was done.");
}

}  // namespace

ProgramHelp define_program(CLI::App& app, Arguments& arguments) {
  ProgramHelp help;
  help.program.summary = "Weir lands events from files and Kafka in Apache Iceberg tables, exactly once.";
  help.commands.reserve(32);  // the builders point into it
  add_program_options(app, arguments, help.program);
  ProgramBuilder program(app, help);
  add_init(program, arguments.init);
  add_try(program, arguments.try_sample);
  add_validate(program, arguments.validate);
  add_plan(program, arguments.plan);
  add_test(program, arguments.test);
  add_run(program, arguments.run);
  add_query(program, arguments.query);
  add_table(program, arguments.table);
  add_why(program, arguments.why);
  add_progress(program, arguments.progress);
  add_savepoint(program, arguments.savepoint);
  add_schema(program, arguments.schema);
  program.command("completion", "Print a completion script for a shell")
      .argument("shell", arguments.completion_shell, "Which shell")
      .required()
      .choices({"bash", "zsh", "fish"});
  program.command("help", "Explain a command")
      .argument("command", arguments.help_command, "Which one")
      .completes(Completes::command);
  program.command("version", "Print the version");
  program.command("pages", "Write the man pages, completion scripts and the reference of commands")
      .argument("folder", arguments.pages_folder, "Where to")
      .required();
  program.hide_last();
  return help;
}

}  // namespace weir::cli

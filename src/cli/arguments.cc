#include "cli/arguments.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/suggest.h"
#include "cli/commands/command_definitions_internal.h"
#include "cli/commands/command_pages.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

int usage_error(Environment& environment, const CLI::App& app, const std::string& message) {
  const std::vector<CLI::App*> given = app.get_subcommands();
  const std::string command = given.empty() ? "weir" : "weir " + given.front()->get_name();
  environment.console.error(message);
  environment.console.err("Try `" + command + " --help`.\n");
  return kExitUsage;
}

/// The message for a word that is no command, with the nearest one.
int unknown_command(Environment& environment, const CLI::App& app, const ProgramHelp& help, const std::string& word) {
  std::vector<std::string> names;
  for (const CommandHelp& command : help.commands) {
    if (!command.is_hidden) names.push_back(command.name);
  }
  return usage_error(environment, app, "there is no command '" + word + "'" + did_you_mean(word, names));
}

const CommandHelp* find_command(const ProgramHelp& help, const std::string& name) {
  const auto found = std::find_if(help.commands.begin(), help.commands.end(),
                                  [&](const auto& command) { return command.name == name; });
  return found == help.commands.end() ? nullptr : &*found;
}

int print_help(Environment& environment, const CLI::App& app, const ProgramHelp& help, const std::string& command) {
  const size_t width = environment.console.help_width();
  if (command.empty()) {
    environment.console.out(help_text(help, width));
    return kExitDone;
  }
  const CommandHelp* found = find_command(help, command);
  if (found == nullptr) return unknown_command(environment, app, help, command);
  environment.console.out(help_text(*found, width));
  return kExitDone;
}

/// Arguments of a command that do not go together; empty when they do.
std::string wrong_combination(const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("init")) {
    const bool is_topic = !arguments.init.brokers.empty() || !arguments.init.topic.empty();
    if (is_topic != arguments.init.data.empty()) return "name files or a folder, or give --brokers and --topic";
    if (arguments.init.brokers.empty() != arguments.init.topic.empty()) return "--brokers and --topic go together";
    return {};
  }
  if (app.got_subcommand("query")) {
    if (!arguments.query.sql.empty() && !arguments.query.file.empty())
      return "give the SQL as an argument or with --file, not both";
    if (arguments.query.format == "parquet" && arguments.query.output.empty())
      return "--format parquet needs --output FILE";
    return {};
  }
  if (!app.got_subcommand("table")) return {};
  const TableArguments& table = arguments.table;
  if (table.action == "list" && !table.table.empty())
    return "unexpected argument '" + table.table + "': list shows all tables";
  if (table.action != "list" && table.table.empty())
    return "name a table: weir table " + table.action + " NAMESPACE.TABLE";
  if (table.action != "files" && table.snapshot_id) return "--snapshot goes with files";
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

int dispatch(Environment& environment, const CLI::App& app, const ProgramHelp& help, const Arguments& arguments) {
  if (app.got_subcommand("init")) return init_command(environment, arguments.init);
  if (app.got_subcommand("try")) return try_command(environment, arguments.try_sample);
  if (app.got_subcommand("run")) return run_command(environment, arguments.run);
  if (app.got_subcommand("validate")) return validate_command(environment, arguments.validate);
  if (app.got_subcommand("plan")) return plan_command(environment, arguments.plan);
  if (app.got_subcommand("test")) return test_command(environment, arguments.test);
  if (app.got_subcommand("schema")) return schema_command(environment, arguments.schema);
  if (app.got_subcommand("query")) return query_command(environment, arguments.query);
  if (app.got_subcommand("table")) return table_command(environment, arguments.table);
  if (app.got_subcommand("why")) return why_command(environment, arguments.why);
  if (app.got_subcommand("progress")) return progress_command(environment, arguments.progress);
  if (app.got_subcommand("savepoint")) return savepoint_command(environment, arguments.savepoint);
  if (app.got_subcommand("help")) return print_help(environment, app, help, arguments.help_command);
  if (app.got_subcommand("pages")) return write_pages(environment, help, arguments.pages_folder);
  if (app.got_subcommand("completion")) {
    environment.console.out(completion_script(help, arguments.completion_shell));
    return kExitDone;
  }
  return version_command(environment);
}

int run_parsed(Environment& environment, const CLI::App& app, const ProgramHelp& help, const Arguments& arguments) {
  environment.json = arguments.json;
  environment.warehouse = arguments.warehouse;
  if (arguments.version) return version_command(environment);
  const std::vector<std::string> extras = app.remaining(true);
  if (app.get_subcommands().empty()) {
    if (!extras.empty()) return unknown_command(environment, app, help, extras.front());
    print_help(environment, app, help, "");
    return kExitUsage;
  }
  if (!extras.empty()) return usage_error(environment, app, "unexpected argument '" + extras.front() + "'");
  const std::string wrong = wrong_combination(app, arguments);
  if (!wrong.empty()) return usage_error(environment, app, wrong);
  return dispatch(environment, app, help, arguments);
}

}  // namespace

int run_program(int argc, char** argv, Environment& environment) {
  CLI::App app("", "weir");
  Arguments arguments;
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.allow_extras();
  const ProgramHelp help = define_program(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const std::vector<CLI::App*> given = app.get_subcommands();
    const std::string command = given.empty() ? "" : given.front()->get_name();
    return check_output(environment, print_help(environment, app, help, command));
  } catch (const CLI::ParseError& error) {
    return usage_error(environment, app, error.what());
  }
  return check_output(environment, run_parsed(environment, app, help, arguments));
}

}  // namespace weir::cli

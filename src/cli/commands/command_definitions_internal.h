/// \file
/// What the program accepts: each command with its arguments, in one place.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/commands/command_line.h"
#include "cli/commands/commands.h"

namespace weir::cli {

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
  SavepointArguments savepoint;
  InitArguments init;
  TryArguments try_sample;
  WhyArguments why;
  std::string help_command;
  std::string completion_shell;
  std::string pages_folder;
  std::string warehouse;
  bool json = false;
  bool version = false;
};

/// Fills `app` with everything; its parse() then fills `arguments`, which outlives it.
ProgramHelp define_program(CLI::App& app, Arguments& arguments);

}  // namespace weir::cli

/// \file
/// The commands as people see them. The definitions that the parser is built from fill this, and the help, the man
/// pages, the shells' completion and the reference page are made from it: none of them can say something else.
#pragma once

#include <string>
#include <vector>

namespace weir::cli {

/// What a shell offers as the value of a parameter.
enum class Completes { nothing, file, folder, command };

/// A positional argument or an option.
struct ParameterHelp {
  std::string name;        ///< "pipeline"; "--limit"
  std::string short_name;  ///< "-q", or empty
  std::string value;       ///< "ROWS"; empty for a flag and for a positional argument
  std::string doc;         ///< a sentence without a full stop at its end
  std::string default_text;
  std::string environment;           ///< the variable that sets it, or empty
  std::vector<std::string> choices;  ///< the only values, when there are such
  Completes completes = Completes::nothing;
  bool is_required = false;
  bool is_repeated = false;

  bool is_option() const { return name.starts_with('-'); }
};

struct ExampleHelp {
  std::string command;
  std::string doc;  ///< what it does, or empty
};

struct CommandHelp {
  std::string name;  ///< "run"; empty for the program itself
  std::string summary;
  std::vector<std::string> paragraphs;  ///< what there is to know besides
  std::vector<ParameterHelp> parameters;
  std::vector<ExampleHelp> examples;
  bool is_hidden = false;  ///< for the build, not for people

  /// "weir run PIPELINE [--once] [-q]"
  std::string usage() const;
};

/// The program with its commands, in the order in which help shows them.
struct ProgramHelp {
  CommandHelp program;  ///< the options that every command takes
  std::vector<CommandHelp> commands;
};

/// What `weir --help` and `weir help` print; lines of at most `width` columns.
std::string help_text(const ProgramHelp& program, size_t width);
/// What `weir CMD --help` and `weir help CMD` print.
std::string help_text(const CommandHelp& command, size_t width);
/// A man page in section 1, as troff: of one command, or of the program for `command` null.
std::string man_page(const ProgramHelp& program, const CommandHelp* command, const std::string& version);
/// docs/guide/reference/commands.md
std::string commands_markdown(const ProgramHelp& program);
/// A script for `shell`: bash, zsh or fish.
std::string completion_script(const ProgramHelp& program, const std::string& shell);

}  // namespace weir::cli

#include "base/check.h"
#include "cli/commands/command_line.h"

namespace weir::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// `text` between single quotes of a shell.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

/// Every visible command with the options of its own and of the program.
std::vector<CommandHelp> visible(const ProgramHelp& program) {
  std::vector<CommandHelp> commands;
  for (CommandHelp command : program.commands) {
    if (command.is_hidden) continue;
    command.parameters.insert(command.parameters.end(), program.program.parameters.begin(),
                              program.program.parameters.end());
    commands.push_back(std::move(command));
  }
  return commands;
}

std::string command_names(const ProgramHelp& program) {
  std::vector<std::string> names;
  for (const CommandHelp& command : visible(program)) names.push_back(command.name);
  return joined(names);
}

// bash

std::string bash_values(const ProgramHelp& program, const ParameterHelp& parameter) {
  if (!parameter.choices.empty())
    return "COMPREPLY=($(compgen -W " + in_quotes(joined(parameter.choices)) + " -- \"$cur\"))";
  switch (parameter.completes) {
    case Completes::file: return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Completes::folder: return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Completes::command: return "COMPREPLY=($(compgen -W " + in_quotes(command_names(program)) + " -- \"$cur\"))";
    case Completes::nothing: break;
  }
  return "COMPREPLY=()";
}

/// What follows an option, the options themselves, and the positional arguments by number.
std::string bash_command(const ProgramHelp& program, const CommandHelp& command) {
  std::vector<std::string> options;
  std::vector<std::string> with_value;
  std::string after_option;
  std::string positional;
  int number = 1;
  for (const ParameterHelp& parameter : command.parameters) {
    if (parameter.is_option()) {
      options.push_back(parameter.name);
      if (!parameter.short_name.empty()) options.push_back(parameter.short_name);
      if (parameter.value.empty()) continue;
      after_option += "        " + parameter.name + ") " + bash_values(program, parameter) + "; return ;;\n";
      with_value.push_back(parameter.name);
    } else {
      positional += "        " + (parameter.is_repeated ? std::string("*") : std::to_string(number++)) + ") " +
                    bash_values(program, parameter) + " ;;\n";
    }
  }
  std::string text = "    " + command.name + ")\n";
  if (!after_option.empty()) text += "      case $prev in\n" + after_option + "      esac\n";
  text += "      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W " + in_quotes(joined(options)) +
          " -- \"$cur\")); return; fi\n";
  if (!positional.empty()) {
    text += "      case $(_weir_position " + in_quotes(joined(with_value)) + ") in\n" + positional + "      esac\n";
  }
  return text + "      ;;\n";
}

std::string bash(const ProgramHelp& program) {
  std::string text =
      "# bash completion for weir; made by `weir completion bash`\n"
      "# Which positional argument of its command the word under the cursor is. $1: options that take a value.\n"
      "_weir_position() {\n"
      "  local i n=1\n"
      "  for ((i = 2; i < COMP_CWORD; i++)); do\n"
      "    if [[ ${COMP_WORDS[i]} != -* && \" $1 \" != *\" ${COMP_WORDS[i-1]} \"* ]]; then n=$((n + 1)); fi\n"
      "  done\n"
      "  echo $n\n"
      "}\n"
      "_weir() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if [[ $COMP_CWORD == 1 ]]; then COMPREPLY=($(compgen -W " +
      in_quotes(command_names(program) + " --help --version") +
      " -- \"$cur\")); return; fi\n"
      "  case ${COMP_WORDS[1]} in\n";
  for (const CommandHelp& command : visible(program)) text += bash_command(program, command);
  return text + "  esac\n}\ncomplete -F _weir weir\n";
}

// zsh

std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const ProgramHelp& program, const ParameterHelp& parameter) {
  if (!parameter.choices.empty()) return "(" + joined(parameter.choices) + ")";
  switch (parameter.completes) {
    case Completes::file: return "_files";
    case Completes::folder: return "_files -/";
    case Completes::command: return "(" + command_names(program) + ")";
    case Completes::nothing: break;
  }
  return " ";
}

std::string zsh(const ProgramHelp& program) {
  std::string commands;
  std::string cases;
  for (const CommandHelp& command : visible(program)) {
    commands += "    " + in_quotes(zsh_escaped(command.name) + ":" + zsh_escaped(command.summary)) + "\n";
    cases += "    " + command.name + ") _arguments -s";
    for (const ParameterHelp& parameter : command.parameters) {
      std::string spec;
      if (parameter.is_option()) {
        spec = (parameter.is_repeated ? "*" : "") + parameter.name + "[" + zsh_escaped(parameter.doc) + "]";
        if (!parameter.value.empty()) spec += ":" + zsh_escaped(parameter.value) + ":" + zsh_action(program, parameter);
      } else {
        spec = std::string(parameter.is_repeated ? "*" : "") + (parameter.is_required ? ":" : "::") +
               zsh_escaped(parameter.name) + ":" + zsh_action(program, parameter);
      }
      cases += " \\\n        " + in_quotes(spec);
      if (!parameter.short_name.empty())
        cases += " \\\n        " + in_quotes(parameter.short_name + "[" + zsh_escaped(parameter.doc) + "]");
    }
    cases += " ;;\n";
  }
  return "#compdef weir\n# zsh completion for weir; made by `weir completion zsh`\n_weir() {\n"
         "  local -a commands\n  commands=(\n" +
         commands +
         "  )\n  if (( CURRENT == 2 )); then _describe 'command' commands; return; fi\n"
         "  local command=${words[2]}\n  shift words; (( CURRENT-- ))\n  case $command in\n" +
         cases + "  esac\n}\nif [[ $funcstack[1] == _weir ]]; then _weir \"$@\"; else compdef _weir weir; fi\n";
}

// fish

std::string fish(const ProgramHelp& program) {
  std::string text = "# fish completion for weir; made by `weir completion fish`\ncomplete -c weir -f\n";
  for (const CommandHelp& command : visible(program)) {
    text += "complete -c weir -n __fish_use_subcommand -a " + command.name + " -d " + in_quotes(command.summary) + "\n";
    for (const ParameterHelp& parameter : command.parameters) {
      std::string line = "complete -c weir -n '__fish_seen_subcommand_from " + command.name + "'";
      if (parameter.is_option()) {
        line += " -l " + parameter.name.substr(2);
        if (!parameter.short_name.empty()) line += " -s " + parameter.short_name.substr(1);
        if (!parameter.value.empty()) line += " -r";
        line += " -d " + in_quotes(parameter.doc);
      }
      if (!parameter.choices.empty())
        line += " -a " + in_quotes(joined(parameter.choices));
      else if (parameter.completes == Completes::file)
        line += " -F";
      else if (parameter.completes == Completes::folder)
        line += " -a '(__fish_complete_directories)'";
      else if (parameter.completes == Completes::command)
        line += " -a " + in_quotes(command_names(program));
      else if (!parameter.is_option())
        continue;
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const ProgramHelp& program, const std::string& shell) {
  if (shell == "bash") return bash(program);
  if (shell == "zsh") return zsh(program);
  WEIR_CHECK(shell == "fish");
  return fish(program);
}

}  // namespace weir::cli

#include <algorithm>

#include "base/check.h"
#include "cli/commands/command_line.h"

namespace weir::cli {
namespace {

/// Where the explanation of a parameter begins when its name is shorter.
constexpr size_t kNameColumns = 26;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '_' ? '-' : c;
  return out;
}

/// `text` in lines of `width`, each after the first behind `indent` blanks.
std::string wrap(std::string_view text, size_t indent, size_t width, size_t column) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// "-q, --quiet", "--limit ROWS", "PIPELINE"
std::string written_name(const ParameterHelp& parameter) {
  if (!parameter.is_option()) return upper(parameter.name) + (parameter.is_repeated ? "..." : "");
  return (parameter.short_name.empty() ? "" : parameter.short_name + ", ") + parameter.name +
         (parameter.value.empty() ? "" : " " + parameter.value);
}

std::string join(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? std::string() : std::string(between)) + word;
  return out;
}

/// The explanation with everything that the definition knows.
std::string full_doc(const ParameterHelp& parameter) {
  std::string text = parameter.doc;
  if (!parameter.choices.empty() && parameter.is_option()) text += " (" + join(parameter.choices, ", ") + ")";
  if (parameter.is_repeated && parameter.is_option()) text += "; can be given more than once";
  if (!parameter.default_text.empty()) text += " [default: " + parameter.default_text + "]";
  if (!parameter.environment.empty()) text += " [env: " + parameter.environment + "]";
  return text;
}

std::string entry(const std::string& name, const std::string& doc, size_t width) {
  std::string line = "  " + name;
  if (line.size() + 2 > kNameColumns)
    line += "\n" + std::string(kNameColumns, ' ');
  else
    line.resize(kNameColumns, ' ');
  return line + wrap(doc, kNameColumns, width, kNameColumns) + "\n";
}

std::string section(const std::string& title, const std::vector<ParameterHelp>& parameters, bool options,
                    size_t width) {
  std::string text;
  for (const ParameterHelp& parameter : parameters) {
    if (parameter.is_option() == options) text += entry(written_name(parameter), full_doc(parameter), width);
  }
  return text.empty() ? text : "\n" + title + ":\n" + text;
}

std::string examples_text(const std::vector<ExampleHelp>& examples) {
  std::string text;
  for (const ExampleHelp& example : examples) {
    if (!example.doc.empty()) text += "  # " + example.doc + "\n";
    text += "  " + example.command + "\n";
  }
  return text.empty() ? text : "\nExamples:\n" + text;
}

/// Text that troff takes as it is.
std::string troff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string man_parameters(const std::string& title, const std::vector<ParameterHelp>& parameters, bool options) {
  std::string text;
  for (const ParameterHelp& parameter : parameters) {
    if (parameter.is_option() == options)
      text += ".TP\n\\fB" + troff(written_name(parameter)) + "\\fR\n" + troff(full_doc(parameter)) + "\n";
  }
  return text.empty() ? text : ".SH " + title + "\n" + text;
}

std::string man_examples(const std::vector<ExampleHelp>& examples) {
  std::string text;
  for (const ExampleHelp& example : examples) {
    if (!example.doc.empty()) text += ".PP\n" + troff(example.doc) + ":\n";
    text += ".PP\n.RS 4\n.nf\n" + troff(example.command) + "\n.fi\n.RE\n";
  }
  return text.empty() ? text : ".SH EXAMPLES\n" + text;
}

std::string man_paragraphs(const std::vector<std::string>& paragraphs) {
  std::string text;
  for (const std::string& paragraph : paragraphs) text += ".PP\n" + troff(paragraph) + "\n";
  return text;
}

std::string see_also(const ProgramHelp& program, const CommandHelp* command) {
  std::string text = command == nullptr ? std::string() : ".BR weir (1)";
  for (const CommandHelp& other : program.commands) {
    if (other.is_hidden || command != nullptr) continue;
    text += (text.empty() ? "" : ",\n") + (".BR weir\\-" + other.name + " (1)");
  }
  return ".SH SEE ALSO\n" + text + "\n";
}

std::string markdown_parameters(const std::vector<ParameterHelp>& parameters) {
  if (parameters.empty()) return {};
  std::string text = "| | |\n|---|---|\n";
  for (const ParameterHelp& parameter : parameters) {
    std::string doc = full_doc(parameter);
    for (size_t at = doc.find('|'); at != std::string::npos; at = doc.find('|', at + 2)) doc.insert(at, "\\");
    text += "| `" + written_name(parameter) + "` | " + doc + " |\n";
  }
  return text + "\n";
}

}  // namespace

std::string CommandHelp::usage() const {
  std::string text = "weir" + (name.empty() ? "" : " " + name);
  for (const ParameterHelp& parameter : parameters) {
    if (parameter.is_option()) continue;
    text += parameter.is_required ? " " + written_name(parameter) : " [" + written_name(parameter) + "]";
  }
  const bool has_options =
      std::any_of(parameters.begin(), parameters.end(), [](const auto& p) { return p.is_option(); });
  return text + (has_options ? " [OPTIONS]" : "");
}

std::string help_text(const ProgramHelp& program, size_t width) {
  std::string text = wrap(program.program.summary, 0, width, 0) + "\n\nUsage: weir COMMAND [ARGUMENTS] [OPTIONS]\n";
  text += "\nCommands:\n";
  for (const CommandHelp& command : program.commands) {
    if (!command.is_hidden) text += entry(command.name, command.summary, width);
  }
  text += section("Options of every command", program.program.parameters, true, width);
  text += examples_text(program.program.examples);
  for (const std::string& paragraph : program.program.paragraphs) text += "\n" + wrap(paragraph, 0, width, 0) + "\n";
  return text;
}

std::string help_text(const CommandHelp& command, size_t width) {
  std::string text = wrap(command.summary, 0, width, 0) + "\n\nUsage: " + command.usage() + "\n";
  text += section("Arguments", command.parameters, false, width);
  text += section("Options", command.parameters, true, width);
  text += examples_text(command.examples);
  for (const std::string& paragraph : command.paragraphs) text += "\n" + wrap(paragraph, 0, width, 0) + "\n";
  return text;
}

std::string man_page(const ProgramHelp& program, const CommandHelp* command, const std::string& version) {
  const CommandHelp& page = command == nullptr ? program.program : *command;
  const std::string name = page.name.empty() ? "weir" : "weir-" + page.name;
  std::string text = ".TH \"" + upper(name) + "\" 1 \"\" \"weir " + version + "\" \"User Commands\"\n";
  text += ".SH NAME\n" + troff(name) + " \\- " + troff(page.summary) + "\n.SH SYNOPSIS\n\\fB";
  text += troff(command == nullptr ? "weir COMMAND [ARGUMENTS] [OPTIONS]" : page.usage()) + "\\fR\n";
  if (!page.paragraphs.empty()) text += ".SH DESCRIPTION\n" + man_paragraphs(page.paragraphs);
  if (command == nullptr) {
    text += ".SH COMMANDS\n";
    for (const CommandHelp& other : program.commands) {
      if (!other.is_hidden) text += ".TP\n.BR weir\\-" + other.name + " (1)\n" + troff(other.summary) + "\n";
    }
  }
  text += man_parameters("ARGUMENTS", page.parameters, false) + man_parameters("OPTIONS", page.parameters, true);
  if (command != nullptr) text += man_parameters("OPTIONS OF EVERY COMMAND", program.program.parameters, true);
  return text + man_examples(page.examples) + see_also(program, command);
}

std::string commands_markdown(const ProgramHelp& program) {
  std::string text =
      "# Commands\n\nGenerated from the definitions that the program parses its arguments by: "
      "`tools/reference`.\n\n" +
      program.program.summary + "\n\n";
  text += "Options of every command:\n\n" + markdown_parameters(program.program.parameters);
  for (const std::string& paragraph : program.program.paragraphs) text += paragraph + "\n\n";
  for (const CommandHelp& command : program.commands) {
    if (command.is_hidden) continue;
    text += "## weir " + command.name + "\n\n" + command.summary + ".\n\n```\n" + command.usage() + "\n```\n\n";
    text += markdown_parameters(command.parameters);
    for (const std::string& paragraph : command.paragraphs) text += paragraph + "\n\n";
    if (command.examples.empty()) continue;
    text += "```sh\n";
    for (const ExampleHelp& example : command.examples)
      text += (example.doc.empty() ? "" : "# " + example.doc + "\n") + example.command + "\n";
    text += "```\n\n";
  }
  text.pop_back();
  return text;
}

}  // namespace weir::cli

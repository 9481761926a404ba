#include <sstream>

#include <gmock/gmock.h>

#include "cli/commands/command_definitions_internal.h"

namespace weir::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

ProgramHelp program() {
  CLI::App app;
  Arguments arguments;
  return define_program(app, arguments);
}

const CommandHelp& command(const ProgramHelp& program, const std::string& name) {
  for (const CommandHelp& one : program.commands) {
    if (one.name == name) return one;
  }
  ADD_FAILURE() << name;
  return program.program;
}

TEST(Help, NoLineIsWiderThanTheTerminal) {
  const ProgramHelp all = program();
  for (const size_t width : {60U, 80U, 100U}) {
    std::vector<std::string> texts = {help_text(all, width)};
    for (const CommandHelp& one : all.commands) {
      CommandHelp without_examples = one;  // a command to be copied is never wrapped
      without_examples.examples.clear();
      texts.push_back(help_text(without_examples, width));
    }
    for (const std::string& text : texts) {
      std::istringstream lines(text.substr(0, text.find("\nExamples:")));
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("Usage:")) continue;
        EXPECT_LE(line.size(), width) << line;
      }
    }
  }
}

TEST(Help, SaysEverythingThatADefinitionKnows) {
  const ProgramHelp all = program();
  const std::string text = help_text(command(all, "query"), 80);
  EXPECT_THAT(text, HasSubstr("Usage: weir query [SQL] [OPTIONS]\n"));
  EXPECT_THAT(text, HasSubstr("--format FORMAT"));
  EXPECT_THAT(text, HasSubstr("(table, csv, json, parquet)"));
  EXPECT_THAT(text, HasSubstr("[default: table]"));
  EXPECT_THAT(help_text(all, 80), Not(HasSubstr("pages")));
}

TEST(Help, EveryCommandHasASummaryAndEveryParameterAnExplanation) {
  for (const CommandHelp& one : program().commands) {
    EXPECT_FALSE(one.summary.empty()) << one.name;
    EXPECT_FALSE(one.summary.ends_with('.')) << one.name;
    for (const ParameterHelp& parameter : one.parameters) {
      EXPECT_FALSE(parameter.doc.empty()) << one.name << " " << parameter.name;
      EXPECT_FALSE(parameter.doc.ends_with('.')) << one.name << " " << parameter.name;
    }
  }
}

TEST(ManPages, HaveTheSectionsOfManPagesAndEscapeWhatTroffWouldObey) {
  const ProgramHelp all = program();
  const std::string page = man_page(all, &command(all, "run"), "1.2.3");
  EXPECT_THAT(page, HasSubstr(".TH \"WEIR-RUN\" 1 \"\" \"weir 1.2.3\""));
  for (const char* section : {".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n", ".SH OPTIONS\n", ".SH EXAMPLES\n"})
    EXPECT_THAT(page, HasSubstr(section));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-once\\fR"));
  CommandHelp odd{.name = "odd", .summary = "s", .paragraphs = {".dot at the begin", "back\\slash"}};
  EXPECT_THAT(man_page(all, &odd, "1"), HasSubstr("\\&.dot at the begin"));
  EXPECT_THAT(man_page(all, &odd, "1"), HasSubstr("back\\eslash"));
}

TEST(Completion, EveryShellKnowsEveryCommandAndOption) {
  const ProgramHelp all = program();
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(all, shell);
    for (const CommandHelp& one : all.commands) {
      if (one.is_hidden) {
        EXPECT_THAT(script, Not(HasSubstr(one.name))) << shell;
        continue;
      }
      EXPECT_THAT(script, HasSubstr(one.name)) << shell;
      for (const ParameterHelp& parameter : one.parameters) {
        if (!parameter.is_option()) continue;
        EXPECT_THAT(script, HasSubstr(parameter.name.substr(2))) << shell;
      }
    }
  }
}

}  // namespace
}  // namespace weir::cli

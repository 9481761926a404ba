#include "cli/commands/command_pages.h"

#include "cli/build_info.h"
#include "cli/exit_codes.h"

namespace weir::cli {
namespace {

Result<void> write_all(Environment& environment, const ProgramHelp& help, const std::string& root) {
  const auto write = [&](const std::string& folder, const std::string& name, const std::string& text) -> Result<void> {
    WEIR_TRY(make_directories(environment.files, root + "/" + folder));
    return write_file_durably(environment.files, root + "/" + folder + "/" + name, text);
  };
  WEIR_TRY(write("man/man1", "weir.1", man_page(help, nullptr, kVersion)));
  for (const CommandHelp& command : help.commands) {
    if (!command.is_hidden)
      WEIR_TRY(write("man/man1", "weir-" + command.name + ".1", man_page(help, &command, kVersion)));
  }
  WEIR_TRY(write("bash-completion/completions", "weir", completion_script(help, "bash")));
  WEIR_TRY(write("zsh/site-functions", "_weir", completion_script(help, "zsh")));
  WEIR_TRY(write("fish/vendor_completions.d", "weir.fish", completion_script(help, "fish")));
  return write("doc/weir", "commands.md", commands_markdown(help));
}

}  // namespace

int write_pages(Environment& environment, const ProgramHelp& help, const std::string& folder) {
  const Result<void> written =
      write_all(environment, help, planner::absolute_path(environment.working_directory, folder));
  return written.ok() ? kExitDone : fail(environment, written.error());
}

}  // namespace weir::cli

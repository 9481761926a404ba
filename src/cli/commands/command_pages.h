/// \file
/// Writes what is made from the definitions of the commands: for the install, and for docs/guide/reference.
#pragma once

#include <string>

#include "cli/commands/command_line.h"
#include "cli/environment.h"

namespace weir::cli {

/// Below `folder`: man/man1/*.1, bash-completion/completions/weir, zsh/site-functions/_weir,
/// fish/vendor_completions.d/weir.fish, doc/weir/commands.md. Returns an exit code.
int write_pages(Environment& environment, const ProgramHelp& help, const std::string& folder);

}  // namespace weir::cli

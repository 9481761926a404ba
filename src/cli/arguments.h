/// \file
/// The command line. Kept apart because the library that parses it is slow to compile.
#pragma once

#include "cli/environment.h"

namespace weir::cli {

/// Parses the arguments, runs the command that they name, returns its exit code.
int run_program(int argc, char** argv, Environment& environment);

}  // namespace weir::cli

#include <csignal>
#include <cstdlib>

#include "base/exception_guard.h"
#include "base/fault.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/stop_signals.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end a pipeline
  weir::cli::end_on_signals();
  weir::cli::Environment environment;
  if (const char* faults = std::getenv("WEIR_FAULTS")) {
    const weir::Result<void> armed = weir::arm_faults(faults);
    if (!armed.ok()) return weir::cli::fail(environment, armed.error());
  }
  try {
    return weir::cli::run_program(argc, argv, environment);
  } catch (...) {  // what no module made an error of: memory that is not to be had
    return weir::cli::fail(environment, weir::error_of_current_exception("weir"));
  }
}

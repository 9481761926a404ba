#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {

int version_command(Environment& environment) {
  if (environment.json) environment.console.out(std::string("{\"version\":\"") + WEIR_VERSION + "\"}\n");
  else environment.console.out(std::string("weir ") + WEIR_VERSION + "\n");
  return kExitDone;
}

}  // namespace weir::cli

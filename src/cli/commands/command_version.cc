#include "cli/build_info.h"
#include "cli/commands/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {

int version_command(Environment& environment) {
  if (environment.json)
    environment.console.out(std::string("{\"version\":\"") + kVersion + "\",\"revision\":\"" + kRevision + "\"}\n");
  else
    environment.console.out(std::string("weir ") + kVersion + " (" + kRevision + ")\n");
  return kExitDone;
}

}  // namespace weir::cli

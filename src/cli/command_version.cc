#include "cli/commands.h"
#include "cli/exit_codes.h"

namespace weir::cli {

int version_command(Environment& environment) {
  if (environment.json)
    environment.console.out(std::string("{\"version\":\"") + WEIR_VERSION + "\",\"revision\":\"" + WEIR_REVISION +
                            "\"}\n");
  else
    environment.console.out(std::string("weir ") + WEIR_VERSION + " (" + WEIR_REVISION + ")\n");
  return kExitDone;
}

}  // namespace weir::cli

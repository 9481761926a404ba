#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "planner/plan.h"

namespace weir::cli {

int validate_command(Environment& environment, const ValidateArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return kExitUsage;
  if (environment.json)
    environment.console.out("[]\n");
  else
    environment.console.out(arguments.pipeline_file + " is valid: " + std::to_string(plan->sources.size()) +
                            " source(s), " + std::to_string(plan->steps.size()) + " step(s), " +
                            std::to_string(plan->sinks.size()) + " sink(s)\n");
  return kExitDone;
}

}  // namespace weir::cli

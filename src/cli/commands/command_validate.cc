#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "planner/case_runner.h"
#include "planner/plan.h"

namespace weir::cli {

namespace {

template <typename T>
std::string size_text(const std::vector<T>& things, std::string_view noun) {
  return counted(static_cast<int64_t>(things.size()), noun);
}

}  // namespace

int validate_command(Environment& environment, const ValidateArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  config::Diagnostics diagnostics;
  planner::check_pipeline_tests(*plan, environment.plan_environment(), diagnostics);
  if (!diagnostics.ok()) {
    if (environment.json)
      environment.console.out(diagnostics.to_json() + "\n");
    else
      environment.console.err(diagnostics.render());
    return kExitUsage;
  }
  if (environment.json)
    environment.console.out("[]\n");
  else
    environment.console.out(arguments.pipeline_file + " is valid: " + size_text(plan->sources, "source") + ", " +
                            size_text(plan->steps, "step") + ", " + size_text(plan->sinks, "sink") + "\n");
  return kExitDone;
}

}  // namespace weir::cli

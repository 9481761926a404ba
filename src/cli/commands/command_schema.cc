#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "cli/output/output_rows_internal.h"
#include "contract/contract.h"
#include "planner/case_runner.h"
#include "planner/pipeline_spec.h"

namespace weir::cli {

int schema_command(Environment& environment, const SchemaArguments& arguments) {
  constexpr std::string_view kOutput = "output-";
  if (arguments.what.starts_with(kOutput))
    environment.console.out(output_schema(arguments.what.substr(kOutput.size())));
  else if (arguments.what == "test")
    environment.console.out(planner::test_file_schema());
  else if (arguments.what == "contract")
    environment.console.out(contract::file_schema());
  else
    environment.console.out(config::json_schema<planner::PipelineSpec>("Weir pipeline", environment.kinds.context()));
  return kExitDone;
}

}  // namespace weir::cli

#include <algorithm>

#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/exit_codes.h"
#include "planner/case_runner.h"

namespace weir::cli {
namespace {

using Json = nlohmann::ordered_json;
using Outcomes = std::vector<planner::CaseOutcome>;

std::string text_of(const Console& console, const Outcomes& outcomes, size_t failed) {
  std::string text;
  for (const planner::CaseOutcome& outcome : outcomes) {
    text += (outcome.differences.empty() ? console.green("pass  ") : console.red("FAIL  ")) + printable(outcome.name) +
            "\n";
    for (const std::string& difference : outcome.differences) {
      text += "        " + outcome.location.file + ":" + std::to_string(outcome.location.at.line) + ": " +
              printable(difference) + "\n";
    }
  }
  return text + std::to_string(outcomes.size() - failed) + " passed, " + std::to_string(failed) + " failed\n";
}

std::string json_of(const Outcomes& outcomes) {
  Json all = Json::array();
  for (const planner::CaseOutcome& outcome : outcomes) {
    all.push_back({{"name", outcome.name},
                   {"file", outcome.location.file},
                   {"line", outcome.location.at.line},
                   {"passed", outcome.differences.empty()},
                   {"differences", outcome.differences}});
  }
  return all.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int test_command(Environment& environment, const TestArguments& arguments) {
  const std::optional<planner::Plan> plan = environment.load_plan(arguments.pipeline_file);
  if (!plan) return environment.plan_exit_code();
  if (plan->tests.empty())
    return fail(environment, Error(ErrorKind::not_found,
                                   arguments.pipeline_file + " names no test files; add `tests: [tests/...yaml]`"));
  config::Diagnostics diagnostics;
  const std::optional<Outcomes> outcomes =
      planner::run_pipeline_tests(*plan, arguments.names, environment.plan_environment(), diagnostics);
  environment.print(diagnostics);
  if (!outcomes) return kExitUsage;
  if (outcomes->empty()) return fail(environment, Error(ErrorKind::not_found, "no case has that name"));
  const auto failed = static_cast<size_t>(std::count_if(
      outcomes->begin(), outcomes->end(), [](const auto& outcome) { return !outcome.differences.empty(); }));
  environment.console.out(environment.json ? json_of(*outcomes) : text_of(environment.console, *outcomes, failed));
  return failed == 0 ? kExitDone : kExitFailed;
}

}  // namespace weir::cli

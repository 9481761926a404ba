// weir_simulation [--from SEED] [--seeds N] [--jobs N] [--set NAME=VALUE]... [--first] [--judge]: runs worlds; prints
// each seed that fails, a smaller world that fails too, and how to run both again. With --first a job ends at its first
// seed that fails, and looks for no smaller world. With --judge mistakes are made first that the judge must find.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <malloc.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expression/engine.h"
#include "simulation/judge_test.h"
#include "simulation/shrink.h"
#include "simulation/world.h"

namespace {

using weir::simulation::Scenario;

constexpr int kShrinkTries = 60;
constexpr uint64_t kRepeatedOneIn = 50;  // of the seeds

struct Arguments {
  uint64_t from = 1;
  uint64_t seeds = 100;
  int jobs = 1;
  bool is_verbose = false;
  bool only_first = false;
  bool tests_judge = false;
  std::vector<std::string> settings;
};

/// The threads of a world run one at a time: handing on between cores would cost more than they do.
void stay_on_core(int number) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  const int nth = number % CPU_COUNT(&allowed);
  for (int core = 0, seen = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed) || seen++ != nth) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    (void)sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

void print_failure(const Scenario& scenario, const std::vector<std::string>& wrong) {
  std::printf("FAILED weir_simulation %s\n", scenario.to_string().c_str());
  for (const std::string& sentence : wrong) std::printf("  %s\n", sentence.c_str());
  std::fflush(stdout);
}

void print_smaller(const Scenario& scenario) {
  const Scenario small = weir::simulation::shrink(
      scenario, kShrinkTries, [](const Scenario& smaller) { return !weir::simulation::run(smaller).wrong.empty(); });
  std::printf("  smaller: weir_simulation %s\n", small.to_string().c_str());
  for (const std::string& sentence : weir::simulation::run(small).wrong) std::printf("    %s\n", sentence.c_str());
  std::fflush(stdout);
}

/// Some worlds run twice, to see that a seed decides all of them. Returns what is wrong.
std::vector<std::string> run_once_or_twice(const Scenario& scenario, bool is_verbose) {
  weir::simulation::Outcome outcome = weir::simulation::run(scenario);
  if (is_verbose)
    std::fprintf(stderr, "%s: %016llx\n", scenario.to_string().c_str(), static_cast<unsigned long long>(outcome.trace));
  const bool is_repeated = scenario.seed % kRepeatedOneIn == 0;
  if (is_repeated && weir::simulation::run(scenario).trace != outcome.trace)
    outcome.wrong.emplace_back("it does not run the same way again");
  return std::move(outcome.wrong);
}

/// Every `jobs`-th seed. Returns how many failed.
int run_seeds(const Arguments& arguments, int job) {
  stay_on_core(job);
  const auto engine = weir::expression::Engine::shared();  // else each process of each world opens it anew
  int failed = 0;
  for (uint64_t seed = arguments.from + static_cast<uint64_t>(job); seed < arguments.from + arguments.seeds;
       seed += static_cast<uint64_t>(arguments.jobs)) {
    Scenario scenario(seed);
    for (const std::string& setting : arguments.settings) {
      if (!scenario.set(setting)) {
        std::fprintf(stderr, "error: there is no %s\n", setting.c_str());
        return 1;
      }
    }
    std::vector<std::string> wrong = run_once_or_twice(scenario, arguments.is_verbose);
    if (wrong.empty()) continue;
    ++failed;
    print_failure(scenario, wrong);
    if (arguments.only_first) break;
    print_smaller(scenario);
  }
  return failed;
}

/// Runs the jobs as processes of their own. Returns whether all passed.
bool run_jobs(const Arguments& arguments) {
  if (arguments.jobs == 1) return run_seeds(arguments, 0) == 0;
  std::vector<pid_t> children;
  for (int job = 0; job < arguments.jobs; ++job) {
    const pid_t child = fork();
    if (child == 0) std::exit(run_seeds(arguments, job) == 0 ? 0 : 1);
    children.push_back(child);
  }
  bool is_passed = true;
  for (const pid_t child : children) {
    int status = 0;
    is_passed = waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_passed;
  }
  return is_passed;
}

}  // namespace

int main(int argc, char** argv) {
  // Threads that run one at a time need no heaps of their own, and a heap that is given back is asked for again soon.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const bool has_value = i + 1 < argc;
    if (name == "--from" && has_value)
      arguments.from = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--seeds" && has_value)
      arguments.seeds = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--jobs" && has_value)
      arguments.jobs = std::max(1, std::atoi(argv[++i]));
    else if (name == "--set" && has_value)
      arguments.settings.emplace_back(argv[++i]);
    else if (name == "--verbose")
      arguments.is_verbose = true;
    else if (name == "--first")
      arguments.only_first = true;
    else if (name == "--judge")
      arguments.tests_judge = true;
    else
      return std::fprintf(stderr,
                          "usage: weir_simulation [--from SEED] [--seeds N] [--jobs N] [--set NAME=VALUE] [--verbose] "
                          "[--first] [--judge]\n"),
             2;
  }
  if (arguments.tests_judge && !weir::simulation::judge_finds_mistakes()) return 1;
  const auto began = std::chrono::steady_clock::now();
  const bool is_passed = run_jobs(arguments);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu seeds in %.1f s, %.0f a minute: %s\n", static_cast<unsigned long long>(arguments.seeds), seconds,
              60.0 * static_cast<double>(arguments.seeds) / seconds, is_passed ? "all passed" : "some failed");
  return is_passed ? 0 : 1;
}

// weir_simulation [--from SEED] [--seeds N] [--seconds S]: runs worlds; prints each seed that fails, and how to run it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "simulation/world.h"

int main(int argc, char** argv) {
  uint64_t from = 1;
  uint64_t seeds = 100;
  bool is_verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--from" && i + 1 < argc)
      from = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--seeds" && i + 1 < argc)
      seeds = std::strtoull(argv[++i], nullptr, 10);
    else if (name == "--verbose")
      is_verbose = true;
    else
      return std::fprintf(stderr, "usage: weir_simulation [--from SEED] [--seeds N] [--verbose]\n"), 2;
  }
  const auto began = std::chrono::steady_clock::now();
  uint64_t failed = 0;
  for (uint64_t seed = from; seed < from + seeds; ++seed) {
    const weir::simulation::Scenario scenario(seed);
    if (is_verbose) std::fprintf(stderr, "%s\n", scenario.to_string().c_str());
    const std::vector<std::string> wrong = weir::simulation::run(scenario);
    if (wrong.empty()) continue;
    ++failed;
    std::printf("FAILED %s\n", scenario.to_string().c_str());
    for (const std::string& sentence : wrong) std::printf("  %s\n", sentence.c_str());
    std::printf("  again: weir_simulation --from %llu --seeds 1\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%llu seeds in %.1f s, %.0f a minute\n", static_cast<unsigned long long>(seeds), seconds,
              60.0 * static_cast<double>(seeds) / seconds);
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(seeds - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

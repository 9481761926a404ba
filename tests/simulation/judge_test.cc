#include "simulation/judge_test.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "simulation/world.h"

namespace weir::simulation {
namespace {

constexpr uint64_t kSeeds = 8;

struct Mistake {
  Sabotage sabotage;
  std::string_view name;
  std::string_view verdict;  ///< stands in a sentence of the judge
};
constexpr Mistake kMistakes[] = {
    {Sabotage::gap, "a row that is left out", "stands 0 times in table 'even'"},
    {Sabotage::duplicate, "a row that comes twice", "stands 2 times in table 'even'"},
    {Sabotage::swap, "two rows that changed places", "stands behind a younger one"},
    {Sabotage::altered_row, "a row that was altered", "is another one in table 'even'"},
    {Sabotage::early_release, "a release before the commit", "is ahead of the tables"},
};

bool finds(const Mistake& mistake, uint64_t seed) {
  Scenario scenario(seed);
  scenario.log_fault = 0;  // nothing of partition 0 may be lost by right
  const std::vector<std::string> wrong = run(scenario, mistake.sabotage).wrong;
  const bool is_found = std::ranges::any_of(
      wrong, [&](const std::string& sentence) { return sentence.find(mistake.verdict) != sentence.npos; });
  if (is_found) return true;
  std::printf("FAILED the judge does not find %s in weir_simulation --from %llu\n", mistake.name.data(),
              static_cast<unsigned long long>(seed));
  for (const std::string& sentence : wrong) std::printf("  it says: %s\n", sentence.c_str());
  return false;
}

}  // namespace

bool judge_finds_mistakes() {
  bool is_passed = true;
  for (const Mistake& mistake : kMistakes) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) is_passed = finds(mistake, seed) && is_passed;
  }
  return is_passed;
}

}  // namespace weir::simulation

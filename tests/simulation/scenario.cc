#include "simulation/scenario.h"

#include <charconv>

namespace weir::simulation {
namespace {

int64_t one_of(SeededRandom& random, std::initializer_list<int64_t> choices) {
  return choices.begin()[random.next_u64() % choices.size()];
}

int64_t between(SeededRandom& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random.next_u64() % static_cast<uint64_t>(high - low + 1));
}

}  // namespace

Scenario::Scenario(uint64_t from) : seed(from) {
  SeededRandom random(from ^ 0x5eed);
  processes = between(random, 1, 3);
  tasks = between(random, 1, 3);
  partitions = between(random, 1, 3);
  events = between(random, 30, 230);
  calm_after_ms = between(random, 8'000, 45'000);
  commit_every_ms = between(random, 500, 8'500);
  has_dedupe = between(random, 0, 1);
  has_window = between(random, 0, 1);
  keep_snapshots = one_of(random, {0, 0, 1, 4});
  is_multi_table_atomic = between(random, 0, 1);
  swaps_exact_base = between(random, 0, 1);
  shows_only_head = one_of(random, {0, 0, 0, 1});
  // Where only the head is shown and a snapshot brought no rows, others' commits leave nothing that proves ours.
  others_every_ms = shows_only_head != 0 ? 0 : one_of(random, {0, 3'000, 12'000});
  rates.unavailable = one_of(random, {0, 20, 60});
  rates.unavailable_after = one_of(random, {0, 30, 80});
  rates.crash = one_of(random, {0, 40, 120, 300});
  rates.freeze = one_of(random, {0, 100, 300});
  rates.lost_reply = one_of(random, {0, 4, 10});
  rates.late_request = one_of(random, {0, 5, 12});
  has_follower = between(random, 0, 1);
  rates.repeated_request = one_of(random, {0, 4, 10});
  log_fault = one_of(random, {0, 0, 0, 0, 0, 1, 2, 3});
  log_breaks_at_ms = between(random, calm_after_ms / 5, calm_after_ms);
  power_lost_every_ms = one_of(random, {0, 0, 10'000, 30'000});
  rates.late_store = one_of(random, {0, 20, 60});
  rates.sync_error = one_of(random, {0, 0, 60, 200});
  rates.disk_full = one_of(random, {0, 0, 60, 200});
  draw_harm(random);
}

void Scenario::draw_harm(SeededRandom& random) {
  harm = one_of(random, {0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4});
  harmed_table = between(random, 0, 2);
  harm_depth = between(random, 1, 4);
  harm_at_ms = between(random, calm_after_ms / 5, calm_after_ms);
  if (shows_only_head != 0) harm = 0;  // nothing there proves what was
  if (harm == 0) return;
  log_fault = 0;
  // What the pipeline kept beside the tables is of another time then.
  if (loses_record()) has_dedupe = has_window = has_follower = 0;
}

lake::CatalogHabits Scenario::habits() const {
  return {.is_multi_table_atomic = is_multi_table_atomic != 0,
          .swaps_exact_base = swaps_exact_base != 0,
          .shows_only_head = shows_only_head != 0};
}

std::vector<std::pair<std::string_view, int64_t*>> Scenario::fields() {
  return {{"processes", &processes},
          {"tasks", &tasks},
          {"partitions", &partitions},
          {"events", &events},
          {"calm_after_ms", &calm_after_ms},
          {"commit_every_ms", &commit_every_ms},
          {"has_dedupe", &has_dedupe},
          {"has_window", &has_window},
          {"has_follower", &has_follower},
          {"keep_snapshots", &keep_snapshots},
          {"others_every_ms", &others_every_ms},
          {"log_fault", &log_fault},
          {"log_breaks_at_ms", &log_breaks_at_ms},
          {"harm", &harm},
          {"harmed_table", &harmed_table},
          {"harm_depth", &harm_depth},
          {"harm_at_ms", &harm_at_ms},
          {"power_lost_every_ms", &power_lost_every_ms},
          {"is_multi_table_atomic", &is_multi_table_atomic},
          {"swaps_exact_base", &swaps_exact_base},
          {"shows_only_head", &shows_only_head},
          {"unavailable", &rates.unavailable},
          {"unavailable_after", &rates.unavailable_after},
          {"crash", &rates.crash},
          {"freeze", &rates.freeze},
          {"lost_reply", &rates.lost_reply},
          {"late_request", &rates.late_request},
          {"repeated_request", &rates.repeated_request},
          {"late_store", &rates.late_store},
          {"sync_error", &rates.sync_error},
          {"disk_full", &rates.disk_full}};
}

bool Scenario::set(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  for (const auto& [name, value] : fields()) {
    if (name != text.substr(0, equals)) continue;
    const std::string_view digits = text.substr(equals + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
    return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && *value >= 0;
  }
  return false;
}

std::string Scenario::to_string() const {
  std::string text = "--from " + std::to_string(seed) + " --seeds 1";
  Scenario drawn(seed);
  Scenario self = *this;
  const auto was = drawn.fields();
  const auto now = self.fields();
  for (size_t i = 0; i < now.size(); ++i) {
    if (*was[i].second != *now[i].second)
      text += " --set " + std::string(now[i].first) + "=" + std::to_string(*now[i].second);
  }
  return text;
}

}  // namespace weir::simulation

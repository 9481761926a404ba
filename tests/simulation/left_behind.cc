#include "simulation/left_behind.h"

#include <set>
#include <string_view>

#include "lake/scan.h"

namespace weir::simulation {
namespace {

/// Of what dies with a process, the epoch that it had prepared and the one that filled meanwhile may lie there.
constexpr int64_t kEpochsUnderWay = 2;
constexpr int64_t kCheckpointsKept = 3;

struct Count {
  int64_t prepared = 0;
  int64_t outbox = 0;
  int64_t checkpoints = 0;
  int64_t data_files = 0;  ///< that no snapshot names
};

Count count(const Objects& objects, const std::set<std::string>& named) {
  Count found;
  for (const auto& [uri, object] : objects) {
    const std::string_view name = uri;
    if (name.find("/prepared/") != name.npos) ++found.prepared;
    if (name.find("/outbox/") != name.npos) ++found.outbox;
    if (name.ends_with("-manifest")) ++found.checkpoints;
    if (name.ends_with(".parquet") && !named.contains(uri)) ++found.data_files;
  }
  return found;
}

std::set<std::string> named_by_tables(const Evidence& evidence) {
  std::set<std::string> named;
  CalmStore store(evidence.objects);
  for (const lake::TableIdentifier& name : tables_of(evidence.scenario)) {
    const lake::LoadedTable table = evidence.catalog.whole(name);
    for (const auto& stored : table.metadata->snapshots) {
      const auto files = lake::scan_files(table, stored->snapshot.id, store);
      if (!files.ok()) continue;  // check_snapshots() says so
      for (const iceberg::ManifestEntry& entry : *files) named.insert(entry.file.path);
    }
  }
  return named;
}

}  // namespace

std::vector<std::string> left_behind(const Evidence& evidence) {
  const Scenario& scenario = evidence.scenario;
  const Count found = count(evidence.objects, named_by_tables(evidence));
  const int64_t dead = evidence.processes - 1;  // the last one came to its end
  const int64_t of_tasks = dead * scenario.tasks * kEpochsUnderWay;
  const auto tables = static_cast<int64_t>(tables_of(scenario).size());
  std::vector<std::string> sentences;
  const auto expect = [&](const std::string& what, int64_t number, int64_t at_most) {
    if (number > at_most)
      sentences.push_back(std::to_string(number) + " " + what + " are left in the store by " + std::to_string(dead) +
                          " dead processes");
  };
  expect("prepared epochs", found.prepared, kEpochsUnderWay * dead);  // its own, and one that it adopted
  // A record that was put back has forgotten those that it named.
  const int64_t forgotten = scenario.harm == 0 ? 0 : kCheckpointsKept;
  // Its own that was not decided, and one that it did not get to remove.
  expect("checkpoints", found.checkpoints, kCheckpointsKept + 2 * dead + forgotten);
  expect("pieces for the follower", found.outbox, of_tasks);
  if (scenario.harm == 0) expect("data files", found.data_files, of_tasks * tables);
  return sentences;
}

}  // namespace weir::simulation

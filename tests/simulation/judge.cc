#include "simulation/judge.h"

#include <algorithm>
#include <set>

#include "lake/commit/lead_record.h"
#include "lake/scan.h"
#include "simulation/others.h"
#include "simulation/parquet_rows.h"

namespace weir::simulation {
namespace {

constexpr size_t kSentencesMax = 10;

/// How often each event stands in a table, by id_of().
using Found = std::map<int64_t, int>;

/// A group and the start of its window.
using WindowKey = std::pair<int64_t, int64_t>;
struct Window {
  int64_t rows = 0;
  int64_t last = 0;
};

std::string to_string(const WindowKey& window) {
  return "window " + std::to_string(window.second / kSecondUs) + " s of group " + std::to_string(window.first);
}

std::string to_string(int64_t id) {
  return "event " + std::to_string(offset_of(id)) + " of partition " + std::to_string(partition_of(id)) +
         (generation_of(id) == 0 ? "" : " (of the later log)");
}

class Judge {
 public:
  Judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects, const std::vector<int64_t>& events,
        const std::map<lake::TableIdentifier, int64_t>& others, const FollowedStore& followed)
      : scenario_(scenario),
        catalog_(catalog),
        store_(objects),
        events_(events.begin(), events.end()),
        others_(others),
        followed_(followed) {}

  std::vector<std::string> run() {
    compare("main", ids_in("main", "id"), [&](int64_t id) { return is_in_main(id); });
    compare("even", ids_in("even", "id"), [](int64_t id) { return !is_rejected(id) && id % 2 == 0; });
    compare("dead", dead(), [](int64_t id) { return is_rejected(id); });
    if (scenario_.has_follower != 0) compare(kFollowerSink, followed(), [&](int64_t id) { return is_in_main(id); });
    if (scenario_.has_window != 0) check_windows();
    for (const lake::TableIdentifier& table : tables_of(scenario_)) check_snapshots(table);
    check_progress();
    return std::move(wrong_);
  }

 private:
  bool is_in_main(int64_t id) const {
    if (is_rejected(id)) return false;
    if (scenario_.has_dedupe == 0) return true;
    for (int64_t before = id - kKeys; before >= 0 && key_of(before) == key_of(id); before -= kKeys) {
      if (events_.contains(before) && !is_rejected(before)) return false;  // it is not the first of its key
    }
    return true;
  }

  template <typename Take>
  void read(const std::string& name, const Take& take) {
    const lake::LoadedTable table = catalog_.whole({.ns = "t", .name = name});
    const auto files = lake::scan_files(table, std::nullopt, store_);
    if (!files.ok()) return wrong("table '" + name + "' cannot be read: " + files.error().to_string());
    for (const iceberg::ManifestEntry& entry : *files) {
      const auto bytes = store_.get(entry.file.path, int64_t{1} << 30);
      if (!bytes.ok()) {
        wrong("table '" + name + "' has a file that is not there: " + entry.file.path);
        continue;
      }
      const ParquetRows rows(*bytes);
      if (rows.count() != entry.file.record_count) wrong("'" + entry.file.path + "' has another count of rows");
      take(rows);
    }
  }

  Found ids_in(const std::string& name, const std::string& column) {
    Found found;
    read(name, [&](const ParquetRows& rows) {
      for (const int64_t id : rows.longs(column)) ++found[id];
    });
    return found;
  }

  Found followed() const {
    Found found;
    for (const int64_t id : followed_.ids) ++found[id];
    return found;
  }

  Found dead() {
    Found found;
    read("dead", [&](const ParquetRows& rows) {
      const std::vector<int64_t> partitions = rows.ints("partition");
      const std::vector<int64_t> offsets = rows.longs("offset");
      const std::vector<std::string> raw = rows.bytes("raw");
      for (size_t i = 0; i < offsets.size(); ++i)
        ++found[id_of(static_cast<int>(partitions[i]), raw[i][0] - '0', offsets[i])];
    });
    return found;
  }

  template <typename Belongs>
  void compare(const std::string& name, const Found& found, Belongs belongs) {
    for (const int64_t id : events_) {
      const auto at = found.find(id);
      const int count = at == found.end() ? 0 : at->second;
      const int expected = belongs(id) ? 1 : 0;
      if (count != expected)
        wrong(to_string(id) + " stands " + std::to_string(count) + " times in table '" + name + "', expected " +
              std::to_string(expected));
    }
    for (const auto& [id, count] : found) {
      if (id < kOthersRows && !events_.contains(id)) wrong(to_string(id) + " of table '" + name + "' was never there");
    }
    check_others(name, found);
  }

  /// What nobody of ours wrote must be what others did, each row once.
  void check_others(const std::string& name, const Found& found) {
    const auto appended = others_.find({.ns = "t", .name = name});
    const int64_t expected = appended == others_.end() ? 0 : appended->second;
    int64_t rows = 0;
    for (auto at = found.lower_bound(kOthersRows); at != found.end(); ++at) {
      rows += at->second;
      if (at->second != 1) wrong("table '" + name + "' has a row of others twice");
    }
    if (rows != expected)
      wrong("table '" + name + "' has " + std::to_string(rows) + " rows of others, expected " +
            std::to_string(expected));
  }

  void check_windows() {
    const Found late = ids_in("late", "id");
    check_others("late", late);
    std::map<WindowKey, Window> emitted;
    read("counts", [&](const ParquetRows& rows) {
      const std::vector<int64_t> groups = rows.longs("key");
      const std::vector<int64_t> starts = rows.times_us("window_start");
      const std::vector<int64_t> counts = rows.longs("n");
      const std::vector<int64_t> lasts = rows.longs("last");
      for (size_t i = 0; i < groups.size(); ++i) {
        const WindowKey window{groups[i], starts[i]};
        if (!emitted.emplace(window, Window{.rows = counts[i], .last = lasts[i]}).second)
          wrong(to_string(window) + " was written twice");
      }
    });
    std::map<WindowKey, Window> expected;
    EventTime watermark = INT64_MAX;
    std::map<int, int64_t> newest;  // of each partition
    for (const int64_t id : events_) {
      const auto at = late.find(id);
      const int times_late = at == late.end() ? 0 : at->second;
      if (times_late > (is_rejected(id) ? 0 : 1)) wrong(to_string(id) + " is late twice");
      if (is_rejected(id)) continue;
      newest[partition_of(id)] = std::max(newest[partition_of(id)], time_us_of(id));
      if (times_late != 0) continue;
      Window& window = expected[{key_of(id), time_us_of(id) / kWindowUs * kWindowUs}];
      ++window.rows;
      window.last = std::max(window.last, id);
    }
    for (const auto& [partition, time_us] : newest) watermark = std::min(watermark, time_us - kDisorderUs);
    for (const auto& [key, window] : expected) {
      const auto at = emitted.find(key);
      const bool is_closed = key.second + kWindowUs + kLatenessUs <= watermark;
      if (at == emitted.end()) {
        if (is_closed) wrong(to_string(key) + " is missing");
        continue;
      }
      if (at->second.rows != window.rows || at->second.last != window.last)
        wrong(to_string(key) + " has " + std::to_string(at->second.rows) + " rows, expected " +
              std::to_string(window.rows));
    }
    for (const auto& [key, window] : emitted) {
      if (!expected.contains(key)) wrong(to_string(key) + " is of nowhere");
    }
  }

  /// I6: what any snapshot in the list reaches is there.
  void check_snapshots(const lake::TableIdentifier& name) {
    const lake::LoadedTable table = catalog_.whole(name);
    std::set<std::string> seen;
    for (const auto& stored : table.metadata->snapshots) {
      const auto files = lake::scan_files(table, stored->snapshot.id, store_);
      if (!files.ok())
        return wrong("an old snapshot of '" + name.name + "' cannot be read: " + files.error().to_string());
      int64_t rows = 0;
      for (const iceberg::ManifestEntry& entry : *files) {
        rows += entry.file.record_count;
        if (!seen.insert(entry.file.path).second) continue;
        const auto size = store_.size_of(entry.file.path);
        if (!size.ok() || *size != entry.file.size_bytes)
          wrong("a snapshot of '" + name.name + "' names a file that is gone or has another size: " + entry.file.path);
      }
      const auto total = stored->snapshot.summary.find("total-records");
      if (total != stored->snapshot.summary.end() && total->second != std::to_string(rows))
        wrong("a snapshot of '" + name.name + "' says " + total->second + " rows and has " + std::to_string(rows));
    }
  }

  /// I5: along the versions of the lead, oldest first.
  void check_progress() {
    const lake::LoadedTable lead = catalog_.whole({.ns = "t", .name = "main"});
    std::vector<std::string> locations;
    for (const auto& entry : lead.metadata->metadata_log) locations.push_back(entry.metadata_file);
    locations.push_back(lead.metadata_location);
    Progress before;
    int64_t fence = 0;
    size_t decisions = 0;
    for (const std::string& location : locations) {
      const auto json = store_.get(location, int64_t{1} << 30);
      if (!json.ok()) continue;
      const auto table = iceberg::table_metadata_from_json(*json);
      if (!table.ok()) return wrong("a version of the lead cannot be read: " + table.error().to_string());
      const auto property = lake::pipeline_property_from_text(table->property(lake::pipeline_property_name(kPipeline)));
      if (!property.ok()) return wrong("the lead's record cannot be read: " + property.error().to_string());
      const auto* record = std::get_if<lake::LeadRecord>(&*property);
      if (record == nullptr) continue;
      const bool is_decided_by_hand = record->decisions.size() != decisions;
      decisions = record->decisions.size();
      if ((record->progress.is_behind(before) && !is_decided_by_hand) || record->fence_epoch < fence)
        wrong("the progress of the lead went back");
      before = record->progress;
      fence = record->fence_epoch;
    }
  }

  void wrong(std::string sentence) {
    if (wrong_.size() < kSentencesMax) wrong_.push_back(std::move(sentence));
  }

  const Scenario& scenario_;
  lake::MemoryCatalog& catalog_;
  CalmStore store_;
  const std::set<int64_t> events_;
  const std::map<lake::TableIdentifier, int64_t>& others_;
  const FollowedStore& followed_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects,
                               const std::vector<int64_t>& events,
                               const std::map<lake::TableIdentifier, int64_t>& others, const FollowedStore& followed) {
  return Judge(scenario, catalog, objects, events, others, followed).run();
}

}  // namespace weir::simulation

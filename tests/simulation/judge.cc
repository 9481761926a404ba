#include "simulation/judge.h"

#include <algorithm>
#include <optional>
#include <set>

#include "lake/commit/lead_record.h"
#include "lake/scan.h"
#include "simulation/left_behind.h"
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

int count_of(const Found& found, int64_t id) {
  const auto at = found.find(id);
  return at == found.end() ? 0 : at->second;
}

std::string to_string(int64_t id) {
  return "event " + std::to_string(offset_of(id)) + " of partition " + std::to_string(partition_of(id)) +
         (generation_of(id) == 0 ? "" : " (of the later log)");
}

/// I2: who writes an epoch has all events of a partition up to where it ends, in their order; none of them comes with a
/// later one.
class RowOrder {
 public:
  /// A file of the snapshot with sequence number `age`.
  void add(int64_t age, const std::vector<int64_t>& ids) {
    std::map<int, int64_t> last;  // of each partition
    Ends& ends = epochs_[age];
    for (const int64_t id : ids) {
      if (id >= kOthersRows) continue;
      const int partition = partition_of(id);
      const auto before = last.find(partition);
      if (before != last.end() && before->second > id && !wrong_) wrong_ = id;
      last[partition] = id;
      const auto [known, is_first] = ends.try_emplace(partition, id, id);
      known->second = {std::min(known->second.first, id), std::max(known->second.second, id)};
    }
  }

  /// `is_read_again`: by a manual override older events came again; in each file they still stand in their order.
  std::optional<int64_t> first_out_of_order(bool is_read_again) const {
    if (is_read_again) return wrong_;
    std::map<int, int64_t> last;
    for (const auto& [age, ends] : epochs_) {
      for (const auto& [partition, first_and_last] : ends) {
        const auto before = last.find(partition);
        if (before != last.end() && before->second > first_and_last.first) return first_and_last.first;
        last[partition] = first_and_last.second;
      }
    }
    return wrong_;
  }

 private:
  using Ends = std::map<int, std::pair<int64_t, int64_t>>;  ///< first and last event of each partition
  std::map<int64_t, Ends> epochs_;
  std::optional<int64_t> wrong_;
};

class Judge {
 public:
  explicit Judge(const Evidence& evidence)
      : evidence_(evidence),
        scenario_(evidence.scenario),
        catalog_(evidence.catalog),
        store_(evidence.objects),
        events_(evidence.events.begin(), evidence.events.end()),
        others_(evidence.others) {}

  std::vector<std::string> run() {
    for (const auto& [table, found] : contents()) compare(table, found, table);
    if (scenario_.has_follower != 0) compare(kFollowerSink, followed(), kLeadTable);
    if (scenario_.has_window != 0 && !is_joined("counts") && !is_joined("late")) check_windows();
    for (const lake::TableIdentifier& table : tables_of(scenario_)) check_snapshots(table);
    check_progress();
    for (std::string& sentence : left_behind(evidence_)) wrong(std::move(sentence));
    return std::move(wrong_);
  }

  Contents contents() { return {{"main", ids_in("main")}, {"even", ids_in("even")}, {"dead", dead()}}; }

 private:
  bool is_joined(const std::string& table) const {
    return evidence_.declared && evidence_.declared->tables.contains(table);
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
      take(rows, entry.sequence_number.value_or(0));
    }
  }

  /// Rows of the log's own schema.
  Found ids_in(const std::string& name) {
    Found found;
    RowOrder order;
    read(name, [&](const ParquetRows& rows, int64_t age) {
      const std::vector<int64_t> ids = rows.longs("id");
      const std::vector<int64_t> keys = rows.longs("key");
      const std::vector<int64_t> times = rows.times_us("ts");
      const std::vector<int64_t> checksums = rows.longs("crc");
      for (size_t i = 0; i < ids.size(); ++i) {
        ++found[ids[i]];
        if (checksums[i] != checksum_of(ids[i], keys[i], times[i]))
          wrong(to_string(ids[i]) + " is another one in table '" + name + "' than in the log");
      }
      order.add(age, ids);
    });
    check_order(name, order);
    return found;
  }

  void check_order(const std::string& name, const RowOrder& order) {
    if (const std::optional<int64_t> id = order.first_out_of_order(scenario_.loses_record()))
      wrong(to_string(*id) + " of table '" + name + "' stands behind a younger one of its partition");
  }

  Found followed() const {
    Found found;
    for (const int64_t id : evidence_.followed.ids) ++found[id];
    return found;
  }

  Found dead() {
    Found found;
    RowOrder order;
    read("dead", [&](const ParquetRows& rows, int64_t age) {
      const std::vector<int64_t> partitions = rows.ints("partition");
      const std::vector<int64_t> offsets = rows.longs("offset");
      const std::vector<std::string> raw = rows.bytes("raw");
      std::vector<int64_t> ids;
      for (size_t i = 0; i < offsets.size(); ++i) {
        ids.push_back(id_of(static_cast<int>(partitions[i]), generation_in(raw[i]), offsets[i]));
        ++found[ids.back()];
        if (raw[i] != bytes_of(ids.back())) wrong(to_string(ids.back()) + " is another one in the dead letter");
      }
      order.add(age, ids);
    });
    check_order("dead", order);
    return found;
  }

  /// `of`: the table whose rows they should be.
  void compare(const std::string& name, const Found& found, const std::string& of) {
    const Declared* declared = name == of && evidence_.declared ? &*evidence_.declared : nullptr;
    for (const int64_t id : events_) {
      const int count = count_of(found, id);
      int expected = belongs_in(scenario_, events_, of, id) ? 1 : 0;
      if (declared != nullptr)
        expected = count_of(declared->contents.at(name), id) + (declared->is_decided(id) ? 0 : expected);
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
    const Found late = ids_in("late");
    check_others("late", late);
    std::map<WindowKey, Window> emitted;
    read("counts", [&](const ParquetRows& rows, int64_t) {
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

  const Evidence& evidence_;
  const Scenario& scenario_;
  lake::MemoryCatalog& catalog_;
  CalmStore store_;
  const std::set<int64_t> events_;
  const std::map<lake::TableIdentifier, int64_t>& others_;
  std::vector<std::string> wrong_;
};

}  // namespace

Contents contents_of(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects) {
  static const std::map<lake::TableIdentifier, int64_t> kNoOthers;
  static const FollowedStore kNothingFollowed;
  return Judge({.scenario = scenario,
                .catalog = catalog,
                .objects = objects,
                .events = {},
                .others = kNoOthers,
                .followed = kNothingFollowed,
                .processes = 0})
      .contents();
}

std::vector<std::string> judge(const Evidence& evidence) {
  return Judge(evidence).run();
}

}  // namespace weir::simulation

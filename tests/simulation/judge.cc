#include "simulation/judge.h"

#include <map>
#include <set>

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/reader.h>

#include "base/check.h"
#include "lake/scan.h"

namespace weir::simulation {
namespace {

constexpr size_t kSentencesMax = 10;

std::shared_ptr<arrow::Table> read_parquet(const std::string& bytes) {
  auto reader = parquet::arrow::OpenFile(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)),
                                         arrow::default_memory_pool());
  WEIR_CHECK_MSG(reader.ok(), reader.status().ToString());
  (*reader)->set_use_threads(false);
  auto table = (*reader)->ReadTable();
  WEIR_CHECK_MSG(table.ok(), table.status().ToString());
  return *table;
}

template <typename ArrayType>
std::vector<int64_t> values(const arrow::Table& table, const std::string& name) {
  std::vector<int64_t> all;
  for (const auto& chunk : table.GetColumnByName(name)->chunks()) {
    const auto& array = static_cast<const ArrayType&>(*chunk);
    for (int64_t i = 0; i < array.length(); ++i) all.push_back(array.Value(i));
  }
  return all;
}

/// How often each event stands in a table, by id_of().
using Found = std::map<int64_t, int>;

class Judge {
 public:
  Judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects)
      : scenario_(scenario), catalog_(catalog), store_(objects) {}

  std::vector<std::string> run() {
    compare("main", found("main"), [&](int64_t id) { return is_in_main(id); });
    compare("even", found("even"), [](int64_t id) { return !is_rejected(id % 1'000'000) && id % 2 == 0; });
    compare("dead", found("dead"), [](int64_t id) { return is_rejected(id % 1'000'000); });
    return std::move(wrong_);
  }

 private:
  bool is_in_main(int64_t id) const {
    const int64_t offset = id % 1'000'000;
    if (is_rejected(offset)) return false;
    if (!scenario_.has_dedupe) return true;
    for (int64_t before = offset - kKeys; before >= 0; before -= kKeys) {
      if (!is_rejected(before)) return false;  // it is not the first of its key
    }
    return true;
  }

  Found found(const std::string& name) {
    Found found;
    const lake::LoadedTable table = catalog_.whole({.ns = "t", .name = name});
    const auto files = lake::scan_files(table, std::nullopt, store_);
    if (!files.ok()) {
      wrong("table '" + name + "' cannot be read: " + files.error().to_string());
      return found;
    }
    for (const iceberg::ManifestEntry& entry : *files) {
      const auto bytes = store_.get(entry.file.path, int64_t{1} << 30);
      if (!bytes.ok()) {
        wrong("table '" + name + "' has a file that is not there: " + entry.file.path);
        continue;
      }
      if (static_cast<int64_t>(bytes->size()) != entry.file.size_bytes)
        wrong("'" + entry.file.path + "' has another size than its table says");
      const auto rows = read_parquet(*bytes);
      if (rows->num_rows() != entry.file.record_count) wrong("'" + entry.file.path + "' has another count of rows");
      if (name == "dead") {
        const auto partitions = values<arrow::Int32Array>(*rows, "partition");
        const auto offsets = values<arrow::Int64Array>(*rows, "offset");
        for (size_t i = 0; i < offsets.size(); ++i) ++found[id_of(static_cast<int>(partitions[i]), offsets[i])];
      } else {
        for (const int64_t id : values<arrow::Int64Array>(*rows, "id")) ++found[id];
      }
    }
    return found;
  }

  template <typename Belongs>
  void compare(const std::string& name, const Found& found, Belongs belongs) {
    for (int p = 0; p < scenario_.partitions; ++p) {
      for (int64_t offset = 0; offset < scenario_.events; ++offset) {
        const int64_t id = id_of(p, offset);
        const auto at = found.find(id);
        const int count = at == found.end() ? 0 : at->second;
        const int expected = belongs(id) ? 1 : 0;
        if (count != expected) {
          wrong("partition " + std::to_string(p) + ", offset " + std::to_string(offset) + " stands " +
                std::to_string(count) + " times in table '" + name + "', expected " + std::to_string(expected));
        }
      }
    }
    if (!found.empty() && found.rbegin()->first >= id_of(scenario_.partitions, 0))
      wrong("'" + name + "': a row of nowhere");
  }

  void wrong(std::string sentence) {
    if (wrong_.size() < kSentencesMax) wrong_.push_back(std::move(sentence));
  }

  const Scenario& scenario_;
  lake::MemoryCatalog& catalog_;
  CalmStore store_;
  std::vector<std::string> wrong_;
};

}  // namespace

std::vector<std::string> judge(const Scenario& scenario, lake::MemoryCatalog& catalog, Objects& objects) {
  return Judge(scenario, catalog, objects).run();
}

}  // namespace weir::simulation

#include "simulation/others.h"

#include <algorithm>

#include "base/check.h"
#include "lake/table_writer.h"
#include "simulation/pipeline.h"

namespace weir::simulation {

Others::Others(lake::MemoryCatalog& catalog, ObjectStore& store, const Clock& clock, RandomSource& random)
    : catalog_(catalog),
      store_(store),
      random_(random),
      hand_(catalog, store, clock, random,
            [this](const lake::LoadedTable& table, int64_t rows) { return write(table, rows); }) {}

void Others::act(const std::vector<lake::TableIdentifier>& tables) {
  const lake::TableIdentifier& table = tables[random_.next_u64() % tables.size()];
  switch (random_.next_u64() % 7) {
    case 0: return hand_.compact(table);
    case 1: return hand_.expire_as_java(table);
    case 2: return hand_.expire_as_pyiceberg(table);
    case 3: return hand_.make_ref(table, iceberg::RefKind::tag);
    case 4: return hand_.set_property(table);
    default:
      if (has_event_rows(table)) hand_.append(table);
  }
}

bool Others::harm(Harm harm, const lake::TableIdentifier& table, int64_t depth) {
  switch (harm) {
    case Harm::none: return false;
    case Harm::roll_back: return roll_back(table, depth);
    case Harm::roll_back_and_append: {
      const bool is_done = roll_back(table, depth);
      if (is_done && has_event_rows(table)) hand_.append(table);
      return is_done;
    }
    case Harm::drop: catalog_.drop(table); return true;
    case Harm::put_back: return put_back(table, depth);
  }
  return false;
}

bool Others::roll_back(const lake::TableIdentifier& table, int64_t snapshots) {
  bool is_done = false;
  for (int64_t i = 0; i < snapshots; ++i) {
    const lake::LoadedTable now = catalog_.whole(table);
    const iceberg::Snapshot* head = now.metadata->current_snapshot();
    const bool has_parent =
        head != nullptr && head->parent_id && now.metadata->find_snapshot(*head->parent_id) != nullptr;
    if (!has_parent) break;
    hand_.roll_back(table);
    is_done = true;
  }
  return is_done;
}

bool Others::put_back(const lake::TableIdentifier& table, int64_t versions) {
  const auto& log = catalog_.whole(table).metadata->metadata_log;
  if (log.empty()) return false;
  const std::string location = log[log.size() - std::min<size_t>(log.size(), versions)].metadata_file;
  const auto json = store_.get(location, int64_t{1} << 30);
  if (!json.ok()) return false;  // it is kept no more
  auto old = iceberg::table_metadata_from_json(*json);
  WEIR_CHECK(old.ok());
  catalog_.put_back({.table = table,
                     .metadata_location = location,
                     .metadata = std::make_shared<const iceberg::TableMetadata>(*std::move(old))});
  return true;
}

std::string Others::write(const lake::LoadedTable& table, int64_t rows) {
  auto writer = lake::TableWriter::make(store_, *table.metadata, {.file_prefix = "others-" + std::to_string(++files_)});
  WEIR_CHECK(writer.ok());
  WEIR_CHECK((*writer)->write(event_rows(next_, rows)).ok());
  auto part = (*writer)->close_files();
  WEIR_CHECK(part.ok());
  next_ += rows;
  rows_[table.table] += rows;
  return *std::move(part);
}

}  // namespace weir::simulation

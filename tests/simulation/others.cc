#include "simulation/others.h"

#include "base/check.h"
#include "lake/table_writer.h"
#include "simulation/pipeline.h"

namespace weir::simulation {

Others::Others(lake::MemoryCatalog& catalog, ObjectStore& store, const Clock& clock, RandomSource& random)
    : store_(store),
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

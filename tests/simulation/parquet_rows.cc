#include "simulation/parquet_rows.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/reader.h>

#include "base/check.h"

namespace weir::simulation {
namespace {

template <typename ArrayType, typename Value = int64_t>
std::vector<Value> values(const arrow::Table& table, const std::string& name) {
  const auto column = table.GetColumnByName(name);
  WEIR_CHECK_MSG(column != nullptr, name);
  std::vector<Value> all;
  for (const auto& chunk : column->chunks()) {
    const auto& array = static_cast<const ArrayType&>(*chunk);
    for (int64_t i = 0; i < array.length(); ++i) all.emplace_back(array.Value(i));
  }
  return all;
}

}  // namespace

ParquetRows::ParquetRows(const std::string& bytes) {
  auto reader = parquet::arrow::OpenFile(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)),
                                         arrow::default_memory_pool());
  WEIR_CHECK_MSG(reader.ok(), reader.status().ToString());
  (*reader)->set_use_threads(false);
  auto table = (*reader)->ReadTable();
  WEIR_CHECK_MSG(table.ok(), table.status().ToString());
  table_ = *std::move(table);
}

int64_t ParquetRows::count() const {
  return table_->num_rows();
}
std::vector<int64_t> ParquetRows::longs(const std::string& column) const {
  return values<arrow::Int64Array>(*table_, column);
}
std::vector<int64_t> ParquetRows::ints(const std::string& column) const {
  return values<arrow::Int32Array>(*table_, column);
}
std::vector<int64_t> ParquetRows::times_us(const std::string& column) const {
  return values<arrow::TimestampArray>(*table_, column);
}

std::vector<std::string> ParquetRows::bytes(const std::string& column) const {
  return values<arrow::BinaryArray, std::string>(*table_, column);
}

}  // namespace weir::simulation

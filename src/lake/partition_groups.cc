#include "lake/partition_groups.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::lake {
namespace {

/// Child indexes from the top level down to field `id`; empty when it is not there.
bool find_path(const std::vector<Field>& fields, int32_t id, std::vector<int>& path) {
  for (size_t i = 0; i < fields.size(); ++i) {
    path.push_back(static_cast<int>(i));
    if (fields[i].id == id) return true;
    if (fields[i].type->kind() == TypeKind::structure && find_path(fields[i].type->fields(), id, path)) return true;
    path.pop_back();
  }
  return false;
}

/// The column at `path`. A struct that is null makes its children null too.
ColumnPtr column_at(const Batch& batch, const std::vector<int>& path) {
  ColumnPtr column = batch.columns()[static_cast<size_t>(path[0])];
  for (size_t depth = 1; depth < path.size(); ++depth) {
    const ColumnPtr child = column->children[static_cast<size_t>(path[depth])];
    if (column->null_count == 0) {
      column = child;
      continue;
    }
    auto masked = std::make_shared<Column>(*child);
    std::vector<uint8_t> bits(static_cast<size_t>((child->length + 7) / 8), 0);
    masked->null_count = 0;
    for (int64_t i = 0; i < child->length; ++i) {
      if (column->is_null(i) || child->is_null(i))
        ++masked->null_count;
      else
        bits[static_cast<size_t>(i >> 3)] |= static_cast<uint8_t>(1U << (i & 7));
    }
    masked->validity = Buffer::adopt(std::move(bits));
    column = masked;
  }
  return column;
}

/// The bytes that make one value equal to another: null differs from every value.
std::string_view key_bytes(const Column& column, int64_t row, char& boolean) {
  if (column.type->kind() == TypeKind::boolean) {
    boolean = column.boolean_at(row) ? 1 : 0;
    return {&boolean, 1};
  }
  if (column.type->width_bytes() != 0) {
    const auto width = static_cast<size_t>(column.type->width_bytes());
    return {reinterpret_cast<const char*>(column.values.data()) + static_cast<size_t>(row) * width, width};
  }
  return column.bytes_at(row);
}

/// Numbers the distinct values of a column from 0 in order of appearance; null counts as a value.
std::vector<uint32_t> number_values(const Column& column, uint32_t& count) {
  std::vector<uint32_t> numbers(static_cast<size_t>(column.length));
  std::unordered_map<std::string, uint32_t> known;
  constexpr uint32_t kNone = UINT32_MAX;
  uint32_t null_number = kNone;
  std::string last_key;
  uint32_t last_number = kNone;
  count = 0;
  char boolean = 0;
  for (int64_t row = 0; row < column.length; ++row) {
    uint32_t& number = numbers[static_cast<size_t>(row)];
    if (column.is_null(row)) {
      if (null_number == kNone) null_number = count++;
      number = null_number;
      continue;
    }
    const std::string_view key = key_bytes(column, row, boolean);
    if (last_number == kNone || key != last_key) {  // neighbours mostly share a partition
      last_key.assign(key);
      const auto [at, is_new] = known.try_emplace(last_key, count);
      if (is_new) ++count;
      last_number = at->second;
    }
    number = last_number;
  }
  return numbers;
}

}  // namespace

PartitionSplitter::PartitionSplitter(SchemaPtr schema, iceberg::PartitionSpec spec)
    : schema_(std::move(schema)), spec_(std::move(spec)) {
  for (const iceberg::PartitionField& field : spec_.fields) {
    std::vector<int> path;
    WEIR_CHECK(find_path(schema_->fields(), field.source_id, path));
    source_paths_.push_back(std::move(path));
  }
}

std::vector<PartitionGroup> PartitionSplitter::split(const Batch& batch) const {
  WEIR_CHECK(batch.all_selected());
  std::vector<ColumnPtr> results;
  std::vector<uint64_t> combined(static_cast<size_t>(batch.rows()), 0);
  for (size_t f = 0; f < spec_.fields.size(); ++f) {
    results.push_back(spec_.fields[f].transform.apply(*column_at(batch, source_paths_[f])));
    uint32_t count = 0;
    const std::vector<uint32_t> numbers = number_values(*results.back(), count);
    // Renumber the combinations after each field, so that the product never overflows.
    std::unordered_map<uint64_t, uint64_t> renumbered;
    for (size_t row = 0; row < combined.size(); ++row) {
      const uint64_t pair = (combined[row] << 32) | numbers[row];
      combined[row] = renumbered.try_emplace(pair, renumbered.size()).first->second;
    }
  }
  std::vector<PartitionGroup> groups;
  for (size_t row = 0; row < combined.size(); ++row) {
    if (combined[row] >= groups.size()) {
      PartitionGroup group;
      for (const ColumnPtr& result : results)
        group.partition.push_back(iceberg::value_at(*result, static_cast<int64_t>(row)));
      groups.push_back(std::move(group));
    }
    groups[combined[row]].rows.push_back(static_cast<int32_t>(row));
  }
  return groups;
}

}  // namespace weir::lake

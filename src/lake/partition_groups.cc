#include "lake/partition_groups.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace weir::lake {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

/// The bytes that make one value equal to another: null differs from every value.
std::string_view key_bytes(const Column& column, int64_t row) {
  if (column.type->kind() == TypeKind::boolean) {
    static constexpr char kBooleans[] = {0, 1};
    return {&kBooleans[column.boolean_at(row) ? 1 : 0], 1};
  }
  if (column.type->width_bytes() != 0) {
    const auto width = static_cast<size_t>(column.type->width_bytes());
    return {reinterpret_cast<const char*>(column.values.data()) + static_cast<size_t>(row) * width, width};
  }
  return column.bytes_at(row);
}

/// Numbers keys from 0 in order of appearance. Keys are views: what they point to outlives this.
class KeyNumbers {
 public:
  uint32_t number_of(std::string_view key) {
    for (size_t slot = hash64(key) & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == kNone) return add(slot, key);
      if (keys_[slots_[slot]] == key) return slots_[slot];
    }
  }

 private:
  uint32_t add(size_t slot, std::string_view key) {
    const auto number = static_cast<uint32_t>(keys_.size());
    keys_.push_back(key);
    slots_[slot] = number;
    if (keys_.size() * 2 > slots_.size()) grow();
    return number;
  }
  void grow() {
    slots_.assign(slots_.size() * 4, kNone);
    for (uint32_t number = 0; number < keys_.size(); ++number) {
      size_t slot = hash64(keys_[number]) & (slots_.size() - 1);
      while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = number;
    }
  }

  std::vector<std::string_view> keys_;                              ///< by number
  std::vector<uint32_t> slots_ = std::vector<uint32_t>(64, kNone);  ///< open addressing, at most half full
};

/// What the values of a column are numbered as; null counts as a value.
struct NumberedValues {
  std::vector<uint32_t> numbers;  ///< by row, from 0 without gaps
  uint32_t count = 0;
};

NumberedValues number_values(const Column& column) {
  NumberedValues values;
  values.numbers.resize(static_cast<size_t>(column.length));
  KeyNumbers known;
  // Null is number 0 wherever there may be one: then it needs no key.
  const uint32_t first = column.null_count == 0 ? 0 : 1;
  std::string_view last_key;
  uint32_t last_number = kNone;
  values.count = first;
  for (int64_t row = 0; row < column.length; ++row) {
    uint32_t& number = values.numbers[static_cast<size_t>(row)];
    if (column.is_null(row)) {
      number = 0;
      continue;
    }
    const std::string_view key = key_bytes(column, row);
    if (last_number == kNone || key != last_key) {  // neighbours mostly share a partition
      last_key = key;
      last_number = first + known.number_of(key);
      values.count = std::max(values.count, last_number + 1);
    }
    number = last_number;
  }
  return values;
}

/// Pairs of numbers that fit a table of this many entries are looked up there, others in a map.
constexpr uint64_t kPairTableMax = 64 * 1024;

/// Replaces `groups` (numbers below `group_count`) by numbers of the pairs with `values`, from 0 in order of
/// appearance; returns how many there are. Done after each field, so that the product never overflows.
uint32_t combine(std::vector<uint32_t>& groups, uint32_t group_count, const NumberedValues& values) {
  uint32_t count = 0;
  const uint64_t width = values.count;
  if (group_count * width <= kPairTableMax) {
    std::vector<uint32_t> table(group_count * width, kNone);
    for (size_t row = 0; row < groups.size(); ++row) {
      uint32_t& number = table[groups[row] * width + values.numbers[row]];
      if (number == kNone) number = count++;
      groups[row] = number;
    }
    return count;
  }
  std::unordered_map<uint64_t, uint32_t> known;
  for (size_t row = 0; row < groups.size(); ++row) {
    const auto [at, is_new] = known.try_emplace(groups[row] * width + values.numbers[row], count);
    if (is_new) ++count;
    groups[row] = at->second;
  }
  return count;
}

}  // namespace

PartitionSplitter::PartitionSplitter(SchemaPtr schema, iceberg::PartitionSpec spec)
    : schema_(std::move(schema)), spec_(std::move(spec)) {
  for (const iceberg::PartitionField& field : spec_.fields) {
    std::optional<FieldPath> path = find_field_path(schema_->fields(), field.source_id);
    WEIR_CHECK(path.has_value());
    source_paths_.push_back(*std::move(path));
  }
}

std::vector<PartitionGroup> PartitionSplitter::split(const Batch& batch) const {
  WEIR_CHECK(batch.all_selected());
  std::vector<ColumnPtr> results;
  std::vector<uint32_t> combined(static_cast<size_t>(batch.rows()), 0);
  uint32_t count = 1;
  for (size_t f = 0; f < spec_.fields.size(); ++f) {
    results.push_back(spec_.fields[f].transform.apply(*column_at(batch, source_paths_[f])));
    count = combine(combined, count, number_values(*results.back()));
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

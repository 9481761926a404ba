#include "iceberg/value/metrics.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "iceberg/value/bound_truncation.h"

namespace weir::iceberg {
namespace {

constexpr size_t kInferredColumnsMax = 100;  // default of write.metadata.metrics.max-inferred-column-defaults
constexpr size_t kUtf8BytesMax = 4;

/// A primitive column that is not inside a list or map.
struct LeafPath {
  const Field* field;
  std::string name;  ///< dotted
};

void collect_leaves(const std::vector<Field>& fields, const LeafPath& parent, std::vector<LeafPath>& leaves) {
  for (const Field& field : fields) {
    LeafPath path{&field, parent.name.empty() ? field.name : parent.name + "." + field.name};
    if (field.type->kind() == TypeKind::structure) {
      collect_leaves(field.type->fields(), path, leaves);
    } else if (!field.type->is_nested()) {
      leaves.push_back(std::move(path));
    }
  }
}

std::vector<LeafPath> leaves_of(const Schema& schema) {
  std::vector<LeafPath> leaves;
  collect_leaves(schema.fields(), {nullptr, ""}, leaves);
  return leaves;
}

bool parse_whole(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view find_property(const StringMap& properties, const std::string& key) {
  const auto found = properties.find(key);
  return found == properties.end() ? std::string_view() : std::string_view(found->second);
}

size_t inferred_columns_max(const StringMap& properties) {
  int64_t value = 0;
  const bool given =
      parse_whole(find_property(properties, "write.metadata.metrics.max-inferred-column-defaults"), value) &&
      value >= 0;
  return given ? static_cast<size_t>(value) : kInferredColumnsMax;
}

bool is_float(const Type& type) {
  return type.kind() == TypeKind::float32 || type.kind() == TypeKind::float64;
}

/// Strings, binary and fixed: the kinds whose bounds are cut.
bool is_cut_kind(const Type& type) {
  return type.kind() == TypeKind::string || type.kind() == TypeKind::binary || type.kind() == TypeKind::fixed;
}

template <typename T>
Value load(const std::string& bytes) {
  WEIR_CHECK(bytes.size() == sizeof(T));
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return Value(value);
}

/// A bound in the form of value_to_bytes.
std::string to_bound(const Type& type, const std::string& bytes) {
  switch (type.kind()) {
    case TypeKind::boolean: return value_to_bytes(type, Value(bytes[0] != 0));
    case TypeKind::int32:
    case TypeKind::date: return value_to_bytes(type, load<int32_t>(bytes));
    case TypeKind::float32: return value_to_bytes(type, load<float>(bytes));
    case TypeKind::float64: return value_to_bytes(type, load<double>(bytes));
    case TypeKind::decimal: return value_to_bytes(type, load<Int128>(bytes));
    case TypeKind::string:
    case TypeKind::binary:
    case TypeKind::fixed:
    case TypeKind::uuid: return bytes;
    default: return value_to_bytes(type, load<int64_t>(bytes));
  }
}

void put_cut_bounds(const Type& type, size_t length, const ColumnStatistics& column, ColumnMetrics& metrics) {
  const bool is_text = type.kind() == TypeKind::string;
  const std::string& lower = column.lower->bytes;
  const std::string& upper = column.upper->bytes;
  metrics.lower_bounds.set(
      column.field_id, std::string(is_text ? truncate_text_lower(lower, length) : truncate_bytes_lower(lower, length)));
  std::optional<std::string> cut = is_text ? truncate_text_upper(upper, length) : truncate_bytes_upper(upper, length);
  // Bytes that are no UTF-8 may hold fewer code points than were kept; the rest of the value is then unknown.
  const bool is_whole = cut && *cut == upper;
  if (cut && !(is_whole && column.upper->is_cut)) metrics.upper_bounds.set(column.field_id, *std::move(cut));
}

void put_bounds(const Type& type, const ColumnMetricsMode& mode, const ColumnStatistics& column,
                ColumnMetrics& metrics) {
  if (mode.mode == MetricsMode::counts || !column.lower || !column.upper) return;
  if (mode.mode == MetricsMode::truncate && is_cut_kind(type))
    return put_cut_bounds(type, static_cast<size_t>(mode.length), column, metrics);
  metrics.lower_bounds.set(column.field_id, to_bound(type, column.lower->bytes));
  if (!column.upper->is_cut) metrics.upper_bounds.set(column.field_id, to_bound(type, column.upper->bytes));
}

}  // namespace

bool ColumnMetricsMode::parse(std::string_view text, ColumnMetricsMode& mode) {
  if (text == "none")
    mode = {MetricsMode::none, 0};
  else if (text == "counts")
    mode = {MetricsMode::counts, 0};
  else if (text == "full")
    mode = {MetricsMode::full, 0};
  else {
    int64_t length = 0;
    if (!text.starts_with("truncate(") || !text.ends_with(')') ||
        !parse_whole(text.substr(9, text.size() - 10), length))
      return false;
    if (length < 1 || length > INT32_MAX) return false;
    mode = {MetricsMode::truncate, static_cast<int32_t>(length)};
  }
  return true;
}

IdMap<ColumnMetricsMode> metrics_modes(const Schema& schema, const StringMap& properties) {
  ColumnMetricsMode default_mode;
  const bool has_default =
      ColumnMetricsMode::parse(find_property(properties, "write.metadata.metrics.default"), default_mode);
  const size_t inferred_max = has_default ? SIZE_MAX : inferred_columns_max(properties);
  IdMap<ColumnMetricsMode> modes;
  size_t index = 0;
  for (const LeafPath& leaf : leaves_of(schema)) {
    ColumnMetricsMode mode = index++ < inferred_max ? default_mode : ColumnMetricsMode{MetricsMode::none, 0};
    ColumnMetricsMode::parse(find_property(properties, "write.metadata.metrics.column." + leaf.name), mode);
    modes.set(leaf.field->id, mode);
  }
  return modes;
}

void ColumnMetrics::move_to(DataFile& file) && {
  file.value_counts = std::move(value_counts);
  file.null_value_counts = std::move(null_value_counts);
  file.nan_value_counts = std::move(nan_value_counts);
  file.lower_bounds = std::move(lower_bounds);
  file.upper_bounds = std::move(upper_bounds);
}

ColumnMetrics metrics_of(const Schema& schema, const StringMap& properties,
                         std::span<const ColumnStatistics> statistics) {
  const IdMap<ColumnMetricsMode> modes = metrics_modes(schema, properties);
  ColumnMetrics metrics;
  for (const ColumnStatistics& column : statistics) {
    const ColumnMetricsMode* mode = modes.find(column.field_id);
    if (mode == nullptr || mode->mode == MetricsMode::none) continue;
    const Type& type = *schema.find_by_id(column.field_id)->type;
    metrics.value_counts.set(column.field_id, column.values);
    metrics.null_value_counts.set(column.field_id, column.nulls);
    if (is_float(type)) metrics.nan_value_counts.set(column.field_id, column.nans);
    put_bounds(type, *mode, column, metrics);
  }
  return metrics;
}

size_t bound_bytes_needed(const Schema& schema, const StringMap& properties) {
  size_t bytes = 0;
  for (const auto& [id, mode] : metrics_modes(schema, properties)) {
    const Type& type = *schema.find_by_id(id)->type;
    if (!is_cut_kind(type) || mode.mode == MetricsMode::none || mode.mode == MetricsMode::counts) continue;
    if (mode.mode == MetricsMode::full) return SIZE_MAX;
    const auto length = static_cast<size_t>(mode.length);
    bytes = std::max(bytes, type.kind() == TypeKind::string ? kUtf8BytesMax * (length + 1) : length + 1);
  }
  return bytes;
}

}  // namespace weir::iceberg

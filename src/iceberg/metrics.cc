#include "iceberg/metrics.h"

#include <charconv>

#include "iceberg/bound_truncation.h"
#include "iceberg/metrics_range_internal.h"

namespace weir::iceberg {
namespace {

constexpr size_t kInferredColumnsMax = 100;  // default of write.metadata.metrics.max-inferred-column-defaults
constexpr size_t kUtf8BytesMax = 4;

/// A primitive column that is not inside a list or map.
struct LeafPath {
  const Field* field;
  std::string name;           ///< dotted
  std::vector<size_t> place;  ///< child indexes from the top
};

void collect_leaves(const std::vector<Field>& fields, const LeafPath& parent, std::vector<LeafPath>& leaves) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    LeafPath path{&field, parent.name.empty() ? field.name : parent.name + "." + field.name, parent.place};
    path.place.push_back(i);
    if (field.type->kind() == TypeKind::structure) {
      collect_leaves(field.type->fields(), path, leaves);
    } else if (!field.type->is_nested()) {
      leaves.push_back(std::move(path));
    }
  }
}

std::vector<LeafPath> leaves_of(const Schema& schema) {
  std::vector<LeafPath> leaves;
  collect_leaves(schema.fields(), {nullptr, "", {}}, leaves);
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

int64_t count_present(const uint8_t* validity, int64_t rows) {
  int64_t present = 0;
  for_each_run(validity, rows, [&](int64_t begin, int64_t end) { present += end - begin; });
  return present;
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

/// What is gathered of one column.
class MetricsCollector::Leaf {
 public:
  Leaf(const LeafPath& path, ColumnMetricsMode mode)
      : id_(path.field->id), type_(path.field->type), place_(path.place), mode_(mode) {
    reset();
  }

  void add(std::span<const ColumnPtr> columns, int64_t rows) {
    const uint8_t* validity = nullptr;
    const Column& column = find_column(columns, rows, validity);
    rows_ += rows;
    nulls_ += validity == nullptr ? 0 : rows - count_present(validity, rows);
    std::visit(
        [&](auto& range) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(range)>, std::monostate>) range.add(column, validity);
        },
        range_);
  }

  void finish(ColumnMetrics& metrics) {
    metrics.value_counts.set(id_, rows_);
    metrics.null_value_counts.set(id_, nulls_);
    std::visit([&](auto& range) { finish_range(range, metrics); }, range_);
    reset();
  }

 private:
  using Range = std::variant<std::monostate, BooleanRange, NumberRange<int32_t>, NumberRange<int64_t>,
                             NumberRange<Int128>, FloatRange<float>, FloatRange<double>, BytesRange>;

  /// The column, and the validity of its values together with that of the structures around it; null when everything is
  /// present.
  const Column& find_column(std::span<const ColumnPtr> columns, int64_t rows, const uint8_t*& validity) {
    const Column* column = columns[place_[0]].get();
    validity = column->null_count != 0 ? column->validity.data() : nullptr;
    for (size_t depth = 1; depth < place_.size(); ++depth) {
      column = column->children[place_[depth]].get();
      if (column->null_count == 0) continue;
      if (validity == nullptr) {
        validity = column->validity.data();
        continue;
      }
      const auto bytes = static_cast<size_t>((rows + 7) / 8);
      std::vector<uint8_t> both(validity, validity + bytes);
      for (size_t i = 0; i < bytes; ++i) both[i] &= column->validity.data()[i];
      combined_ = std::move(both);
      validity = combined_.data();
    }
    WEIR_CHECK(column->length == rows);
    return *column;
  }

  void reset() {
    rows_ = 0;
    nulls_ = 0;
    range_ = make_range();
  }

  Range make_range() const {
    const bool is_float = type_->kind() == TypeKind::float32 || type_->kind() == TypeKind::float64;
    if (mode_.mode == MetricsMode::counts && !is_float) return std::monostate();
    switch (type_->kind()) {
      case TypeKind::boolean: return BooleanRange();
      case TypeKind::int32:
      case TypeKind::date: return NumberRange<int32_t>();
      case TypeKind::decimal: return NumberRange<Int128>();
      case TypeKind::float32: return FloatRange<float>();
      case TypeKind::float64: return FloatRange<double>();
      case TypeKind::uuid: return BytesRange(SIZE_MAX);
      case TypeKind::string:
      case TypeKind::binary:
      case TypeKind::fixed: return BytesRange(keep_bytes());
      default: return NumberRange<int64_t>();
    }
  }

  /// Enough to cut to mode_.length later and to see that there was more.
  size_t keep_bytes() const {
    if (mode_.mode == MetricsMode::full) return SIZE_MAX;
    const auto length = static_cast<size_t>(mode_.length);
    return type_->kind() == TypeKind::string ? kUtf8BytesMax * (length + 1) : length + 1;
  }

  void put_bounds(ColumnMetrics& metrics, const Value& lower, const Value& upper) const {
    if (mode_.mode == MetricsMode::counts) return;
    metrics.lower_bounds.set(id_, value_to_bytes(*type_, lower));
    metrics.upper_bounds.set(id_, value_to_bytes(*type_, upper));
  }

  void finish_range(const std::monostate&, ColumnMetrics&) const {}
  void finish_range(const BooleanRange& range, ColumnMetrics& metrics) const {
    if (range.any_true || range.any_false) put_bounds(metrics, Value(!range.any_false), Value(range.any_true));
  }
  template <typename T>
  void finish_range(const NumberRange<T>& range, ColumnMetrics& metrics) const {
    if (range.any) put_bounds(metrics, Value(range.lower), Value(range.upper));
  }
  template <typename T>
  void finish_range(const FloatRange<T>& range, ColumnMetrics& metrics) const {
    metrics.nan_value_counts.set(id_, range.nans);
    if (range.numbers == 0) return;
    // Zeros of both signs are one value to the loops, but readers order them.
    put_bounds(metrics, Value(range.lower == T{0} ? -T{0} : range.lower),
               Value(range.upper == T{0} ? T{0} : range.upper));
  }
  void finish_range(const BytesRange& range, ColumnMetrics& metrics) const {
    if (!range.any()) return;
    const bool is_cut = mode_.mode == MetricsMode::truncate && type_->kind() != TypeKind::uuid;
    const auto length = static_cast<size_t>(mode_.length);
    const bool is_text = type_->kind() == TypeKind::string;
    if (!is_cut) {
      metrics.lower_bounds.set(id_, range.lower());
      metrics.upper_bounds.set(id_, range.upper());
      return;
    }
    metrics.lower_bounds.set(id_, std::string(is_text ? truncate_text_lower(range.lower(), length)
                                                      : truncate_bytes_lower(range.lower(), length)));
    std::optional<std::string> upper =
        is_text ? truncate_text_upper(range.upper(), length) : truncate_bytes_upper(range.upper(), length);
    // Bytes that are no UTF-8 may hold fewer code points than were kept; the rest of the value is then unknown.
    const bool is_whole = upper && *upper == range.upper();
    if (upper && !(is_whole && range.upper_is_cut())) metrics.upper_bounds.set(id_, *std::move(upper));
  }

  int32_t id_;
  TypePtr type_;
  std::vector<size_t> place_;
  ColumnMetricsMode mode_;
  int64_t rows_ = 0;
  int64_t nulls_ = 0;
  Range range_;
  std::vector<uint8_t> combined_;
};

void ColumnMetrics::move_to(DataFile& file) && {
  file.value_counts = std::move(value_counts);
  file.null_value_counts = std::move(null_value_counts);
  file.nan_value_counts = std::move(nan_value_counts);
  file.lower_bounds = std::move(lower_bounds);
  file.upper_bounds = std::move(upper_bounds);
}

MetricsCollector::MetricsCollector(SchemaPtr schema, const StringMap& properties) : schema_(std::move(schema)) {
  const IdMap<ColumnMetricsMode> modes = metrics_modes(*schema_, properties);
  for (const LeafPath& path : leaves_of(*schema_)) {
    const ColumnMetricsMode mode = *modes.find(path.field->id);
    if (mode.mode != MetricsMode::none) leaves_.push_back(std::make_unique<Leaf>(path, mode));
  }
}

MetricsCollector::~MetricsCollector() = default;
MetricsCollector::MetricsCollector(MetricsCollector&&) noexcept = default;
MetricsCollector& MetricsCollector::operator=(MetricsCollector&&) noexcept = default;

void MetricsCollector::add(const Batch& batch) {
  WEIR_CHECK(batch.all_selected());
  add(batch.columns(), batch.physical_rows());
}

void MetricsCollector::add(std::span<const ColumnPtr> columns, int64_t rows) {
  WEIR_CHECK(columns.size() == schema_->size());
  for (const auto& leaf : leaves_) leaf->add(columns, rows);
}

ColumnMetrics MetricsCollector::finish() {
  ColumnMetrics metrics;
  for (const auto& leaf : leaves_) leaf->finish(metrics);
  return metrics;
}

}  // namespace weir::iceberg

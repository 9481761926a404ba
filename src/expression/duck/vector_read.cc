#include <cstring>
#include <limits>

#include "base/decimal.h"
#include "expression/duck/type_mapping_internal.h"
#include "expression/duck/vector_read_internal.h"

namespace weir::expression {
namespace {

bool bit_at(const uint64_t* mask, int64_t i) {
  return mask == nullptr || ((mask[i >> 6] >> (i & 63)) & 1) != 0;
}

/// int, float, date, long, double, time, timestamps: the same bytes on both sides.
template <typename T>
class FixedReader final : public ColumnReader {
 public:
  explicit FixedReader(TypePtr type) : ColumnReader(std::move(type)) {}

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    append_validity(vector, rows, parent);
    const auto* from = static_cast<const T*>(duckdb_vector_get_data(vector));
    const size_t at = values_.size();
    values_.resize(at + static_cast<size_t>(rows.count));
    if (rows.is_run()) {
      if (rows.count != 0)
        std::memcpy(values_.data() + at, from + rows.begin, static_cast<size_t>(rows.count) * sizeof(T));
    } else {
      for (int64_t i = 0; i < rows.count; ++i) values_[at + static_cast<size_t>(i)] = from[rows.at[i]];
    }
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    values_.resize(values_.size() + static_cast<size_t>(count));
  }
  Result<ColumnPtr> finish() override {
    std::shared_ptr<Column> column = begin_column();
    column->values = Buffer::adopt(std::exchange(values_, {}));
    return ColumnPtr(column);
  }

 private:
  std::vector<T> values_;
};

class BooleanReader final : public ColumnReader {
 public:
  explicit BooleanReader(TypePtr type) : ColumnReader(std::move(type)) {}

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    int64_t at = length();
    append_validity(vector, rows, parent);
    bits_.resize(static_cast<size_t>((length() + 7) >> 3));
    const auto* from = static_cast<const uint8_t*>(duckdb_vector_get_data(vector));
    for (int64_t i = 0; i < rows.count; ++i, ++at) {
      if (from[rows.row(i)] != 0) bits_[static_cast<size_t>(at >> 3)] |= static_cast<uint8_t>(1U << (at & 7));
    }
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    bits_.resize(static_cast<size_t>((length() + 7) >> 3));
  }
  Result<ColumnPtr> finish() override {
    std::shared_ptr<Column> column = begin_column();
    column->values = Buffer::adopt(std::exchange(bits_, {}));
    return ColumnPtr(column);
  }

 private:
  std::vector<uint8_t> bits_;
};

/// decimal and uuid: 16 bytes here, another form there.
class WideReader final : public ColumnReader {
 public:
  explicit WideReader(TypePtr type) : ColumnReader(std::move(type)) {}

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    append_validity(vector, rows, parent);
    const void* from = duckdb_vector_get_data(vector);
    if (type()->kind() == TypeKind::uuid) return append_uuids(static_cast<const duckdb_hugeint*>(from), rows);
    switch (duck_decimal_width(type()->precision())) {
      case 2: return append_decimals(static_cast<const int16_t*>(from), rows);
      case 4: return append_decimals(static_cast<const int32_t*>(from), rows);
      case 8: return append_decimals(static_cast<const int64_t*>(from), rows);
      default: {
        const auto* values = static_cast<const duckdb_hugeint*>(from);
        for (int64_t i = 0; i < rows.count; ++i) {
          Int128 value;
          std::memcpy(&value, values + rows.row(i), sizeof value);
          values_.push_back(value);
        }
      }
    }
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    values_.resize(values_.size() + static_cast<size_t>(count));
  }
  Result<ColumnPtr> finish() override {
    std::shared_ptr<Column> column = begin_column();
    column->values = Buffer::adopt(std::exchange(values_, {}));
    return ColumnPtr(column);
  }

 private:
  template <typename T>
  void append_decimals(const T* from, Rows rows) {
    for (int64_t i = 0; i < rows.count; ++i) values_.push_back(from[rows.row(i)]);
  }
  void append_uuids(const duckdb_hugeint* from, Rows rows) {
    for (int64_t i = 0; i < rows.count; ++i) {
      const duckdb_hugeint& value = from[rows.row(i)];
      const uint64_t parts[2] = {__builtin_bswap64(static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63)),
                                 __builtin_bswap64(value.lower)};
      Int128 bytes;
      std::memcpy(&bytes, parts, sizeof bytes);
      values_.push_back(bytes);
    }
  }
  std::vector<Int128> values_;
};

/// Ends of values or elements; remembers when they passed what int32 holds.
class Offsets {
 public:
  void push(size_t end) {
    if (end > static_cast<size_t>(std::numeric_limits<int32_t>::max())) too_large_ = true;
    ends_.push_back(static_cast<int32_t>(end));
  }
  int32_t last() const { return ends_.back(); }
  bool too_large() const { return too_large_; }
  Buffer finish() {
    too_large_ = false;
    return Buffer::adopt(std::exchange(ends_, std::vector<int32_t>{0}));
  }

 private:
  std::vector<int32_t> ends_ = {0};
  bool too_large_ = false;
};

Error too_large(std::string_view what) {
  return Error(ErrorKind::resource_exhausted, "an expression made more than 2 GiB of " + std::string(what) +
                                                  " in one batch; make the batches smaller");
}

class BytesReader final : public ColumnReader {
 public:
  explicit BytesReader(TypePtr type) : ColumnReader(std::move(type)) {}

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    const int64_t first = length();
    append_validity(vector, rows, parent);
    const auto* from = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(vector));
    for (int64_t i = 0; i < rows.count; ++i) {
      if (is_present(first + i)) {
        const std::string_view value = to_view(from[rows.row(i)]);
        if (values_.size() + value.size() <= kBytesMax) {
          values_.insert(values_.end(), value.begin(), value.end());
        } else {
          overflow_ = true;
        }
      }
      offsets_.push(values_.size());
    }
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    for (int64_t i = 0; i < count; ++i) offsets_.push(values_.size());
  }
  Result<ColumnPtr> finish() override {
    std::shared_ptr<Column> column = begin_column();
    column->offsets = offsets_.finish();
    column->values = Buffer::adopt(std::exchange(values_, {}));
    if (std::exchange(overflow_, false)) return too_large("text");
    return ColumnPtr(column);
  }

 private:
  static constexpr size_t kBytesMax = static_cast<size_t>(std::numeric_limits<int32_t>::max());
  std::vector<uint8_t> values_;
  Offsets offsets_;
  bool overflow_ = false;
};

class StructReader final : public ColumnReader {
 public:
  explicit StructReader(TypePtr type) : ColumnReader(std::move(type)) {
    for (const Field& field : ColumnReader::type()->fields()) children_.push_back(ColumnReader::make(field.type));
  }

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    append_validity(vector, rows, parent);
    const uint64_t* own = duckdb_vector_get_validity(vector);
    for (size_t i = 0; i < children_.size(); ++i)
      children_[i]->append(duckdb_struct_vector_get_child(vector, i), rows, own);
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    for (const auto& child : children_) child->append_nulls(count);
  }
  Result<ColumnPtr> finish() override {
    std::shared_ptr<Column> column = begin_column();
    for (const auto& child : children_) {
      WEIR_ASSIGN(ColumnPtr part, child->finish());
      column->children.push_back(std::move(part));
    }
    return ColumnPtr(column);
  }

 private:
  std::vector<std::unique_ptr<ColumnReader>> children_;
};

/// list and map.
class RepeatedReader final : public ColumnReader {
 public:
  explicit RepeatedReader(TypePtr type) : ColumnReader(std::move(type)) {
    for (const Field& field : ColumnReader::type()->fields()) children_.push_back(ColumnReader::make(field.type));
  }

  void append(duckdb_vector vector, Rows rows, const uint64_t* parent) override {
    const int64_t first = length();
    append_validity(vector, rows, parent);
    const auto* entries = static_cast<const duckdb_list_entry*>(duckdb_vector_get_data(vector));
    size_t end = static_cast<size_t>(offsets_.last());
    indexes_.clear();
    for (int64_t i = 0; i < rows.count; ++i) {
      if (is_present(first + i)) {
        const duckdb_list_entry& entry = entries[rows.row(i)];
        for (uint64_t element = 0; element < entry.length; ++element)
          indexes_.push_back(static_cast<int32_t>(entry.offset + element));
        end += entry.length;
      }
      offsets_.push(end);
    }
    const Rows elements{.at = indexes_.data(), .count = static_cast<int64_t>(indexes_.size())};
    if (elements.count == 0) return;
    duckdb_vector child = duckdb_list_vector_get_child(vector);
    if (type()->kind() == TypeKind::list) {
      children_[0]->append(child, elements, nullptr);
    } else {  // a map is a list of {key, value}
      for (size_t i = 0; i < 2; ++i) children_[i]->append(duckdb_struct_vector_get_child(child, i), elements, nullptr);
    }
  }
  void append_nulls(int64_t count) override {
    append_null_bits(count);
    const auto end = static_cast<size_t>(offsets_.last());
    for (int64_t i = 0; i < count; ++i) offsets_.push(end);
  }
  Result<ColumnPtr> finish() override {
    const bool overflow = offsets_.too_large();
    std::shared_ptr<Column> column = begin_column();
    column->offsets = offsets_.finish();
    for (const auto& child : children_) {
      WEIR_ASSIGN(ColumnPtr part, child->finish());
      column->children.push_back(std::move(part));
    }
    if (overflow) return too_large("elements");
    return ColumnPtr(column);
  }

 private:
  std::vector<std::unique_ptr<ColumnReader>> children_;
  Offsets offsets_;
  std::vector<int32_t> indexes_;
};

}  // namespace

void ColumnReader::append_validity(duckdb_vector vector, Rows rows, const uint64_t* parent) {
  const uint64_t* mask = duckdb_vector_get_validity(vector);
  const int64_t first = length_;
  length_ += rows.count;
  if (mask == nullptr && parent == nullptr && validity_.empty()) return;
  if (validity_.empty()) validity_.assign(static_cast<size_t>((first + 7) >> 3), 0xff);
  validity_.resize(static_cast<size_t>((length_ + 7) >> 3), 0xff);
  // Bits beyond `first` in its byte are still set from the fill above: only nulls need work.
  for (int64_t i = 0; i < rows.count; ++i) {
    const int64_t row = rows.row(i);
    if (bit_at(mask, row) && bit_at(parent, row)) continue;
    const int64_t at = first + i;
    validity_[static_cast<size_t>(at >> 3)] &= static_cast<uint8_t>(~(1U << (at & 7)));
    ++null_count_;
  }
}

void ColumnReader::append_null_bits(int64_t count) {
  if (count == 0) return;
  if (validity_.empty()) validity_.assign(static_cast<size_t>((length_ + 7) >> 3), 0xff);
  validity_.resize(static_cast<size_t>((length_ + count + 7) >> 3), 0xff);
  for (int64_t at = length_; at < length_ + count; ++at)
    validity_[static_cast<size_t>(at >> 3)] &= static_cast<uint8_t>(~(1U << (at & 7)));
  length_ += count;
  null_count_ += count;
}

std::shared_ptr<Column> ColumnReader::begin_column() {
  auto column = std::make_shared<Column>();
  column->type = type_;
  column->length = std::exchange(length_, 0);
  column->null_count = std::exchange(null_count_, 0);
  if (column->null_count != 0) {
    // Bits behind the last row are zero, as Arrow's readers like them.
    if ((column->length & 7) != 0) validity_.back() &= static_cast<uint8_t>((1U << (column->length & 7)) - 1);
    column->validity = Buffer::adopt(std::move(validity_));
  }
  validity_ = {};
  return column;
}

std::unique_ptr<ColumnReader> ColumnReader::make(const TypePtr& type) {
  switch (type->kind()) {
    case TypeKind::boolean: return std::make_unique<BooleanReader>(type);
    case TypeKind::int32:
    case TypeKind::float32:
    case TypeKind::date: return std::make_unique<FixedReader<int32_t>>(type);
    case TypeKind::int64:
    case TypeKind::float64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return std::make_unique<FixedReader<int64_t>>(type);
    case TypeKind::decimal:
    case TypeKind::uuid: return std::make_unique<WideReader>(type);
    case TypeKind::string:
    case TypeKind::binary: return std::make_unique<BytesReader>(type);
    case TypeKind::structure: return std::make_unique<StructReader>(type);
    case TypeKind::list:
    case TypeKind::map: return std::make_unique<RepeatedReader>(type);
    case TypeKind::fixed: break;
  }
  check_failed("ColumnReader::make", "DuckDB has no fixed-length bytes", __FILE__, __LINE__);
}

}  // namespace weir::expression

#include "columnar/column_builder.h"

namespace weir {

void ValidityBuilder::fill_present() {
  bits_.truncate(0);
  const auto bytes = static_cast<size_t>(length_ / 8);
  std::memset(bits_.reserve_back(bytes + 1), 0xff, bytes);
  bits_.advance(bytes);
  if ((length_ & 7) != 0) bits_.push_back(static_cast<uint8_t>((1U << (length_ & 7)) - 1));
}

void ValidityBuilder::truncate(int64_t length) {
  if (null_count_ != 0) {
    for (int64_t i = length; i < length_; ++i) {
      if (((bits_[static_cast<size_t>(i >> 3)] >> (i & 7)) & 1) == 0) --null_count_;
    }
    bits_.truncate(static_cast<size_t>((length + 7) / 8));
    if ((length & 7) != 0) bits_.back() = static_cast<uint8_t>(bits_.back() & ((1U << (length & 7)) - 1));
  }
  length_ = length;
}

Buffer ValidityBuilder::finish() {
  Buffer buffer;
  if (null_count_ != 0) buffer = bits_.release();
  bits_.truncate(0);
  length_ = 0;
  null_count_ = 0;
  return buffer;
}

std::shared_ptr<Column> ColumnBuilder::begin_column() {
  auto column = std::make_shared<Column>();
  column->type = type_;
  column->length = validity_.length();
  column->null_count = validity_.null_count();
  column->validity = validity_.finish();
  return column;
}

std::unique_ptr<ColumnBuilder> make_column_builder(const TypePtr& type) {
  switch (type->kind()) {
    case TypeKind::boolean: return std::make_unique<BooleanBuilder>(type);
    case TypeKind::int32:
    case TypeKind::date: return std::make_unique<FixedBuilder<int32_t>>(type);
    case TypeKind::int64:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return std::make_unique<FixedBuilder<int64_t>>(type);
    case TypeKind::float32: return std::make_unique<FixedBuilder<float>>(type);
    case TypeKind::float64: return std::make_unique<FixedBuilder<double>>(type);
    case TypeKind::decimal: return std::make_unique<FixedBuilder<Int128>>(type);
    case TypeKind::uuid:
    case TypeKind::fixed: return std::make_unique<FixedBytesBuilder>(type);
    case TypeKind::string:
    case TypeKind::binary: return std::make_unique<BytesBuilder>(type);
    case TypeKind::structure: return std::make_unique<StructBuilder>(type);
    case TypeKind::list:
    case TypeKind::map: return std::make_unique<RepeatedBuilder>(type);
  }
  check_failed("make_column_builder", "unknown kind", __FILE__, __LINE__);
}

void BooleanBuilder::append_null() {
  push_bit(false);
  validity_.append_null();
}

void BooleanBuilder::append_from(const Column& column, int64_t i) {
  if (column.is_null(i)) return append_null();
  append(column.boolean_at(i));
}

void BooleanBuilder::truncate(int64_t length) {
  bits_.truncate(static_cast<size_t>((length + 7) / 8));
  if ((length & 7) != 0) bits_.back() = static_cast<uint8_t>(bits_.back() & ((1U << (length & 7)) - 1));
  validity_.truncate(length);
}

ColumnPtr BooleanBuilder::finish() {
  std::shared_ptr<Column> column = begin_column();
  column->values = bits_.release();
  return column;
}

void FixedBytesBuilder::append_null() {
  values_.append_zeros(static_cast<size_t>(type()->width_bytes()));
  validity_.append_null();
}

void FixedBytesBuilder::append_from(const Column& column, int64_t i) {
  if (column.is_null(i)) return append_null();
  append(column.bytes_at(i));
}

void FixedBytesBuilder::truncate(int64_t length) {
  values_.truncate(static_cast<size_t>(length) * static_cast<size_t>(type()->width_bytes()));
  validity_.truncate(length);
}

ColumnPtr FixedBytesBuilder::finish() {
  std::shared_ptr<Column> column = begin_column();
  column->values = values_.release();
  return column;
}

void BytesBuilder::append_null() {
  ends_.push_back(static_cast<int32_t>(bytes_.size()));
  validity_.append_null();
}

void BytesBuilder::append_from(const Column& column, int64_t i) {
  if (column.is_null(i)) return append_null();
  append(column.bytes_at(i));
}

void BytesBuilder::append_rows(const Column& column, std::span<const int32_t> rows) {
  if (column.null_count != 0) return ColumnBuilder::append_rows(column, rows);
  const auto* at = reinterpret_cast<const int32_t*>(column.offsets.data());
  const uint8_t* const from = column.values.data();
  // A short value is copied as a whole block where the block lies inside of the column: far cheaper than a call.
  constexpr size_t kBlock = 16;
  const auto block_end = static_cast<int64_t>(column.values.size()) - static_cast<int64_t>(kBlock);
  size_t bytes = 0;
  for (const int32_t row : rows) bytes += static_cast<size_t>(at[row + 1] - at[row]);
  uint8_t* to = bytes_.reserve_back(bytes + kBlock);
  int32_t* ends = ends_.reserve_back(rows.size());
  auto end = static_cast<int32_t>(bytes_.size());
  for (const int32_t row : rows) {
    const auto size = static_cast<size_t>(at[row + 1] - at[row]);
    if (size <= kBlock && at[row] <= block_end) {
      std::memcpy(to, from + at[row], kBlock);
    } else {
      std::memcpy(to, from + at[row], size);
    }
    to += size;
    end += static_cast<int32_t>(size);
    *ends++ = end;
  }
  bytes_.advance(bytes);
  ends_.advance(rows.size());
  validity_.append_present(rows.size());
}

void BytesBuilder::truncate(int64_t length) {
  ends_.truncate(static_cast<size_t>(length) + 1);
  bytes_.truncate(static_cast<size_t>(ends_.back()));
  validity_.truncate(length);
}

ColumnPtr BytesBuilder::finish() {
  WEIR_CHECK(bytes_.size() <= INT32_MAX);
  std::shared_ptr<Column> column = begin_column();
  column->values = bytes_.release();
  column->offsets = ends_.release();
  ends_.push_back(0);
  return column;
}

StructBuilder::StructBuilder(TypePtr type) : ColumnBuilder(std::move(type)) {
  for (const Field& field : this->type()->fields()) children_.push_back(make_column_builder(field.type));
}

void StructBuilder::append_null() {
  for (const auto& child : children_) child->append_null();
  validity_.append_null();
}

void StructBuilder::append_from(const Column& column, int64_t i) {
  if (column.is_null(i)) return append_null();
  for (size_t c = 0; c < children_.size(); ++c) children_[c]->append_from(*column.children[c], i);
  close_row();
}

void StructBuilder::append_rows(const Column& column, std::span<const int32_t> rows) {
  if (column.null_count != 0) return ColumnBuilder::append_rows(column, rows);
  for (size_t c = 0; c < children_.size(); ++c) children_[c]->append_rows(*column.children[c], rows);
  validity_.append_present(rows.size());
}

void StructBuilder::truncate(int64_t length) {
  // A child of this length may still hold elements of a row that it has not closed.
  for (const auto& child : children_) {
    if (child->length() >= length) child->truncate(length);
  }
  validity_.truncate(length);
}

ColumnPtr StructBuilder::finish() {
  std::shared_ptr<Column> column = begin_column();
  for (const auto& child : children_) column->children.push_back(child->finish());
  return column;
}

RepeatedBuilder::RepeatedBuilder(TypePtr type) : ColumnBuilder(std::move(type)) {
  ends_.push_back(0);
  for (const Field& field : this->type()->fields()) children_.push_back(make_column_builder(field.type));
}

void RepeatedBuilder::append_null() {
  ends_.push_back(ends_.back());
  validity_.append_null();
}

void RepeatedBuilder::append_from(const Column& column, int64_t i) {
  if (column.is_null(i)) return append_null();
  const std::span<const int32_t> at = column.offsets_span();
  for (int32_t element = at[static_cast<size_t>(i)]; element < at[static_cast<size_t>(i) + 1]; ++element) {
    for (size_t c = 0; c < children_.size(); ++c) children_[c]->append_from(*column.children[c], element);
  }
  close_row();
}

void RepeatedBuilder::truncate(int64_t length) {
  ends_.truncate(static_cast<size_t>(length) + 1);
  for (const auto& child : children_) {
    if (child->length() >= ends_.back()) child->truncate(ends_.back());
  }
  validity_.truncate(length);
}

ColumnPtr RepeatedBuilder::finish() {
  std::shared_ptr<Column> column = begin_column();
  column->offsets = ends_.release();
  ends_.push_back(0);
  for (const auto& child : children_) column->children.push_back(child->finish());
  return column;
}

}  // namespace weir

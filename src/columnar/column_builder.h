/// \file
/// Builders that fill columns value by value. Decoders hold the concrete types, so that appending a value is inlined;
/// what is called per batch or per error is virtual.
///
/// Thread rule: one thread. All of them can be cut back to an earlier length (truncate), so that a row which turns out
/// bad half-way leaves no trace, and are empty and ready again after finish().
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "columnar/column.h"
#include "columnar/plain_array.h"

namespace weir {

/// Presence bits; costs a counter until the first null.
class ValidityBuilder {
 public:
  void append_present() {
    if (null_count_ != 0) push_bit(1);
    ++length_;
  }
  void append_present(size_t count) {
    if (null_count_ == 0) {
      length_ += static_cast<int64_t>(count);
    } else {
      while (count-- > 0) append_present();
    }
  }
  void append_null() {
    if (null_count_ == 0) fill_present();
    push_bit(0);
    ++length_;
    ++null_count_;
  }
  void truncate(int64_t length);
  int64_t length() const { return length_; }
  int64_t null_count() const { return null_count_; }
  /// Moves the bits out (empty when nothing was null) and starts again.
  Buffer finish();

 private:
  void push_bit(unsigned bit) {
    if ((length_ & 7) == 0) bits_.push_back(0);
    bits_.back() = static_cast<uint8_t>(bits_.back() | (bit << (length_ & 7)));
  }
  /// Makes the bits of the values so far, which are all present.
  void fill_present();

  PlainArray<uint8_t> bits_;  ///< of length_ values; empty while null_count_ is 0
  int64_t length_ = 0;
  int64_t null_count_ = 0;
};

class ColumnBuilder {
 public:
  explicit ColumnBuilder(TypePtr type) : type_(std::move(type)) {}
  virtual ~ColumnBuilder() = default;
  ColumnBuilder(const ColumnBuilder&) = delete;
  ColumnBuilder& operator=(const ColumnBuilder&) = delete;

  const TypePtr& type() const { return type_; }
  int64_t length() const { return validity_.length(); }

  virtual void append_null() = 0;
  /// Appends row `i` of `column`, which has the same type.
  virtual void append_from(const Column& column, int64_t i) = 0;
  /// Appends the rows named by `rows` of `column`, which has the same type, in that order: faster than one by one.
  virtual void append_rows(const Column& column, std::span<const int32_t> rows) {
    for (const int32_t row : rows) append_from(column, row);
  }
  /// Forgets all rows from `length` on. length <= length().
  virtual void truncate(int64_t length) = 0;
  /// Hands out what was appended and starts again.
  virtual ColumnPtr finish() = 0;

 protected:
  std::shared_ptr<Column> begin_column();
  ValidityBuilder validity_;

 private:
  TypePtr type_;
};

/// Makes the builder for any type.
std::unique_ptr<ColumnBuilder> make_column_builder(const TypePtr& type);

class BooleanBuilder final : public ColumnBuilder {
 public:
  using ColumnBuilder::ColumnBuilder;
  void append(bool value) {
    push_bit(value);
    validity_.append_present();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  void push_bit(bool value) {
    const int64_t i = length();
    if ((i & 7) == 0) bits_.push_back(0);
    bits_.back() = static_cast<uint8_t>(bits_.back() | (static_cast<unsigned>(value) << (i & 7)));
  }
  PlainArray<uint8_t> bits_;
};

/// int32, date: int32_t; int64, time, timestamp(tz): int64_t; float, double; decimal: Int128.
template <typename T>
class FixedBuilder final : public ColumnBuilder {
 public:
  using ColumnBuilder::ColumnBuilder;
  void append(T value) {
    values_.push_back(value);
    validity_.append_present();
  }
  void append_null() override {
    values_.push_back(T{});
    validity_.append_null();
  }
  void append_from(const Column& column, int64_t i) override {
    if (column.is_null(i)) return append_null();
    T value;
    std::memcpy(&value, column.values.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    append(value);
  }
  void append_rows(const Column& column, std::span<const int32_t> rows) override {
    if (column.null_count != 0) return ColumnBuilder::append_rows(column, rows);
    T* to = values_.reserve_back(rows.size());
    const auto* from = reinterpret_cast<const T*>(column.values.data());
    for (const int32_t row : rows) *to++ = from[row];
    values_.advance(rows.size());
    validity_.append_present(rows.size());
  }
  void truncate(int64_t length) override {
    values_.truncate(static_cast<size_t>(length));
    validity_.truncate(length);
  }
  ColumnPtr finish() override {
    std::shared_ptr<Column> column = begin_column();
    column->values = values_.release();
    return column;
  }

 private:
  PlainArray<T> values_;
};

/// fixed, uuid: append() takes exactly the type's width.
class FixedBytesBuilder final : public ColumnBuilder {
 public:
  using ColumnBuilder::ColumnBuilder;
  void append(std::string_view bytes) {
    values_.append(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    validity_.append_present();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  PlainArray<uint8_t> values_;
};

/// string, binary. The caller keeps the total below 2 GiB (batches are far smaller); finish() checks it.
class BytesBuilder final : public ColumnBuilder {
 public:
  explicit BytesBuilder(TypePtr type) : ColumnBuilder(std::move(type)) { ends_.push_back(0); }
  void append(std::string_view bytes) {
    bytes_.append(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    close_value();
  }
  /// For values made in place: room for `size_max` bytes at the end; then commit_value(size) with what was used, or
  /// nothing to give up.
  uint8_t* reserve_value(size_t size_max) { return bytes_.reserve_back(size_max); }
  void commit_value(size_t size) {
    bytes_.advance(size);
    close_value();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void append_rows(const Column& column, std::span<const int32_t> rows) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  void close_value() {
    ends_.push_back(static_cast<int32_t>(bytes_.size()));
    validity_.append_present();
  }
  PlainArray<uint8_t> bytes_;
  PlainArray<int32_t> ends_;
};

/// structure: fill the children first (each by one value), then close_row(); append_null() fills them itself.
class StructBuilder final : public ColumnBuilder {
 public:
  explicit StructBuilder(TypePtr type);
  ColumnBuilder& child(size_t i) { return *children_[i]; }
  size_t child_count() const { return children_.size(); }
  void close_row() { validity_.append_present(); }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void append_rows(const Column& column, std::span<const int32_t> rows) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  std::vector<std::unique_ptr<ColumnBuilder>> children_;
};

/// list, map: append elements to the children (map: keys and values), then close_row(). Children: list {element}, map
/// {keys, values}.
class RepeatedBuilder final : public ColumnBuilder {
 public:
  explicit RepeatedBuilder(TypePtr type);
  ColumnBuilder& child(size_t i) { return *children_[i]; }
  void close_row() {
    ends_.push_back(static_cast<int32_t>(children_[0]->length()));
    validity_.append_present();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  /// Also cuts back elements appended since the last closed row.
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  std::vector<std::unique_ptr<ColumnBuilder>> children_;
  PlainArray<int32_t> ends_;
};

}  // namespace weir

/// \file
/// Builders that fill columns value by value. Decoders hold the concrete types, so that appending a value is inlined; what is called per batch
/// or per error is virtual.
///
/// Thread rule: one thread. All of them can be cut back to an earlier length (truncate), so that a row which turns out bad half-way leaves no
/// trace, and are empty and ready again after finish().
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/column.h"

namespace weir {

/// Presence bits; costs a counter until the first null.
class ValidityBuilder {
 public:
  void append_present() {
    if (!bits_.empty()) set_bit(length_);
    ++length_;
  }
  void append_null();
  void truncate(int64_t length);
  int64_t length() const { return length_; }
  int64_t null_count() const { return null_count_; }
  /// Moves the bits out (empty when nothing was null) and starts again.
  Buffer finish();

 private:
  void set_bit(int64_t i) {
    if (static_cast<size_t>(i >> 3) >= bits_.size()) bits_.resize(bits_.size() * 2 + 64, 0);
    bits_[static_cast<size_t>(i >> 3)] |= static_cast<uint8_t>(1U << (i & 7));
  }
  std::vector<uint8_t> bits_;
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
    if (value) bits_.back() |= static_cast<uint8_t>(1U << (i & 7));
  }
  std::vector<uint8_t> bits_;
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
  void truncate(int64_t length) override {
    values_.resize(static_cast<size_t>(length));
    validity_.truncate(length);
  }
  ColumnPtr finish() override {
    std::shared_ptr<Column> column = begin_column();
    const size_t capacity = values_.size();
    column->values = Buffer::adopt(std::move(values_));
    values_ = {};
    values_.reserve(capacity);
    return column;
  }

 private:
  std::vector<T> values_;
};

/// fixed, uuid: append() takes exactly the type's width.
class FixedBytesBuilder final : public ColumnBuilder {
 public:
  using ColumnBuilder::ColumnBuilder;
  void append(std::string_view bytes) {
    values_.insert(values_.end(), bytes.begin(), bytes.end());
    validity_.append_present();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  std::vector<uint8_t> values_;
};

/// string, binary. The caller keeps the total below 2 GiB (batches are far smaller).
class BytesBuilder final : public ColumnBuilder {
 public:
  using ColumnBuilder::ColumnBuilder;
  void append(std::string_view bytes) {
    std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
    close_value();
  }
  /// For values made in place: room for `size_max` bytes at the end; then commit_value(size) with what was used, or nothing to give up.
  uint8_t* reserve_value(size_t size_max) {
    if (used_ + size_max > bytes_.size()) bytes_.resize((used_ + size_max) * 2);
    return bytes_.data() + used_;
  }
  void commit_value(size_t size) {
    used_ += size;
    close_value();
  }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  uint8_t* grow(size_t size) {
    uint8_t* at = reserve_value(size);
    used_ += size;
    return at;
  }
  void close_value() {
    ends_.push_back(static_cast<int32_t>(used_));
    validity_.append_present();
  }
  std::vector<uint8_t> bytes_;  ///< its size is capacity; used_ bytes count
  size_t used_ = 0;
  std::vector<int32_t> ends_ = {0};
};

/// structure: fill the children first (each by one value), then close_row() or close_null_row().
class StructBuilder final : public ColumnBuilder {
 public:
  explicit StructBuilder(TypePtr type);
  ColumnBuilder& child(size_t i) { return *children_[i]; }
  size_t child_count() const { return children_.size(); }
  void close_row() { validity_.append_present(); }
  void append_null() override;
  void append_from(const Column& column, int64_t i) override;
  void truncate(int64_t length) override;
  ColumnPtr finish() override;

 private:
  std::vector<std::unique_ptr<ColumnBuilder>> children_;
};

/// list, map: append elements to the children (map: keys and values), then close_row(). Children: list {element}, map {keys, values}.
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
  std::vector<int32_t> ends_ = {0};
};

}  // namespace weir

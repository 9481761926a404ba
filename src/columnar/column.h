/// \file
/// One column of values in Arrow's memory layout, behind our own handle.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "columnar/type.h"

namespace weir {

/// Immutable bytes and what keeps them alive. Cheap to copy.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<const void> owner, const uint8_t* data, size_t size)
      : owner_(std::move(owner)), data_(data), size_(size) {}

  /// Takes over a vector of plain values.
  template <typename T>
  static Buffer adopt(std::vector<T> values) {
    auto owner = std::make_shared<std::vector<T>>(std::move(values));
    const auto* data = reinterpret_cast<const uint8_t*>(owner->data());
    const size_t size = owner->size() * sizeof(T);
    return Buffer(std::move(owner), data, size);
  }

  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

 private:
  std::shared_ptr<const void> owner_;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

struct Column;
using ColumnPtr = std::shared_ptr<const Column>;

/// `length` values of `type`. Bits are least significant first. Layout by kind:
///   boolean: `values` holds bits; fixed-width kinds: `values` holds length x type->width_bytes() bytes (decimal:
///   128-bit little-endian two's complement; uuid: 16 bytes big-endian); string, binary: `offsets` holds length + 1
///   int32 into `values`; list, map: `offsets` as before into children (list: {element}; map: {keys, values});
///   structure: children of the same length. A null row of any kind still has a place in `values` or `offsets`, with
///   unspecified content.
struct Column {
  TypePtr type;
  int64_t length = 0;
  int64_t null_count = 0;
  Buffer validity;  ///< bits, 1 = present; empty when null_count is 0
  Buffer values;
  Buffer offsets;
  std::vector<ColumnPtr> children;

  bool is_null(int64_t i) const { return null_count != 0 && ((validity.data()[i >> 3] >> (i & 7)) & 1) == 0; }
  bool boolean_at(int64_t i) const { return ((values.data()[i >> 3] >> (i & 7)) & 1) != 0; }
  template <typename T>
  std::span<const T> values_as() const {
    return {reinterpret_cast<const T*>(values.data()), values.size() / sizeof(T)};
  }
  std::span<const int32_t> offsets_span() const {
    return {reinterpret_cast<const int32_t*>(offsets.data()), static_cast<size_t>(length + 1)};
  }
  /// string, binary: the bytes of row i. fixed, uuid: the bytes of row i.
  std::string_view bytes_at(int64_t i) const {
    const auto* bytes = reinterpret_cast<const char*>(values.data());
    if (type->kind() == TypeKind::string || type->kind() == TypeKind::binary) {
      const std::span<const int32_t> at = offsets_span();
      return {bytes + at[static_cast<size_t>(i)],
              static_cast<size_t>(at[static_cast<size_t>(i) + 1] - at[static_cast<size_t>(i)])};
    }
    const auto width = static_cast<size_t>(type->width_bytes());
    return {bytes + static_cast<size_t>(i) * width, width};
  }

  /// Bytes of all buffers, children included.
  size_t memory_bytes() const;
};

/// Copies the rows named by `rows`, in that order. Every index lies in [0, column.length).
ColumnPtr take(const Column& column, std::span<const int32_t> rows);

/// A column of `length` nulls.
ColumnPtr null_column(const TypePtr& type, int64_t length);

}  // namespace weir

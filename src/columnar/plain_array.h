/// \file
/// A growing array of plain values for builders: like std::vector, but room that is reserved is not filled with zeros,
/// and the whole array can be handed out as a Buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "columnar/column.h"

namespace weir {

/// Not copied, only filled. One thread.
template <typename T>
class PlainArray {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  PlainArray() = default;
  PlainArray(const PlainArray&) = delete;
  PlainArray& operator=(const PlainArray&) = delete;
  ~PlainArray() { std::free(data_); }

  size_t size() const { return size_; }
  /// Values that there is room for.
  size_t capacity() const { return capacity_; }
  T* data() { return data_; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }
  T& operator[](size_t i) { return data_[i]; }

  void push_back(T value) {
    if (size_ == capacity_) [[unlikely]]
      grow(1);
    data_[size_++] = value;
  }
  /// Room for `count` more values, not yet counted: write there, then advance().
  T* reserve_back(size_t count) {
    if (count > capacity_ - size_) [[unlikely]]
      grow(count);
    return data_ + size_;
  }
  /// Counts values that were written where reserve_back() pointed.
  void advance(size_t count) { size_ += count; }
  void append(const T* values, size_t count) {
    if (count == 0) return;
    std::memcpy(reserve_back(count), values, count * sizeof(T));
    size_ += count;
  }
  void append_zeros(size_t count) {
    if (count == 0) return;
    std::memset(static_cast<void*>(reserve_back(count)), 0, count * sizeof(T));
    size_ += count;
  }
  /// Forgets all values from `size` on. size <= size().
  void truncate(size_t size) { size_ = size; }

  /// Forgets all values and gives the room back.
  void reset() {
    std::free(std::exchange(data_, nullptr));
    size_ = 0;
    capacity_ = 0;
  }

  /// Hands the values out and starts empty, with room for as many.
  Buffer release() {
    const size_t size = size_;
    T* data = std::exchange(data_, nullptr);
    size_ = 0;
    capacity_ = 0;
    if (size == 0) {
      std::free(data);
      alignas(16) static constexpr uint8_t kNothing[16] = {};  // Arrow wants an address, even of nothing
      return Buffer(nullptr, kNothing, 0);
    }
    grow(size + size / 8);
    return Buffer(std::shared_ptr<const void>(data, [](const void* p) { std::free(const_cast<void*>(p)); }),
                  reinterpret_cast<const uint8_t*>(data), size * sizeof(T));
  }

 private:
  [[gnu::noinline]] void grow(size_t count) {
    const size_t capacity = std::max({capacity_ * 2, size_ + count, size_t{16}});
    auto* data = static_cast<T*>(std::realloc(static_cast<void*>(data_), capacity * sizeof(T)));
    if (data == nullptr) throw std::bad_alloc();  // as a vector does
    data_ = data;
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace weir

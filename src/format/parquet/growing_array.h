/// \file
/// Buffers of pages: filled, emptied and filled again.
#pragma once

#include <algorithm>
#include <cstddef>

#include "columnar/plain_array.h"

namespace weir::parquet {

/// A PlainArray that can be read where it is const, and that knows how much memory it has come to hold. One thread.
template <typename T>
class GrowingArray : public PlainArray<T> {
 public:
  using PlainArray<T>::data;
  using PlainArray<T>::operator[];
  const T* data() const { return const_cast<GrowingArray*>(this)->PlainArray<T>::data(); }
  const T& operator[](size_t i) const { return data()[i]; }

  /// At least as many values as ever were in it.
  size_t capacity() const { return std::max(most_, this->size()); }
  void truncate(size_t size) {
    most_ = capacity();
    PlainArray<T>::truncate(size);
  }

 private:
  size_t most_ = 0;
};

}  // namespace weir::parquet

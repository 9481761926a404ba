/// \file
/// Buffers of pages: filled, emptied and filled again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "columnar/plain_array.h"

namespace weir::parquet {

/// A PlainArray that can be read where it is const, and that knows its memory. One thread.
template <typename T>
class GrowingArray : public PlainArray<T> {
 public:
  using PlainArray<T>::data;
  using PlainArray<T>::operator[];
  const T* data() const { return const_cast<GrowingArray*>(this)->PlainArray<T>::data(); }
  const T& operator[](size_t i) const { return data()[i]; }

  int64_t memory_bytes() const { return static_cast<int64_t>(this->capacity() * sizeof(T)); }
};

}  // namespace weir::parquet

/// \file
/// The port that files are read through.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace weir::parquet {

/// A file to read from. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual int64_t size() const = 0;
  /// Fills `out` with the bytes from `offset` on, all of which lie in the file.
  virtual Result<void> read(int64_t offset, std::span<uint8_t> out) = 0;
};

}  // namespace weir::parquet

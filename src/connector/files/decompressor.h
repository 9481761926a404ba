/// \file
/// Streams of compressed bytes to plain bytes, in bounded memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::connector {

enum class Compression { none, gzip, zstd };

/// By the end of the file's name, ".gz" or ".zst"; else by its first bytes, `head`, which no text begins with.
Compression compression_of(std::string_view file_name, std::string_view head);

/// Pull parser: feed() bytes, call next() until it yields nothing, feed more. Several gzip members or zstd frames after
/// each other are one stream. One thread.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  /// `bytes` must stay as they are until next() has yielded an empty view.
  virtual void feed(std::string_view bytes) = 0;
  /// The next piece of plain bytes, valid until the next call; empty when more input is needed. Errors: corrupt.
  virtual Result<std::string_view> next() = 0;
  /// Checks that the stream did not end in the middle of a member. Errors: corrupt.
  virtual Result<void> finish() = 0;
};

std::unique_ptr<Decompressor> make_decompressor(Compression compression);

}  // namespace weir::connector

/// \file
/// Compressed bytes for tests.
#pragma once

#include <string>
#include <string_view>

#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

namespace weir::connector {

/// One gzip member.
inline std::string gzip(std::string_view plain) {
  z_stream stream{};
  WEIR_CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  WEIR_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// One zstd frame.
inline std::string zstd(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 1);
  WEIR_CHECK(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

}  // namespace weir::connector

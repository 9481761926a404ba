#include <algorithm>
#include <limits>

#include <zlib.h>

#include "avro/deflate_internal.h"

namespace weir::avro {
namespace {

constexpr int kRawDeflate = -15;      // window bits; negative means no zlib header
constexpr int kMemoryLevel = 8;       // zlib's default
constexpr int kCompressionLevel = 3;  // manifests are rewritten often and compress well at any level
constexpr uInt kTrailerMax = 4;       // Python's avro libraries leave a part of zlib's checksum behind the data
constexpr size_t kSliceMax = std::numeric_limits<uInt>::max() / 2;

}  // namespace

void deflate_append(std::string_view bytes, std::string& out) {
  WEIR_CHECK(bytes.size() <= kSliceMax);
  z_stream stream{};
  WEIR_CHECK(deflateInit2(&stream, kCompressionLevel, Z_DEFLATED, kRawDeflate, kMemoryLevel, Z_DEFAULT_STRATEGY) ==
             Z_OK);
  const size_t start = out.size();
  const size_t bound = deflateBound(&stream, bytes.size());
  out.resize(start + bound);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
  stream.avail_out = static_cast<uInt>(bound);
  const int outcome = ::deflate(&stream, Z_FINISH);
  WEIR_CHECK(outcome == Z_STREAM_END);
  out.resize(start + stream.total_out);
  deflateEnd(&stream);
}

Result<void> inflate_into(std::string_view bytes, size_t size_max, std::string& out) {
  if (bytes.size() > kSliceMax)
    return Error(ErrorKind::limit_exceeded, "a compressed block of " + std::to_string(bytes.size()) + " bytes");
  z_stream stream{};
  if (inflateInit2(&stream, kRawDeflate) != Z_OK)
    return Error(ErrorKind::resource_exhausted, "no memory to decompress");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  size_t used = 0;
  int outcome = Z_OK;
  out.resize(std::min(size_max, std::max<size_t>(4096, bytes.size() * 4)));
  while (outcome == Z_OK) {
    if (used == out.size()) {
      if (used >= size_max) break;
      out.resize(std::min(size_max, used * 2));
    }
    const size_t room = std::min(out.size() - used, kSliceMax);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(room);
    outcome = ::inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
  }
  const bool all_read = stream.avail_in <= kTrailerMax;
  inflateEnd(&stream);
  if (outcome == Z_OK)
    return Error(ErrorKind::limit_exceeded,
                 "a block grows beyond " + std::to_string(size_max) + " bytes when decompressed");
  if (outcome != Z_STREAM_END || !all_read) return Error(ErrorKind::corrupt, "the deflate data of a block is damaged");
  out.resize(used);
  return {};
}

}  // namespace weir::avro

#include "format/parquet/encoding/compression.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <zlib.h>
#define ZSTD_STATIC_LINKING_ONLY  // ZSTD_c_literalCompressionMode
#include <zstd.h>

#include "base/bytes.h"

namespace weir::parquet {
namespace {

constexpr size_t kTrialBytes = size_t{64} * 1024;
constexpr size_t kTrialBytesMin = size_t{32} * 1024;  // smaller pages are not worth trying
/// Efforts below level 1, fastest first, and how much larger than the best a result may be, in thousandths. On ids and
/// numbers they take 0.4, 0.55 and 0.75 of level 1's time. The first two pass over the lengths that stand in front of
/// texts: repeats of 4 bytes that gain little and cost much.
struct FastEffort {
  ZstdEffort effort;
  size_t permille;
};
constexpr FastEffort kFastEfforts[] = {{{-60, 7}, 1070}, {{-7, 7}, 1050}, {{-3, 0}, 1020}};

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_DCtx* decompression_context() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  WEIR_CHECK_MSG(context != nullptr, "out of memory");
  return context.get();
}

ZSTD_CCtx* compression_context() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context = [] {
    std::unique_ptr<ZSTD_CCtx, FreeContext> made(ZSTD_createCCtx());
    WEIR_CHECK_MSG(made != nullptr, "out of memory");
    // Not of zstd's stable interface: a version that does not know it compresses less at negative levels, and as well.
    ZSTD_CCtx_setParameter(made.get(), ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
    return made;
  }();
  return context.get();
}

Error corrupt_page() {
  return Error(ErrorKind::corrupt, "Parquet: a page cannot be decompressed");
}

/// Snappy's raw format (google/snappy, format_description.txt): literals, and copies of what came before.
bool inflate_snappy(std::span<const uint8_t> in, std::span<uint8_t> out) {
  ByteReader bytes({reinterpret_cast<const char*>(in.data()), in.size()});
  if (bytes.varint() != out.size()) return false;
  size_t at = 0;
  while (bytes.remaining() > 0) {
    const auto tag = bytes.fixed<uint8_t>();
    size_t length = tag >> 2;
    size_t distance = 0;
    switch (tag & 3) {
      case 0: {
        if (length >= 60) {
          const std::string_view more = bytes.take(length - 59);
          length = 0;
          for (size_t i = 0; i < more.size(); ++i) length |= size_t{static_cast<uint8_t>(more[i])} << (8 * i);
        }
        const std::string_view literal = bytes.take(++length);
        if (bytes.failed() || length > out.size() - at) return false;
        std::memcpy(out.data() + at, literal.data(), length);
        at += length;
        continue;
      }
      case 1:
        length = (length & 7) + 4;
        distance = size_t{tag} >> 5 << 8 | bytes.fixed<uint8_t>();
        break;
      case 2:
        length += 1;
        distance = bytes.fixed<uint16_t>();
        break;
      default: length += 1; distance = bytes.fixed<uint32_t>();
    }
    if (bytes.failed() || distance == 0 || distance > at || length > out.size() - at) return false;
    for (; length > 0; --length, ++at) out[at] = out[at - distance];  // may overlap, byte by byte
  }
  return at == out.size();
}

bool inflate_gzip(std::span<const uint8_t> in, std::span<uint8_t> out) {
  z_stream stream{};
  constexpr int kGzipOrZlib = 15 + 32;
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK) return false;
  stream.next_in = const_cast<uint8_t*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return code == Z_STREAM_END && stream.avail_out == 0;
}

}  // namespace

Result<void> decompress(Codec codec, std::span<const uint8_t> bytes, std::span<uint8_t> out) {
  switch (codec) {
    case Codec::zstd: {
      const size_t size =
          ZSTD_decompressDCtx(decompression_context(), out.data(), out.size(), bytes.data(), bytes.size());
      if (size != out.size()) return corrupt_page();
      return {};
    }
    case Codec::snappy: return inflate_snappy(bytes, out) ? Result<void>() : corrupt_page();
    case Codec::gzip: return inflate_gzip(bytes, out) ? Result<void>() : corrupt_page();
    default: return Error(ErrorKind::unsupported, "Parquet: a compression codec that Weir does not read");
  }
}

size_t append_zstd(std::span<const uint8_t> bytes, ZstdEffort effort, Bytes& out) {
  ZSTD_CCtx* context = compression_context();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, effort.level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_minMatch, effort.repeat_bytes_min);
  const size_t room = ZSTD_compressBound(bytes.size());
  const size_t size = ZSTD_compress2(context, out.reserve_back(room), room, bytes.data(), bytes.size());
  WEIR_CHECK_MSG(ZSTD_isError(size) == 0, ZSTD_getErrorName(size));
  out.advance(size);
  return size;
}

double compressed_share(std::span<const uint8_t> sample) {
  if (sample.empty()) return 1;
  const std::span<const uint8_t> trial = sample.first(std::min(sample.size(), kTrialBytes));
  Bytes scratch;
  return std::min(1.0, static_cast<double>(append_zstd(trial, {-3, 0}, scratch)) / static_cast<double>(trial.size()));
}

std::optional<ZstdEffort> choose_zstd_effort(std::span<const uint8_t> sample, int level, int gain_percent) {
  const std::span<const uint8_t> trial = sample.first(std::min(sample.size(), kTrialBytes));
  Bytes scratch;
  const auto size_at = [&](ZstdEffort effort) {
    scratch.truncate(0);
    return append_zstd(trial, effort, scratch);
  };
  size_t best = size_at({level});
  const bool is_tried = level == 1 && trial.size() >= kTrialBytesMin;
  size_t sizes[std::size(kFastEfforts)];
  for (size_t i = 0; is_tried && i < std::size(kFastEfforts); ++i) {
    sizes[i] = size_at(kFastEfforts[i].effort);
    best = std::min(best, sizes[i]);
  }
  if (best * 100 > trial.size() * static_cast<size_t>(100 - gain_percent)) return std::nullopt;
  for (size_t i = 0; is_tried && i < std::size(kFastEfforts); ++i) {
    if (sizes[i] * 1000 <= best * kFastEfforts[i].permille) return kFastEfforts[i].effort;
  }
  return ZstdEffort{level};
}

}  // namespace weir::parquet

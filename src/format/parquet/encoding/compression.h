/// \file
/// Compression of pages.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "format/parquet/encoding/hybrid.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// How hard zstd looks for repeats.
struct ZstdEffort {
  int level = 1;
  int repeat_bytes_min = 0;  ///< shorter repeats are passed over; 0: as the level says
};

/// Appends `bytes` compressed by zstd to `out` and returns how many bytes that took. Negative levels look less for
/// repeats, yet still shorten letters that are frequent, which zstd's own negative levels do not. Working memory is
/// kept and shared by all files of the thread.
size_t append_zstd(std::span<const uint8_t> bytes, ZstdEffort effort, Bytes& out);

/// What a column chunk is compressed with, found by trying on `sample`: the fastest effort whose result is nearly as
/// small as the best, and the more it saves the less near; `level` itself above level 1. None when even the best gains
/// less than `gain_percent`: then compressing is time wasted.
std::optional<ZstdEffort> choose_zstd_effort(std::span<const uint8_t> sample, int level, int gain_percent);

/// What compressing leaves of bytes like `sample`, of which a part is tried: above 0, at most 1.
double compressed_share(std::span<const uint8_t> sample);

/// Fills `out`, whose size the page's header tells, from bytes it does not trust. Codecs: zstd, snappy, gzip. Errors:
/// corrupt; unsupported for other codecs.
Result<void> decompress(Codec codec, std::span<const uint8_t> bytes, std::span<uint8_t> out);

}  // namespace weir::parquet

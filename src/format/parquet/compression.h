/// \file
/// Compression of pages.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "format/parquet/hybrid.h"
#include "format/parquet/metadata.h"

namespace weir::parquet {

/// Appends `bytes` compressed by zstd at `level` to `out` and returns how many bytes that took. Negative levels look
/// less for repeats, yet still shorten letters that are frequent, which zstd's own negative levels do not. Working
/// memory is kept and shared by all files of the thread.
size_t append_zstd(std::span<const uint8_t> bytes, int level, Bytes& out);

/// The level that a column chunk is compressed with, found by trying on `sample`: the fastest whose result is about as
/// small as that of `level`. None when that gains less than `gain_percent`: then compressing is time wasted.
std::optional<int> choose_zstd_level(std::span<const uint8_t> sample, int level, int gain_percent);

/// Fills `out`, whose size the page's header tells, from bytes it does not trust. Codecs: zstd, snappy, gzip. Errors:
/// corrupt; unsupported for other codecs.
Result<void> decompress(Codec codec, std::span<const uint8_t> bytes, std::span<uint8_t> out);

}  // namespace weir::parquet

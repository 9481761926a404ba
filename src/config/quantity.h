/// \file
/// Durations and byte sizes as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::config {

using Duration = std::chrono::milliseconds;

struct ByteSize {
  int64_t bytes = 0;

  friend auto operator<=>(const ByteSize&, const ByteSize&) = default;
};

inline constexpr std::string_view kDurationPattern = "^[0-9]+(ms|s|m|h|d)$";
inline constexpr std::string_view kByteSizePattern = "^[0-9]+(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$";

/// "250ms", "10s", "5m", "24h", "7d": a whole number and a unit. Errors: invalid_argument, also when it does not fit
/// into 64 bits.
Result<Duration> parse_duration(std::string_view text);
/// "512B", "256MB" (10^6), "64MiB" (2^20): a whole number and a unit. Errors as above.
Result<ByteSize> parse_byte_size(std::string_view text);

/// The shortest text that parse_...() reads as the same value.
std::string format_duration(Duration duration);
std::string format_byte_size(ByteSize size);

}  // namespace weir::config

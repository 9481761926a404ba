/// \file
/// RFC 3339 times at the speed of the decoder's hot path.
#pragma once

#include <cstdint>

namespace weir::codec {

/// The last instant of the year 9999 in microseconds since 1970: what an epoch number may say at most.
inline constexpr uint64_t kEpochMicrosMax = 253'402'300'799'999'999ULL;

/// Remembers the last date: times that follow one another mostly have the same.
class DateMemory {
 public:
  /// Reads "2017-11-16T22:31:08.123456" and, when `with_zone`, the 'Z' after it, at `p`; 40 bytes must be readable
  /// there. Returns where it ends. Null when it is anything else, such as another offset, which may still be right:
  /// base/civil_time.h has the last word.
  const char* scan_datetime(const char* p, bool with_zone, int64_t& micros);

 private:
  bool read_date(const char* p, int32_t& days);

  uint64_t head_ = 0;  ///< "2017-11-"
  uint16_t tail_ = 0;  ///< "16"
  int32_t days_ = 0;
};

}  // namespace weir::codec

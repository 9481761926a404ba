#include <cstring>
#include <string_view>

#include "base/civil_time.h"
#include "codec/json/json_scan_internal.h"
#include "codec/text/date_memory_internal.h"

namespace weir::codec {
namespace {

constexpr uint32_t kFractionDigitsMax = 6;

/// "22:31:08" at `p` to seconds; false when it is not that.
bool read_clock(const char* p, int64_t& seconds) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, p, 8);
  bytes ^= 0x30303a30303a3030ULL;  // digits become 0 to 9, colons 0
  const uint64_t others = (bytes | (bytes + 0x76767f76767f7676ULL)) & 0x8080808080808080ULL;
  if (others != 0) return false;
  const uint64_t pairs = bytes * 10 + (bytes >> 8);
  const auto hour = static_cast<int64_t>(pairs & 0xff);
  const auto minute = static_cast<int64_t>(pairs >> 24 & 0xff);
  const auto second = static_cast<int64_t>(pairs >> 48 & 0xff);
  seconds = (hour * 60 + minute) * 60 + second;
  return hour <= 23 && minute <= 59 && second <= 59;
}

}  // namespace

bool DateMemory::read_date(const char* p, int32_t& days) {
  uint64_t head = 0;
  uint16_t tail = 0;
  std::memcpy(&head, p, 8);
  std::memcpy(&tail, p + 8, 2);
  if (head != head_ || tail != tail_) {
    if (parse_date(std::string_view(p, 10), days_) != TimeParse::ok) {
      head_ = 0;
      return false;
    }
    head_ = head;
    tail_ = tail;
  }
  days = days_;
  return true;
}

const char* DateMemory::scan_datetime(const char* p, bool with_zone, int64_t& micros) {
  int32_t days = 0;
  int64_t seconds = 0;
  if (!read_date(p, days) || p[10] != 'T' || !read_clock(p + 11, seconds)) return nullptr;
  p += 19;
  micros = days * kMicrosPerDay + seconds * kMicrosPerSecond;
  if (*p == '.') {
    const Digits fraction = take_digits(p + 1);
    if (fraction.count == 0 || fraction.count > kFractionDigitsMax) return nullptr;
    micros += static_cast<int64_t>(fraction.value * kPowersOfTen[kFractionDigitsMax - fraction.count]);
    p += 1 + fraction.count;
  }
  if (!with_zone) return p;
  return *p == 'Z' ? p + 1 : nullptr;
}

}  // namespace weir::codec

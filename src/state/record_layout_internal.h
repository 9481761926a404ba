/// \file
/// What stands where in a record of a keyed table.
///
///   u32 size | live bit, u32 key size, [i64 expires at], [i64 window], [u32 payload size, u32 0], value, key, payload
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "state/frozen_table.h"
#include "state/table_spec.h"

namespace weir::state {

struct RecordLayout {
  uint32_t expires_at = 0;  ///< offsets; 0: the table has no such part
  uint32_t window_at = 0;
  uint32_t payload_size_at = 0;
  uint32_t value_at = 0;
  uint32_t key_at = 0;
  uint32_t value_bytes = 0;

  explicit RecordLayout(const StateTableSpec& spec) : value_bytes(spec.value_bytes) {
    uint32_t at = 8;
    if (spec.expires) expires_at = std::exchange(at, at + 8);
    if (spec.is_windowed) window_at = std::exchange(at, at + 8);
    if (spec.has_payload) payload_size_at = std::exchange(at, at + 8);
    value_at = at;
    key_at = at + spec.value_bytes;
  }

  uint32_t size_for(size_t key_bytes, size_t payload_bytes) const {
    return static_cast<uint32_t>((key_at + key_bytes + payload_bytes + 7) & ~size_t{7});
  }

  template <typename T>
  static T load(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
  }
  template <typename T>
  static void store(char* at, T value) {
    std::memcpy(at, &value, sizeof(T));
  }

  std::string_view key(const char* record) const { return {record + key_at, load<uint32_t>(record + 4)}; }
  int64_t window(const char* record) const { return window_at == 0 ? 0 : load<int64_t>(record + window_at); }
  int64_t expiry(const char* record) const { return expires_at == 0 ? kNever : load<int64_t>(record + expires_at); }
  std::string_view payload(const char* record) const {
    if (payload_size_at == 0) return {};
    return {record + key_at + load<uint32_t>(record + 4), load<uint32_t>(record + payload_size_at)};
  }
  EntryView view(const char* record) const {
    return {.key = key(record),
            .window = window(record),
            .expires_at_us = expiry(record),
            .value = {record + value_at, value_bytes},
            .payload = payload(record)};
  }
};

}  // namespace weir::state

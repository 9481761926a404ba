#include "format/parquet/encoding/hybrid.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace weir::parquet {
namespace {

constexpr int64_t kGroup = 8;         // values of a packed group
constexpr int64_t kRunGroupsMin = 2;  // a run shorter than this many groups is dearer than its packed bits
constexpr int64_t kRunBytesMin = 4;   // of bits; a shorter run takes as many bytes as its bits

void put_varint(uint64_t value, Bytes& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<uint8_t>(value));
}

void append_run(uint64_t count, uint32_t value, int width, Bytes& out) {
  put_varint(count << 1, out);
  for (int bit = 0; bit < width; bit += 8) out.push_back(static_cast<uint8_t>(value >> bit));
}

/// Packs groups of 8 values of `Width` bits: `Width` bytes each. The width being a constant, all shifts are.
template <typename T, int Width>
void pack_groups(const T* values, int64_t groups, uint8_t* out) {
  for (int64_t g = 0; g < groups; ++g, values += kGroup) {
    uint64_t bits = 0;
    int count = 0;
#pragma GCC unroll 8
    for (int i = 0; i < kGroup; ++i) {
      bits |= static_cast<uint64_t>(values[i]) << count;
      count += Width;
      if (count >= 32) {
        const auto word = static_cast<uint32_t>(bits);
        std::memcpy(out, &word, sizeof word);
        out += sizeof word;
        bits >>= 32;
        count -= 32;
      }
    }
    std::memcpy(out, &bits, static_cast<size_t>(count / 8));
    out += count / 8;
  }
}

template <typename T>
using PackGroups = void (*)(const T* values, int64_t groups, uint8_t* out);

template <typename T, int... Widths>
constexpr std::array<PackGroups<T>, sizeof...(Widths)> packers(std::integer_sequence<int, Widths...>) {
  return {&pack_groups<T, Widths>...};
}

template <typename T>
constexpr auto kPackers = packers<T>(std::make_integer_sequence<int, 33>());

template <typename T>
bool is_constant_group(const T* values) {
  const T first = values[0];
  unsigned difference = 0;
  for (int i = 1; i < kGroup; ++i) difference |= static_cast<unsigned>(values[i] ^ first);
  return difference == 0;
}

template <typename T>
void append_packed(const T* values, int64_t groups, int width, Bytes& out) {
  put_varint(static_cast<uint64_t>(groups) << 1 | 1, out);
  const auto size = static_cast<size_t>(groups * width);
  kPackers<T>[static_cast<size_t>(width)](values, groups, out.reserve_back(size));
  out.advance(size);
}

template <typename T>
void encode_values(std::span<const T> values, int width, Bytes& out) {
  const auto count = static_cast<int64_t>(values.size());
  const T* const data = values.data();
  if (width == 0) {
    if (count > 0) append_run(static_cast<uint64_t>(count), 0, 0, out);
    return;
  }
  int64_t packed_from = 0;  // values from here on up to `at` wait to be packed
  int64_t at = 0;
  while (at + kGroup <= count) {
    if (!is_constant_group(data + at)) {
      at += kGroup;
      continue;
    }
    int64_t end = at + kGroup;
    while (end < count && data[end] == data[at]) ++end;
    if (end - at < kRunGroupsMin * kGroup && end != count) {
      at += kGroup;
      continue;
    }
    if (at > packed_from) append_packed(data + packed_from, (at - packed_from) / kGroup, width, out);
    append_run(static_cast<uint64_t>(end - at), static_cast<uint32_t>(data[at]), width, out);
    at = packed_from = end;
  }
  if (at > packed_from) append_packed(data + packed_from, (at - packed_from) / kGroup, width, out);
  if (at < count) {  // the last group is filled up with zeros
    T last[kGroup] = {};
    std::memcpy(last, data + at, static_cast<size_t>(count - at) * sizeof(T));
    append_packed(last, 1, width, out);
  }
}

}  // namespace

int bit_width(uint64_t value) {
  return 64 - std::countl_zero(value);
}

void encode_hybrid(std::span<const uint32_t> values, int width, Bytes& out) {
  encode_values(values, width, out);
}

void encode_hybrid(std::span<const uint8_t> values, int width, Bytes& out) {
  encode_values(values, width, out);
}

void encode_constant(uint64_t count, uint32_t value, int width, Bytes& out) {
  append_run(count, value, width, out);
}

void encode_hybrid_bits(const uint8_t* bits, int64_t count, Bytes& out) {
  const int64_t whole = count / kGroup;  // bytes, which are packed groups as they are
  int64_t packed_from = 0;
  const auto flush = [&](int64_t end) {
    if (end == packed_from) return;
    put_varint(static_cast<uint64_t>(end - packed_from) << 1 | 1, out);
    out.append(bits + packed_from, static_cast<size_t>(end - packed_from));
  };
  for (int64_t at = 0; at < whole;) {
    const uint8_t byte = bits[at];
    int64_t end = at + 1;
    while (end < whole && bits[end] == byte) ++end;
    if ((byte == 0 || byte == 0xff) && end - at >= kRunBytesMin) {
      flush(at);
      append_run(static_cast<uint64_t>((end - at) * kGroup), byte & 1, 1, out);
      packed_from = end;
    }
    at = end;
  }
  flush(whole);
  if (whole * kGroup < count) {
    put_varint(1 << 1 | 1, out);
    out.push_back(static_cast<uint8_t>(bits[whole] & ((1U << (count - whole * kGroup)) - 1)));
  }
}

bool HybridDecoder::next_run() {
  uint64_t head = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (rest_.empty() || shift > 35) return false;
    const uint8_t byte = rest_[0];
    rest_ = rest_.subspan(1);
    head |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  is_packed_ = (head & 1) != 0;
  const auto count = static_cast<int64_t>(head >> 1);
  if (is_packed_) {
    if (count == 0) return false;
    // Some writers leave out the end of the last group.
    const auto wanted = static_cast<uint64_t>(count) * static_cast<uint64_t>(width_);
    const size_t bytes = wanted < rest_.size() ? static_cast<size_t>(wanted) : rest_.size();
    packed_ = rest_.first(bytes);
    rest_ = rest_.subspan(bytes);
    packed_at_ = 0;
    run_left_ = width_ == 0 ? count * kGroup : static_cast<int64_t>(bytes) * 8 / width_;
    return run_left_ > 0;
  }
  const auto bytes = static_cast<size_t>((width_ + 7) / 8);
  if (count == 0 || rest_.size() < bytes) return false;
  run_value_ = 0;
  std::memcpy(&run_value_, rest_.data(), bytes);
  if (width_ < 32 && (run_value_ >> width_) != 0) return false;
  rest_ = rest_.subspan(bytes);
  run_left_ = count;
  return true;
}

bool HybridDecoder::read(uint32_t* values, int64_t count) {
  while (count > 0) {
    if (run_left_ == 0 && !next_run()) return false;
    const int64_t take = count < run_left_ ? count : run_left_;
    if (!is_packed_ || width_ == 0) {
      const uint32_t value = is_packed_ ? 0 : run_value_;
      for (int64_t i = 0; i < take; ++i) values[i] = value;
    } else {
      const uint64_t mask = (uint64_t{1} << width_) - 1;
      for (int64_t i = 0; i < take; ++i) {
        const auto bit = static_cast<size_t>((packed_at_ + i) * width_);
        uint64_t word = 0;
        const size_t byte = bit / 8;
        const size_t left = packed_.size() - byte;
        std::memcpy(&word, packed_.data() + byte, left < 8 ? left : 8);
        values[i] = static_cast<uint32_t>(word >> (bit & 7) & mask);
      }
      packed_at_ += take;
    }
    values += take;
    count -= take;
    run_left_ -= take;
  }
  return true;
}

}  // namespace weir::parquet

#include "format/parquet/encoding/delta_binary.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "base/bytes.h"
#include "base/decimal.h"

namespace weir::parquet {
namespace {

constexpr size_t kBlockValues = 128;
constexpr size_t kMiniblocks = 4;
constexpr size_t kMiniblockValues = kBlockValues / kMiniblocks;
// What a reader accepts: as other writers use, and more.
constexpr uint64_t kBlockValuesMax = 65'536;
constexpr uint64_t kMiniblocksMax = 512;

void append_varint(uint64_t value, Bytes& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<uint8_t>(value));
}

void append_zigzag(int64_t value, Bytes& out) {
  append_varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63), out);
}

/// Packs a miniblock: 32 values of `width` bits are 4 x `width` bytes.
template <typename U>
void append_packed(const U* values, int width, Bytes& out) {
  const auto size = static_cast<size_t>(width) * kMiniblockValues / 8;
  uint8_t* to = out.reserve_back(size + sizeof(uint64_t));
  UInt128 bits = 0;
  int count = 0;
  for (size_t i = 0; i < kMiniblockValues; ++i) {
    bits |= static_cast<UInt128>(values[i]) << count;
    count += width;
    if (count >= 64) {
      const auto word = static_cast<uint64_t>(bits);
      std::memcpy(to, &word, sizeof word);
      to += sizeof word;
      bits >>= 64;
      count -= 64;
    }
  }
  const auto word = static_cast<uint64_t>(bits);
  std::memcpy(to, &word, sizeof word);
  out.advance(size);
}

template <typename T>
void encode(std::span<const T> values, Bytes& out) {
  using U = std::make_unsigned_t<T>;
  append_varint(kBlockValues, out);
  append_varint(kMiniblocks, out);
  append_varint(values.size(), out);
  append_zigzag(values.empty() ? 0 : values[0], out);
  for (size_t at = 1; at < values.size(); at += kBlockValues) {
    const size_t count = std::min(kBlockValues, values.size() - at);
    U deltas[kBlockValues] = {};
    T least = 0;
    for (size_t i = 0; i < count; ++i) {
      deltas[i] = static_cast<U>(values[at + i]) - static_cast<U>(values[at + i - 1]);  // wraps, as readers' sums do
      const T delta = static_cast<T>(deltas[i]);
      least = i == 0 || delta < least ? delta : least;
    }
    append_zigzag(least, out);
    U all[kMiniblocks] = {};
    for (size_t i = 0; i < count; ++i) {
      deltas[i] -= static_cast<U>(least);
      all[i / kMiniblockValues] |= deltas[i];
    }
    for (const U bits : all) out.push_back(static_cast<uint8_t>(bit_width(bits)));
    for (size_t m = 0; m * kMiniblockValues < count; ++m)
      append_packed(deltas + m * kMiniblockValues, bit_width(all[m]), out);
  }
}

template <typename T>
bool unpack(std::string_view packed, int width, T least, T& previous, std::span<T> values) {
  using U = std::make_unsigned_t<T>;
  const UInt128 mask = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t bit = i * static_cast<size_t>(width);
    const size_t byte = bit / 8;
    if (byte + (bit % 8 + static_cast<size_t>(width) + 7) / 8 > packed.size()) return false;
    UInt128 word = 0;
    std::memcpy(&word, packed.data() + byte, std::min<size_t>(packed.size() - byte, sizeof word));
    const auto delta = static_cast<U>(static_cast<uint64_t>(word >> (bit % 8) & mask));
    previous = static_cast<T>(static_cast<U>(previous) + static_cast<U>(least) + delta);
    values[i] = previous;
  }
  return true;
}

template <typename T>
bool decode(std::span<const uint8_t> bytes, std::span<T> values, size_t& used) {
  ByteReader in({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const uint64_t block = in.varint();
  const uint64_t miniblocks = in.varint();
  const uint64_t total = in.varint();
  T previous = static_cast<T>(in.zigzag());
  if (in.failed() || block == 0 || block > kBlockValuesMax || block % 128 != 0 || miniblocks == 0 ||
      miniblocks > kMiniblocksMax || block % miniblocks != 0 || block / miniblocks % 32 != 0 || total != values.size())
    return false;
  const auto miniblock_values = static_cast<size_t>(block / miniblocks);
  size_t at = 0;
  if (!values.empty()) values[at++] = previous;
  while (at < values.size()) {
    const T least = static_cast<T>(in.zigzag());
    const std::string_view widths = in.take(miniblocks);
    if (in.failed()) return false;
    for (size_t m = 0; m < miniblocks && at < values.size(); ++m) {
      const int width = static_cast<uint8_t>(widths[m]);
      if (width > static_cast<int>(sizeof(T) * 8)) return false;
      const size_t size = static_cast<size_t>(width) * miniblock_values / 8;
      const size_t count = std::min(miniblock_values, values.size() - at);
      const std::string_view packed = in.take(std::min(size, in.remaining()));  // some writers cut the last one
      if (!unpack(packed, width, least, previous, values.subspan(at, count))) return false;
      at += count;
    }
  }
  used = bytes.size() - in.remaining();
  return !in.failed();
}

}  // namespace

void encode_delta(std::span<const int32_t> values, Bytes& out) {
  encode(values, out);
}
void encode_delta(std::span<const int64_t> values, Bytes& out) {
  encode(values, out);
}
bool decode_delta(std::span<const uint8_t> bytes, std::span<int32_t> values, size_t& used) {
  return decode(bytes, values, used);
}
bool decode_delta(std::span<const uint8_t> bytes, std::span<int64_t> values, size_t& used) {
  return decode(bytes, values, used);
}

}  // namespace weir::parquet

/// \file
/// A cursor over Avro's binary encoding, for untrusted bytes.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "avro/schema.h"
#include "base/bytes.h"

namespace weir::avro {

/// Reads from the front. Once a read breaks the format, failed() stays true, reads return zeros and blocks are empty,
/// so that a loop ends; check failed() after each record. Views live as long as the bytes.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in_(bytes) {}

  bool failed() const { return in_.failed(); }
  size_t remaining() const { return in_.remaining(); }

  bool boolean() {
    const auto byte = in_.fixed<uint8_t>();
    if (byte > 1) in_.fail();
    return byte == 1;
  }
  int32_t int32() {
    const int64_t value = in_.zigzag();
    if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
      in_.fail();
      return 0;
    }
    return static_cast<int32_t>(value);
  }
  int64_t int64() { return in_.zigzag(); }
  float float32() { return in_.fixed<float>(); }
  double float64() { return in_.fixed<double>(); }
  /// bytes and string.
  std::string_view bytes() {
    const int64_t size = in_.zigzag();
    return in_.take(size < 0 ? UINT64_MAX : static_cast<uint64_t>(size));
  }
  std::string_view fixed(int32_t size_bytes) { return in_.take(static_cast<uint64_t>(size_bytes)); }
  /// The branch of a union with `branches` branches.
  size_t branch(size_t branches) {
    const int64_t index = in_.zigzag();
    if (index < 0 || static_cast<uint64_t>(index) >= branches) {
      in_.fail();
      return 0;
    }
    return static_cast<size_t>(index);
  }
  /// Number of items in the next block of an array or map, 0 after the last. Never more than the bytes that are left,
  /// since an item takes at least one (parse_schema sees to it).
  size_t block();

  /// Passes over one value of `schema`.
  void skip(const Schema& schema);

  void fail() { in_.fail(); }

 private:
  ByteReader in_;
};

}  // namespace weir::avro

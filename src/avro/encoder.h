/// \file
/// Writes values in Avro's binary encoding, back to back: the caller follows its schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace weir::avro {

/// Appends to its own bytes. One thread.
class Encoder {
 public:
  void boolean(bool value) { out_.fixed<uint8_t>(value ? 1 : 0); }
  /// Avro's int and long are written alike.
  void integer(int64_t value) { out_.zigzag(value); }
  void float32(float value) { out_.fixed(value); }
  void float64(double value) { out_.fixed(value); }
  /// bytes and string: length, then the bytes.
  void bytes(std::string_view value) {
    out_.zigzag(static_cast<int64_t>(value.size()));
    out_.raw(value);
  }
  /// fixed: exactly the schema's size.
  void fixed(std::string_view value) { out_.raw(value); }
  /// The branch of a union, before its value.
  void branch(int64_t index) { out_.zigzag(index); }
  /// Starts the only block of an array or map of `count` items; then come the items, then end_block(). Nothing but
  /// end_block() when empty.
  void begin_block(size_t count) {
    if (count != 0) out_.zigzag(static_cast<int64_t>(count));
  }
  void end_block() { out_.zigzag(0); }

  size_t size_bytes() const { return out_.size(); }
  std::string_view view() const { return out_.view(); }
  std::string release() && { return std::move(out_).release(); }

 private:
  ByteWriter out_;
};

}  // namespace weir::avro

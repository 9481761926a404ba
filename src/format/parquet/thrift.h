/// \file
/// Thrift's compact protocol, as far as Parquet's metadata needs it (Thrift specification, "thrift-compact-protocol").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace weir::parquet {

/// Types as they stand in field and list headers.
enum class ThriftType : uint8_t {
  stop = 0,
  boolean_true = 1,  ///< also the element type of a list of booleans
  boolean_false = 2,
  int8 = 3,
  int16 = 4,
  int32 = 5,
  int64 = 6,
  float64 = 7,
  binary = 8,
  list = 9,
  set = 10,
  map = 11,
  structure = 12,
  uuid = 13,
};

/// Appends one struct after another. Fields of a struct are written in ascending order of their ids.
class ThriftWriter {
 public:
  void boolean(int16_t id, bool value) { header(id, value ? ThriftType::boolean_true : ThriftType::boolean_false); }
  void int8(int16_t id, int8_t value) {
    header(id, ThriftType::int8);
    out_.fixed(value);
  }
  void int16(int16_t id, int16_t value) {
    header(id, ThriftType::int16);
    out_.zigzag(value);
  }
  void int32(int16_t id, int32_t value) {
    header(id, ThriftType::int32);
    out_.zigzag(value);
  }
  void int64(int16_t id, int64_t value) {
    header(id, ThriftType::int64);
    out_.zigzag(value);
  }
  void binary(int16_t id, std::string_view value) {
    header(id, ThriftType::binary);
    out_.string(value);
  }
  /// Call end() after the fields.
  void begin(int16_t id) {
    header(id, ThriftType::structure);
    begin_element();
  }
  void end() {
    out_.fixed(uint8_t{0});
    last_id_ = outer_ids_.back();
    outer_ids_.pop_back();
  }
  /// `size` elements follow, by the element functions.
  void list(int16_t id, ThriftType element, size_t size);
  void element(int32_t value) { out_.zigzag(value); }
  void element(int64_t value) { out_.zigzag(value); }
  void element(bool value) { out_.fixed(static_cast<uint8_t>(value ? 1 : 2)); }
  void element(std::string_view value) { out_.string(value); }
  /// A struct without a field header: a list's element, or the outermost one. Call end() after its fields.
  void begin_element() {
    outer_ids_.push_back(last_id_);
    last_id_ = 0;
  }

  size_t size() const { return out_.size(); }
  std::string_view view() const { return out_.view(); }
  std::string release() && { return std::move(out_).release(); }

 private:
  void header(int16_t id, ThriftType type);

  ByteWriter out_;
  int16_t last_id_ = 0;
  std::vector<int16_t> outer_ids_;
};

/// Reads from bytes it does not trust: once something does not fit, failed() stays true, values are zeros and loops
/// end. What it allocates is bounded by the bytes it reads.
///
///   for (int16_t id; (id = in.next_field()) != 0;) switch (id) { case 1: x = in.int32(); break; default: in.skip(); }
class ThriftReader {
 public:
  explicit ThriftReader(std::string_view bytes) : in_(bytes) {}

  bool failed() const { return in_.failed(); }
  void fail() { in_.fail(); }
  size_t remaining() const { return in_.remaining(); }

  /// Enters a struct: the outermost one, a field or an element of a list. Its fields follow until next_field() is 0,
  /// which leaves it.
  void begin();
  /// The id of the next field of the struct, or 0 at its end. Its value must be read or skipped.
  int16_t next_field();
  /// Type of the field that next_field() came to.
  ThriftType type() const { return type_; }

  bool boolean();
  int32_t int32();
  int64_t int64();
  std::string_view binary();
  /// A list of `element`s: how many follow, never more than bytes are left.
  size_t list(ThriftType element);
  bool boolean_element() { return in_.fixed<uint8_t>() == 1; }
  int32_t int32_element() { return narrow(in_.zigzag()); }
  int64_t int64_element() { return in_.zigzag(); }
  std::string_view binary_element() { return in_.string(); }
  /// Passes over the field's value.
  void skip() { skip(type_, 0); }

 private:
  void skip(ThriftType type, int depth);
  bool expect(ThriftType type);
  int32_t narrow(int64_t value);

  ByteReader in_;
  ThriftType type_ = ThriftType::stop;
  int16_t last_id_ = 0;
  std::vector<int16_t> outer_ids_;
};

}  // namespace weir::parquet
